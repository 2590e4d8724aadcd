// SPDX-License-Identifier: MIT
//
// Keeps records of former days from the listener's core, and asks: an announcer whose clock was set
// back looks like one. What is signed well and lies below its key's floor, three times in a row,
// has its sender asked by a signed challenge. The answer is the key's fresh word: if it lies below
// the floor too, the floor comes down to it, and the announcer is heard again.
//
// Errors:  none; what is to be told comes as news.
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>

#include <timecast/listener/config.hpp>
#include <timecast/listener/events.hpp>
#include <timecast/listener/status.hpp>
#include <timecast/time/token_bucket.hpp>
#include <timecast/wire/announcement.hpp>

#include "listener/daemon/replay_floors.hpp"
#include "listener/daemon/signature_guard.hpp"

namespace timecast {

class FloorWatch {
 public:
  explicit FloorWatch(SignatureGuard& guard) noexcept : guard_{guard} {}

  void restart(const ListenerConfig& config) noexcept;
  [[nodiscard]] const ReplayFloors& floors() const noexcept { return floors_; }
  // For who keeps those of other keys, and who reads what was kept.
  [[nodiscard]] ReplayFloors& floors() noexcept { return floors_; }

  struct Verdict {
    bool keeps_out = false;  // the core shall not have it
    enum class News : std::uint8_t {
      none,
      played,    // old announcements are heard: by a key that is not asked, or denies them
      set_back,  // the key says that its clock goes earlier: it is heard again
    } news = News::none;
    PublicKey key{};
    std::optional<Effect> question = {};  // to be sent; its octets are here until the next call
  };
  // Before the core has it. `guard` knows of its arrival.
  [[nodiscard]] Verdict look(Octets octets, const Arrival& arrival);
  // The core has had it and says so of itself now, and who is trusted.
  void admitted(Octets octets, const Arrival& arrival, const ListenerStatus& after,
                const std::vector<PublicKey>& trusted);

  [[nodiscard]] std::uint64_t kept_out() const noexcept { return kept_out_; }

 private:
  [[nodiscard]] Verdict on_announcement(const Packet& packet, const Arrival& arrival);
  [[nodiscard]] Verdict on_reply(const Packet& packet, const Arrival& arrival);
  [[nodiscard]] std::optional<ReplayFloors::Word> word_of(const Packet& packet,
                                                          const Arrival& arrival) const;
  [[nodiscard]] Effect question_to(const Endpoint& to, const PublicKey& key, Timestamp<Boot> now);
  [[nodiscard]] Verdict::News played(Timestamp<Boot> now);

  SignatureGuard& guard_;
  ReplayFloors floors_;
  Entropy entropy_;
  Timestamp<Announced> pivot_;
  bool asks_ = true;
  std::uint32_t measured_ = 0;
  std::uint64_t kept_out_ = 0;

  PublicKey suspect_{};  // and how often in a row
  int in_a_row_ = 0;
  TokenBucket tells_;

  bool outstanding_ = false;
  PublicKey asked_{};
  Endpoint asked_at_;
  Timestamp<Boot> asked_when_;
  NtpTimestamp number_;  // what the reply must repeat
  Nonce nonce_{};
  QueryToken last_token_ = 0xFFFF'0000;  // the core counts from one
  std::array<std::uint8_t, kAnnouncementPacketOctets> buffer_{};
};

}  // namespace timecast
