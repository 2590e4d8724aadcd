// SPDX-License-Identifier: MIT
//
// A listener in an application's own libuv loop: it finds the announcers of the LAN and says at
// every moment what time it is, how well that is known, and why.
//
//     const auto started = timecast::UvListener::start(loop, settings, callbacks);
//     if (!started.listener) return complain(started.error);
//     if (const auto time = started.listener->now()) use(time->utc, time->bound);
//
// It is a guest there. It opens sockets and timers of its own, and never runs, stops or closes the
// loop; it sets no clock, catches no signal, prints nothing and changes nothing of the process.
//
// Errors:  start() says in words why it cannot listen. Later none: what fails is told once when it
//          begins and once when it ends, and tried again. It throws nothing (but std::bad_alloc).
// Threads: the loop's, for start() and the destructor too.
// Builds:  Linux, with libuv and OpenSSL; this header needs neither.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/listener/config.hpp>
#include <timecast/listener/status.hpp>
#include <timecast/wire/groups.hpp>
#include <timecast/wire/mac.hpp>

struct uv_loop_s;  // libuv's uv_loop_t

namespace timecast {

struct UvListenerSettings {
  std::vector<std::string> interfaces;  // names or addresses; empty: all usual ones
  Address group4 = kPreciseGroup4;
  Address group6 = kNtpGroup6;
  std::uint16_t port = kPrecisePort;
  // Where senders that sign nothing are heard as well: groups and IPv4 broadcast addresses. Where a
  // key is named, its MAC is demanded: hear.push_back({to, {10}}) for key 10 of the file.
  std::vector<KeyedEndpoint> hear;
  std::optional<std::string> symmetric_keys_file;  // ntpd's or chrony's

  SignatureMode signatures = SignatureMode::first_use;
  std::vector<PublicKey> keys;                // trusted from the start, beside those of the file
  std::optional<std::string> keys_file;       // one base64 line each
  bool listen_only = false;                   // never ask: the delay stays an assumption
  std::optional<Duration> delay;              // one way, assumed until it is measured; 0 to 1 s
  Duration max_bound = Duration::seconds(1);  // beyond it there is no time; 1 us to 1 h
};

// What the listener has to say beside the time: which groups it hears, what fails and what to do.
enum class Weight : std::uint8_t { error, warning, info };

// Called in the loop, never from within start(), each if it is there. They may destroy the
// listener; they must not throw.
struct UvListenerCallbacks {
  std::function<void(const ListenerStatus&)> on_state;     // `state` or `reason` has changed
  std::function<void(const ListenerStatus&)> on_estimate;  // every second
  std::function<void(Weight, std::string_view)> on_message;
};

// The announcer's time at one instant: right within `error` in 99.9 % of all seconds, within
// `bound` always, unless the announcer or its clock is at fault.
struct BoundedTime {
  Timestamp<Announced> utc;
  Duration error;
  Duration bound;
};

class UvListener {
 public:
  struct Started {
    std::unique_ptr<UvListener> listener;  // none if it cannot listen
    std::string error;                     // why, and the way out
  };
  // An interface that is not there yet is an error; one that goes later is waited for.
  [[nodiscard]] static Started start(uv_loop_s* loop, const UvListenerSettings& settings,
                                     UvListenerCallbacks callbacks);

  // At any time, in a callback too. It was a guest until then: its handles keep uv_run() going,
  // and uv_loop_close() needs one more turn of the loop afterwards.
  ~UvListener();
  UvListener(const UvListener&) = delete;
  UvListener& operator=(const UvListener&) = delete;

  // Nothing while there is no time to speak of: in the states searching and lost.
  [[nodiscard]] std::optional<BoundedTime> now() const noexcept;
  [[nodiscard]] ListenerStatus status() const noexcept;

 private:
  struct Guest;
  explicit UvListener(std::unique_ptr<Guest> guest) noexcept;
  std::unique_ptr<Guest> guest_;
};

// Why a listener is in its state: a sentence without its full stop.
[[nodiscard]] const char* sentence_for(Reason reason) noexcept;

// One sentence: state, numbers, reason.
[[nodiscard]] std::string describe(const ListenerStatus& status);

}  // namespace timecast
