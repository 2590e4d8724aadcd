// SPDX-License-Identifier: MIT
#include "listener/daemon/daemon.hpp"

#include <algorithm>

#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/log.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/status.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

// 2026-01-01T00:00:00Z: has passed, whatever this host's clock says.
constexpr Timestamp<Announced> kPivot{Duration::seconds(1'767'225'600)};
constexpr Duration kSecond = Duration::seconds(1);

Result<ListenerConfig> config_for(const ListenerOptions& options) {
  ListenerConfig config;
  config.entropy = host_entropy();
  config.verifier = openssl_verifier();
  config.signatures = options.signatures;
  config.listen_only = options.listen_only;
  config.max_bound = options.max_bound;
  config.pivot = kPivot;
  config.precision = measure_precision();
  if (options.delay) {
    config.delay = *options.delay;
    config.delay_uncertainty = *options.delay;
  }
  if (options.keys_file) {
    const auto keys = read_trusted_keys(*options.keys_file);
    if (!keys) return because(keys.error());
    config.key_count = keys->size();
    std::copy(keys->begin(), keys->end(), config.keys.begin());
  }
  return config;
}

}  // namespace

ListenerDaemon::ListenerDaemon(const ListenerOptions& options, const ListenerConfig& config)
    : options_{options},
      core_{config},
      arrivals_{read_moment()},
      asker_{frame_.loop(),
             {[this](const Datagram& d) { on_datagram(d, false); },
              [this](QueryToken token, const Moment& at) { core_.on_query_sent(token, at); },
              [this](QueryToken token, Timestamp<Realtime> t) { on_query_stamp(token, t); }}} {}

Result<std::unique_ptr<ListenerDaemon>> ListenerDaemon::start(const ListenerOptions& options) {
  if (const auto there = check_interfaces(options.interfaces); !there) {
    return because(there.error());
  }
  const auto config = config_for(options);
  if (!config) return because(config.error());
  std::unique_ptr<ListenerDaemon> daemon{new ListenerDaemon{options, *config}};
  if (const auto looping = daemon->start_loop(); !looping) return because(looping.error());
  daemon->refresh_sockets();
  if (const auto hearing = daemon->require_a_group(); !hearing) return because(hearing.error());
  return daemon;
}

Result<void> ListenerDaemon::start_loop() {
  if (auto started = frame_.start([this] { refresh_sockets(); }); !started) return started;
  auto timer = DeadlineTimer::create(frame_.loop(), [this] { on_deadline(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  auto second = DeadlineTimer::create(frame_.loop(), [this] { on_second(); });
  if (!second) return because(second.error());
  second_ = std::move(*second);
  next_second_ = boot_now();
  second_->arm(next_second_);
  frame_.serve_control("timecast-listener", options_.socket, [this](std::string_view request) {
    return answer_control(report(), request);
  });
  return {};
}

// ---- Groups ----

void ListenerDaemon::refresh_sockets() {
  const auto present = frame_.interfaces();
  if (!present) return;
  chosen_ = choose_interfaces(options_.interfaces, *present);
  own_references_ = reference_ids_of(*present);
  std::vector<GroupWish> wishes = plan_groups(options_, chosen_);
  if (first_look_) note_unheard(wishes);
  std::erase_if(memberships_, [&](const Membership& membership) {
    const auto same = std::find(wishes.begin(), wishes.end(), membership.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    log(Level::info, "no longer listening to " + to_string(membership.wish.group.address) + " on " +
                         membership.wish.interface_name);
    return true;
  });
  for (GroupWish& wish : wishes) {
    memberships_.emplace_back();
    memberships_.back().wish = std::move(wish);
  }
  for (Membership& membership : memberships_) {
    if (!membership.socket) join(membership);
  }
  if (memberships_.empty() && first_look_) {
    log(Level::warning, waiting_text(options_.interfaces));
  }
  first_look_ = false;
  frame_.look_again(std::any_of(memberships_.begin(), memberships_.end(),
                                [](const Membership& m) { return !m.socket; }));
}

void ListenerDaemon::note_unheard(const std::vector<GroupWish>& wishes) const {
  for (const Endpoint& to : unheard_destinations(options_, wishes)) {
    log(Level::warning, "nothing is heard at " + to_string(to) +
                            ": no interface has this broadcast address, or this family");
  }
}

UdpOptions ListenerDaemon::socket_options(const GroupWish& wish) {
  UdpOptions options;
  options.bind_address = wish.group.address;
  options.port = wish.group.port;
  options.interface = wish.group.interface;
  options.interface_is_loopback = wish.loopback;
  options.reuse_address = true;  // other listeners of this host hear the group too
  options.hear_broadcast = wish.is_broadcast();
  if (!wish.is_broadcast()) options.join = wish.group.address;
  return options;
}

void ListenerDaemon::join(Membership& membership) {
  const GroupWish& wish = membership.wish;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, foreign = wish.foreign](UdpSocket&, const Datagram& d) {
    on_datagram(d, foreign);
  };
  auto socket = PolledSocket::open(frame_.loop(), socket_options(wish), std::move(callbacks));
  if (!socket) {
    const bool tell = membership.attempts.failed(socket.error(), boot_now());
    if (tell) log(Level::warning, socket.error().text);
    return;
  }
  if (!(*socket)->abilities().receive_stamps) {
    log(Level::warning, "no kernel stamps on " + wish.interface_name + ": the error is wider");
  }
  membership.socket = std::move(*socket);
  membership.attempts.succeeded();
  log(Level::info, "listening to " + to_string(wish.group) + " on " + wish.interface_name);
}

// Nothing at all is an error at start, unless it may still come. Why is in the log.
Result<void> ListenerDaemon::require_a_group() const {
  for (const Membership& membership : memberships_) {
    if (membership.socket || may_pass(membership.attempts.error())) return {};
  }
  if (memberships_.empty()) return {};  // no interface yet
  return because(Error{"nothing can be heard, for the reasons above"});
}

// ---- Events ----

void ListenerDaemon::look_at_clocks() {
  const Duration moved = arrivals_.look(read_moment());
  if (moved == Duration{}) return;
  log(Level::info, "this host's clock was set by " + signed_seconds_text(moved));
}

void ListenerDaemon::on_datagram(const Datagram& datagram, bool foreign) {
  look_at_clocks();
  const auto [at, uncertainty] = arrivals_.arrival(datagram.stamp, datagram.kernel_stamp);
  Arrival arrival{at, uncertainty, datagram.from, datagram.to, datagram.hop_limit, foreign, false};
  arrival.follows_us = foreign && follows_any(datagram.octets, own_references_);
  carry_out(core_.on_datagram(datagram.octets, arrival));
  note_state();
}

void ListenerDaemon::on_query_stamp(QueryToken token, Timestamp<Realtime> stamp) {
  look_at_clocks();
  if (const auto at = arrivals_.moment_of(stamp)) core_.on_query_sent(token, *at);
}

void ListenerDaemon::on_deadline() { carry_out(core_.on_deadline(read_moment())); }

void ListenerDaemon::carry_out(const Effects& effects) {
  for (const Effect& effect : effects) {
    switch (effect.kind) {
      case EffectKind::send_query: asker_.send(effect, chosen_); break;
    }
  }
  rearm();
}

void ListenerDaemon::rearm() {
  if (const auto due = core_.next_deadline()) {
    timer_->arm(*due);
  } else {
    timer_->disarm();
  }
}

void ListenerDaemon::on_second() {
  look_at_clocks();
  note_state();
  const Moment now = read_moment();
  if (options_.json) frame_.print(estimate_line(core_.status(now), "estimate", now));
  asker_.close_old(now.boot);
  // A machine that slept has missed seconds, and does not catch up.
  if (now.boot - next_second_ > kSecond) next_second_ = now.boot;
  next_second_ = next_second_ + kSecond;
  second_->arm(next_second_);
}

void ListenerDaemon::note_state() {
  const Moment now = read_moment();
  const ListenerStatus status = core_.status(now);
  if (status.state == last_state_ && status.reason == last_reason_) return;
  const bool worse = status.state > State::synchronised && status.state != last_state_;
  last_state_ = status.state;
  last_reason_ = status.reason;
  log(worse ? Level::warning : Level::info, describe(status));
  if (options_.json) frame_.print(estimate_line(status, "state", now));
}

ListenerReport ListenerDaemon::report() const {
  ListenerReport report;
  report.now = read_moment();
  report.uptime = report.now.boot - frame_.started_at();
  report.core = core_.status(report.now);
  for (const Membership& membership : memberships_) {
    GroupReport& group = report.groups.emplace_back();
    group.wish = membership.wish;
    group.open = membership.socket.has_value();
    group.failure = membership.attempts.error().text;
    if (group.open) group.abilities = (*membership.socket)->abilities();
  }
  return report;
}

}  // namespace timecast
