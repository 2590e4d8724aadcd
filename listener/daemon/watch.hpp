// SPDX-License-Identifier: MIT
//
// The command `watch`, between where packets come from (the network: watch_daemon.hpp, a recording:
// replay.hpp) and the lines that are printed.
//
// Sans-I/O: packets, changes of what can be heard, and deadlines come in; lines go out.
//
// Bounded: announcements of those who are not followed, because their signature is bad or there are
// too many of them, are listed 64 at once and then one a second.
//
// Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "listener/daemon/watch_alarms.hpp"
#include "listener/daemon/watch_json.hpp"

namespace timecast {

class Watch {
 public:
  struct Format {
    bool json = false;
    bool hex = false;
  };
  using Print = std::function<void(std::string_view line)>;  // without its line feed

  Watch(const Format& format, const Verifier& verifier, Print print)
      : format_{format}, verifier_{verifier}, print_{std::move(print)} {}

  void on_packet(const HeardPacket& packet);
  void on_state(const StreamState& state, const Moment& now);  // printed as JSON alone
  void on_deadline(const Moment& now);
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept {
    return alarms_.next_deadline();
  }
  // Prints what was seen.
  void end(Timestamp<Realtime> now);

 private:
  void list(const HeardPacket& packet, const HeardAnnouncement& heard, std::uint64_t lost);
  void list_other(const HeardPacket& packet, const std::string& reason);
  void tell(const AlarmList& list);
  void print_rows(std::string_view rows);

  Format format_;
  Verifier verifier_;
  Print print_;
  WatchAlarms alarms_;
  TokenBucket strangers_;
  std::uint64_t announcements_ = 0;
  std::uint64_t alarms_told_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t untold_ = 0;
  std::uint64_t unlisted_ = 0;
};

}  // namespace timecast
