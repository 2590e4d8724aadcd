// SPDX-License-Identifier: MIT
#include <timecast/uv_listener.hpp>

#include <algorithm>
#include <utility>

#include "common/host/broadcast.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/engine.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

namespace {

Weight weight_of(Level level) {
  switch (level) {
    case Level::error: return Weight::error;
    case Level::warning: return Weight::warning;
    case Level::info: return Weight::info;
  }
  return Weight::error;
}

bool is_group(const Address& address, Family family) {
  return address.family == family && address.is_multicast();
}

bool can_be_heard(const Endpoint& to) { return to.port != 0 && may_reach_many(to.address); }

std::string fault_of_places(const UvListenerSettings& s) {
  if (!is_group(s.group4, Family::ipv4)) {
    return "group4: " + to_string(s.group4) + " is no IPv4 multicast address";
  }
  if (!is_group(s.group6, Family::ipv6)) {
    return "group6: " + to_string(s.group6) + " is no IPv6 multicast address";
  }
  const auto unfit = std::find_if_not(s.hear.begin(), s.hear.end(), can_be_heard);
  if (unfit != s.hear.end()) {
    return "hear: " + to_string(*unfit) + " is neither a group nor a broadcast address with a port";
  }
  if (s.port == 0) return "port: 0 is none; the usual one is " + std::to_string(kPrecisePort);
  return {};
}

std::string fault_of_limits(const UvListenerSettings& s) {
  if (s.delay && (*s.delay < Duration{} || *s.delay > kLongestDelay)) {
    return "delay: " + seconds_text(*s.delay) + " is out of range (0 to 1 s)";
  }
  if (s.max_bound < kLeastBound || s.max_bound > kLargestBound) {
    return "max_bound: " + seconds_text(s.max_bound) + " is out of range (1 us to 1 h)";
  }
  return {};
}

std::string fault_of_trust(const UvListenerSettings& s) {
  const bool has_keys = !s.keys.empty() || s.keys_file;
  if (s.signatures == SignatureMode::pinned && !has_keys) {
    return "signatures: pinned needs keys; name some in keys or keys_file";
  }
  if (s.signatures == SignatureMode::off && has_keys) {
    return "keys: mean nothing while signatures are off; leave one out";
  }
  return {};
}

// What the daemon's command line would refuse; empty if nothing.
std::string fault_of(const UvListenerSettings& s) {
  for (const auto fault : {fault_of_places, fault_of_limits, fault_of_trust}) {
    if (std::string text = fault(s); !text.empty()) return text;
  }
  return {};
}

// The application's callbacks. They may destroy the listener, so whoever calls one shares in them.
// Messages come in the middle of the engine's work, where nobody may destroy it; so they wait for a
// turn of their own.
struct Outbox {
  UvListenerCallbacks callbacks;
  std::vector<std::pair<Level, std::string>> messages;
  bool is_closed = false;  // nobody wants to hear any more
};

void deliver(Outbox& outbox) {
  for (const auto& [level, text] : std::exchange(outbox.messages, {})) {
    if (!outbox.is_closed) outbox.callbacks.on_message(weight_of(level), text);
  }
}

void tell_state(const Outbox& outbox, const ListenerStatus& status) {
  if (outbox.callbacks.on_state) outbox.callbacks.on_state(status);
}

void tell_estimate(const Outbox& outbox, const ListenerStatus& status) {
  if (outbox.callbacks.on_estimate) outbox.callbacks.on_estimate(status);
}

}  // namespace

struct UvListener::Guest {
  Guest(uv_loop_s* theirs, UvListenerCallbacks callbacks)
      : outbox{std::make_shared<Outbox>(Outbox{std::move(callbacks), {}})},
        loop{theirs, [this](Level level, std::string_view text) { post(level, text); }} {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { outbox->is_closed = true; }

  Result<void> start(const UvListenerSettings& settings) {
    auto timer = DeadlineTimer::create(loop, [box = outbox] { deliver(*box); });
    if (!timer) return because(timer.error());
    delivery = std::move(*timer);
    auto started = ListenerEngine::start(
        loop, settings,
        {[box = outbox](const ListenerStatus& status, const Moment&) { tell_state(*box, status); },
         [box = outbox](const ListenerStatus& status, const Moment&) {
           tell_estimate(*box, status);
         }});
    if (!started) return because(started.error());
    engine = std::move(*started);
    return {};
  }

  void post(Level level, std::string_view text) {
    if (!outbox->callbacks.on_message) return;
    outbox->messages.emplace_back(level, text);
    if (delivery) delivery->arm(boot_now());
  }

  std::shared_ptr<Outbox> outbox;
  Loop loop;
  std::optional<DeadlineTimer> delivery;
  std::unique_ptr<ListenerEngine> engine;
};

UvListener::UvListener(std::unique_ptr<Guest> guest) noexcept : guest_{std::move(guest)} {}
UvListener::~UvListener() = default;

UvListener::Started UvListener::start(uv_loop_s* loop, const UvListenerSettings& settings,
                                      UvListenerCallbacks callbacks) {
  Started result;
  result.error = loop == nullptr ? "there is no loop" : fault_of(settings);
  if (!result.error.empty()) return result;
  auto guest = std::make_unique<Guest>(loop, std::move(callbacks));
  if (const auto started = guest->start(settings); !started) {
    result.error = started.error().text;
    return result;
  }
  result.listener.reset(new UvListener{std::move(guest)});
  return result;
}

std::optional<BoundedTime> UvListener::now() const noexcept {
  const Moment here = read_moment();
  const ListenerStatus status = guest_->engine->status(here);
  if (status.state == State::searching || status.state == State::lost) return std::nullopt;
  const Duration utc = here.realtime.since_epoch() + status.offset;
  return BoundedTime{Timestamp<Announced>{utc}, status.error, status.bound};
}

ListenerStatus UvListener::status() const noexcept { return guest_->engine->status(read_moment()); }

}  // namespace timecast
