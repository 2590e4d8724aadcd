// SPDX-License-Identifier: MIT
//
// Asks the timecast-listener on this host, if there is one, whom it follows: where it keeps this
// host's clock, or feeds the daemon that does, that is whom this host follows. Nobody else knows,
// and time that goes in a circle is none. Nothing waits for the answer.
//
// Errors:  none: who does not answer keeps no clock.
// Threads: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/header.hpp>
#include <timecast/wire/signature.hpp>

#include "common/host/loop.hpp"

namespace timecast {

// By a listener of this host.
struct FollowedAnnouncer {
  Address address;
  std::optional<PublicKey> key;  // none if it signs nothing
  std::uint8_t stratum = 0;
  ReferenceId reference_id{};  // of its address
  bool feeds = false;          // a daemon that keeps the clock, if it likes; else it does so itself
  bool is_heard = true;        // at present; else its last word is held over
  friend bool operator==(const FollowedAnnouncer&, const FollowedAnnouncer&) = default;
};

// From what a listener answers to "status json". Nothing if it follows nobody, or keeps no clock.
[[nodiscard]] std::optional<FollowedAnnouncer> followed_by(std::string_view status);

class LocalListener {
 public:
  // `on_change`: it follows somebody else, or nobody.
  LocalListener(Loop& loop, std::function<void()> on_change)
      : loop_{loop}, on_change_{std::move(on_change)} {}
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;
  [[nodiscard]] Result<void> start(std::vector<std::string> places);

  [[nodiscard]] const std::optional<FollowedAnnouncer>& followed() const noexcept {
    return followed_;
  }

 private:
  void on_timer();
  void ask();
  void on_readable();
  void set(const std::optional<FollowedAnnouncer>& followed);

  Loop& loop_;
  std::function<void()> on_change_;
  std::vector<std::string> places_;
  std::optional<DeadlineTimer> timer_;
  std::optional<PollHandle> conversation_;  // until it has answered
  std::string answer_;
  std::optional<FollowedAnnouncer> followed_;
};

}  // namespace timecast
