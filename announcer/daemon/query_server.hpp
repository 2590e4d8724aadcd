// SPDX-License-Identifier: MIT
//
// Answers what is asked at the announcer's sockets: reads 32 requests at once (one by itself where
// they come alone), has the core write
// the replies, and sends eight at once with the transmit stamp read just before. What was read in
// a turn of the loop is answered in it, so that under overload requests are lost unread.
//
// Announcements go first: before each batch it looks whether one is due, and no more than eight
// signatures are made in a row. Challenges over that wait here until it is their turn; the core
// says when, and how many may.
//
// Nothing is allocated for plain requests. For a signature or a MAC, OpenSSL allocates a context
// and frees it.
//
// Threads: the loop's.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "announcer/core/announcer.hpp"
#include "announcer/daemon/announced_clock.hpp"
#include "common/host/loop.hpp"
#include "common/host/udp_socket.hpp"

namespace timecast {

class QueryServer {
 public:
  // Of the sockets that it serves.
  static constexpr std::size_t kReadAtOnce = 32;

  // What it needs of its daemon.
  struct Host {
    std::function<ClockState()> clock_state;  // as it is known, without waiting for anybody
    std::function<void()> announce;           // all that is due
    std::function<void()> on_wait;            // next_deadline() has come nearer
    std::function<void(const TransmitStamp&)> on_stamp;
  };
  QueryServer(Announcer& core, const AnnouncedClock& clock, Host host);

  // Where a request comes to.
  struct Door {
    UdpSocket& socket;
    Endpoint local;
    StreamId stream = kNoStream;  // the precise one beside it
    PollHandle* poll = nullptr;   // paused while it is busy; none: nobody watches it
  };
  // Reads and answers for one turn of the loop; whether anything was there.
  bool serve(const Door& door);
  // That socket is about to close.
  void forget(const UdpSocket& socket) noexcept;

  // When an announcement is due.
  void set_announcement(std::optional<Timestamp<Boot>> due) noexcept { announcement_ = due; }

  // When the first of the challenges that wait has its turn.
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;
  void on_deadline(Timestamp<Boot> now) noexcept;

 private:
  static constexpr int kBatchesATurn = 8;
  static constexpr std::size_t kRepliesAtOnce = UdpSocket::kMostAtOnce;
  static constexpr unsigned kAlone = 8;  // turns with one request each: more will follow

  struct Waiting {
    UdpSocket* by = nullptr;  // none: it was closed
    Endpoint to;
    Reply reply;
  };

  int read_batch(int most);
  void begin_batch();
  void observe() noexcept;
  void send_waiting(Timestamp<Boot> now) noexcept;
  void on_datagram(const Datagram& datagram) noexcept;
  void wait(const Reply& reply, const Endpoint& to) noexcept;
  void send_signed(UdpSocket& by, const Endpoint& to, Reply& reply) noexcept;
  void flush() noexcept;

  Announcer& core_;
  const AnnouncedClock& clock_;
  Host host_;
  std::function<void(const Datagram&)> sink_;
  std::optional<Timestamp<Boot>> announcement_;

  const Door* door_ = nullptr;  // of this turn
  const UdpSocket* last_ = nullptr;
  unsigned alone_ = 0;   // turns of that socket with one request, in a row
  AnnouncedMoment now_;  // at the begin of this batch
  std::array<Reply, kRepliesAtOnce> replies_;
  std::array<Outgoing, kRepliesAtOnce> outgoing_;
  std::size_t count_ = 0;

  std::array<Waiting, RateLimiter::kWaitingSignatures> waiting_;  // a ring
  std::size_t first_ = 0, waits_ = 0;
};

}  // namespace timecast
