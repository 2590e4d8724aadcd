// SPDX-License-Identifier: MIT
//
// Announces the time to groups and answers those who ask.
//
// Sans-I/O: owns no socket, timer, clock, heap or log. The host adds a stream for each destination
// it has a socket for, passes in what happened, and sends the packet that a call returns before it
// calls again. Time and the state of the clock enter as arguments.
//
// Units:   strong types. Stamps are on `Announced`, the clock that is announced: in the product
//          this host's CLOCK_REALTIME.
// Errors:  a request that is not answered is counted in status().rejected.
// Threads: one thread per instance.
// Builds:  freestanding: no heap, no exceptions.
// Source:  RFC 5905 sections 3, 7.3, 9.2; RFC 9769 section 4.
#pragma once

#include <array>
#include <optional>

#include <timecast/wire/announcement.hpp>

#include "announcer/core/answers.hpp"
#include "announcer/core/clock_state.hpp"
#include "announcer/core/config.hpp"
#include "announcer/core/lateness.hpp"
#include "announcer/core/stream.hpp"

namespace timecast {

// In the announcer's one packet buffer: send it before the next call.
struct Transmission {
  StreamId stream = 0;
  Octets octets;
  SendToken token = 0;
};

struct AnnouncerStatus {
  bool synchronised = false;
  Header header;                    // as announced last
  std::uint32_t announcements = 0;  // precise
  std::uint32_t plain = 0;
  std::uint32_t replies = 0;
  std::uint32_t signed_replies = 0;
  std::uint32_t interleaved_replies = 0;
  std::uint32_t authenticated_replies = 0;  // by a MAC, as the request was
  std::uint64_t sequence = 0;
  std::uint32_t askers = 0;  // hosts that ask, about, in the last half day to day
  Duration query_spread;     // as announced last
  Duration late;             // the last announcement: from when it was due until it was written
  Duration lateness;         // from reading the clock to the wire, median of announcements
  std::uint32_t stamps = 0;  // of announcements, that came back from the kernel
  RejectCounters rejected;
};

inline constexpr StreamId kNoStream = 0;

class Announcer {
 public:
  static constexpr std::size_t kMaxStreams = 256;  // of 50 interfaces, and some

  explicit Announcer(const AnnouncerConfig& config) noexcept;

  // Begins to announce to a destination; nothing if there are too many. `key`: of a plain stream's
  // MACs, 0 for none.
  [[nodiscard]] std::optional<StreamId> add_stream(StreamKind kind, Timestamp<Boot> now,
                                                   std::uint32_t key = 0) noexcept;
  void remove_stream(StreamId id) noexcept;
  // Goes on with this interval, island, stratum, rate limit and MAC keys; the rest stays. A
  // packet says so soon, and the streams know nothing of it otherwise.
  void change(const AnnouncerConfig& config, Timestamp<Boot> now) noexcept;
  // Who may ask, from now on.
  void set_access(const AccessList& access) noexcept { answers_.set_access(access); }

  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;
  // The packet that is due, if one is: at most one a call, so call until there is none.
  // `now` is read right before, `clock` too.
  [[nodiscard]] std::optional<Transmission> on_deadline(const AnnouncedMoment& now,
                                                        const ClockState& clock) noexcept;
  // When a packet left, by the kernel's stamp. Unknown and used tokens are ignored.
  void on_transmitted(SendToken token, Timestamp<Announced> at) noexcept;
  // A packet could not be sent: the next one of its stream tells nothing of it.
  void on_send_failed(SendToken token) noexcept;

  // The reply to a request, if it deserves one; never longer than the request.
  [[nodiscard]] std::optional<Transmission> on_query(const Query& query, const AnnouncedMoment& now,
                                                     const ClockState& clock) noexcept;

  // The same for who reads and sends many at once. All replies say one thing of the clock, which
  // must be looked at first whenever observation_is_due(): ten times a second, after a step, after
  // change().
  [[nodiscard]] bool observation_is_due(const AnnouncedMoment& now) const noexcept;
  void observe(const ClockState& clock, const AnnouncedMoment& now) noexcept;
  // Whether it is answered. REQUIRES: observe() was called before.
  [[nodiscard]] bool answer(const Query& query, const AnnouncedMoment& now, Reply& reply) noexcept;
  // Right before it leaves, and not before `reply.not_before`, with the clock just read. False if
  // it must not.
  [[nodiscard]] bool stamp(Reply& reply, Timestamp<Announced> now) noexcept;

  // Sequences below this value are used or may be; a restart must begin at or above it.
  [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
  [[nodiscard]] const AnnouncerStatus& status() const noexcept { return status_; }

 private:
  using Buffer = std::array<std::uint8_t, kAnnouncementPacketOctets + kSuccessorOctets>;

  // The one that is due and has been for longest, if any is.
  [[nodiscard]] Stream* due_stream(Timestamp<Boot> now) noexcept;
  // When a precise stream that announces now does so next.
  [[nodiscard]] Timestamp<Boot> next_precise(Timestamp<Boot> now) noexcept;
  [[nodiscard]] std::uint16_t unused_chain() const noexcept;
  [[nodiscard]] const Stream* find(StreamId id) const noexcept;
  [[nodiscard]] std::optional<Transmission> announce_precise(Stream& stream,
                                                             const AnnouncedMoment& now) noexcept;
  [[nodiscard]] std::optional<Transmission> announce_plain(Stream& stream,
                                                           const AnnouncedMoment& now) noexcept;
  // Notes that the buffer's packet goes out now.
  [[nodiscard]] Transmission sent(Stream& stream, const AnnouncedMoment& now,
                                  std::size_t octets) noexcept;
  [[nodiscard]] Announcement announcement_of(const Stream* stream) const noexcept;
  void write_header(const Header& header) noexcept;
  // Appends the MAC of this key to the header; returns how long the packet is, 0 if there is no
  // such key.
  [[nodiscard]] std::size_t with_mac(std::uint32_t key) noexcept;

  AnnouncerConfig config_;
  Duration phase_;             // of the grid, from the key: two announcers seldom coincide
  Timestamp<Boot> next_tick_;  // of all precise streams
  ReferenceTime reference_;
  std::array<Stream, kMaxStreams> streams_{};
  StreamId last_id_ = kNoStream;
  SendToken last_token_ = 0;
  std::uint64_t next_sequence_;

  [[nodiscard]] Lateness& lateness(StreamKind kind) noexcept {
    return kind == StreamKind::precise ? precise_lateness_ : plain_lateness_;
  }
  Lateness precise_lateness_, plain_lateness_;  // signing takes most of it
  std::optional<AnnouncedMoment> last_seen_;    // the clocks, for the next look to hold against
  bool changed_ = false;                        // since then, by change()
  Answers answers_;
  Reply reply_;  // of on_query()
  Buffer buffer_{};
  AnnouncerStatus status_;
};

}  // namespace timecast
