// SPDX-License-Identifier: MIT
#include "listener/daemon/daemon.hpp"

#include <algorithm>

#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/log.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/status.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

// 2026-01-01T00:00:00Z: has passed, whatever this host's clock says.
constexpr Timestamp<Announced> kPivot{Duration::seconds(1'767'225'600)};

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
      asker_{frame_.loop(),
             {[this] { on_wake_up(); }, [this](const Datagram& d) { on_datagram(d); },
              [this](QueryToken token, Timestamp<Realtime> at) { on_query_sent(token, at); }}} {}

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
  if (const auto started = frame_.start([this] { refresh_sockets(); }); !started) return started;
  auto timer = DeadlineTimer::create(frame_.loop(), [this] { on_deadline(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  auto second = DeadlineTimer::create(frame_.loop(), [this] { on_second(); });
  if (!second) return because(second.error());
  second_ = std::move(*second);
  next_second_ = boot_now();
  second_->arm(next_second_);
  frame_.serve_control("timecast-listener", options_.socket,
                       [this](std::string_view request) { return answer_control(*this, request); });
  return {};
}

ListenerStatus ListenerDaemon::status() const noexcept { return core_.status(read_moment()); }

// ---- Groups ----

void ListenerDaemon::refresh_sockets() {
  chosen_ = choose_interfaces(options_.interfaces, list_interfaces());
  std::vector<GroupWish> wishes = plan_groups(options_, chosen_);
  std::erase_if(memberships_, [&](const Membership& membership) {
    const auto same = std::find(wishes.begin(), wishes.end(), membership.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    log(Level::info, "no longer listening on " + membership.wish.interface_name);
    return true;
  });
  for (GroupWish& wish : wishes) memberships_.push_back({std::move(wish), std::nullopt, {}});
  for (Membership& membership : memberships_) {
    if (!membership.socket) join(membership);
  }
  if (memberships_.empty() && first_look_) {
    log(Level::warning, "no usable interface yet; waiting for one (or name one with --interface)");
  }
  first_look_ = false;
  frame_.look_again(std::any_of(memberships_.begin(), memberships_.end(),
                                [](const Membership& m) { return !m.socket; }));
}

void ListenerDaemon::join(Membership& membership) {
  const GroupWish& wish = membership.wish;
  UdpOptions options;
  options.bind_address = wish.group.address;
  options.port = wish.group.port;
  options.interface = wish.group.interface;
  options.interface_is_loopback = wish.loopback;
  options.reuse_address = true;  // other listeners of this host hear the group too
  options.join = wish.group.address;
  PolledSocket::Callbacks callbacks;
  callbacks.on_wake_up = [this] { on_wake_up(); };
  callbacks.on_datagram = [this](UdpSocket&, const Datagram& d) { on_datagram(d); };
  callbacks.on_stamp = [](const TransmitStamp&) {};  // it sends nothing
  auto socket = PolledSocket::open(frame_.loop(), options, std::move(callbacks));
  if (!socket) {
    if (membership.failure != socket.error().text) log(Level::warning, socket.error().text);
    membership.failure = socket.error().text;
    return;
  }
  if (!(*socket)->abilities().receive_stamps) {
    log(Level::warning, "no kernel stamps on " + wish.interface_name + ": the error is wider");
  }
  membership.socket = std::move(*socket);
  membership.failure.clear();
  log(Level::info, "listening to " + to_string(wish.group) + " on " + wish.interface_name);
}

Result<void> ListenerDaemon::require_a_group() const {
  std::string failures;
  for (const Membership& membership : memberships_) {
    if (membership.socket) return {};
    failures += (failures.empty() ? "" : "; ") + membership.failure;
  }
  if (failures.empty()) return {};  // no interface yet
  return because(Error{"nothing can be heard: " + failures});
}

// ---- Events ----

void ListenerDaemon::on_wake_up() {
  if (arrivals_.on_wake_up(read_moment())) log(Level::info, "this host's clock was set");
}

void ListenerDaemon::on_datagram(const Datagram& datagram) {
  const auto [at, uncertainty] = arrivals_.instant_of(datagram.stamp, datagram.kernel_stamp);
  carry_out(core_.on_datagram(datagram.octets,
                              {at, uncertainty, datagram.from, datagram.to, datagram.hop_limit}));
  note_state();
}

void ListenerDaemon::on_query_sent(QueryToken token, Timestamp<Realtime> at) {
  core_.on_query_sent(token, moment_of(at, read_moment()));
}

void ListenerDaemon::on_deadline() {
  carry_out(core_.on_deadline(read_moment()));
  asker_.close_old(boot_now());
}

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
  note_state();
  if (options_.json) frame_.print(estimate_line(status(), "estimate"));
  const Timestamp<Boot> now = boot_now();
  while (next_second_ <= now) next_second_ = next_second_ + Duration::seconds(1);
  second_->arm(next_second_);
}

void ListenerDaemon::note_state() {
  const ListenerStatus now = status();
  if (now.state == last_state_ && now.reason == last_reason_) return;
  const bool worse = now.state > State::synchronised && now.state != last_state_;
  last_state_ = now.state;
  last_reason_ = now.reason;
  log(worse ? Level::warning : Level::info, describe(now));
  if (options_.json) frame_.print(estimate_line(now, "state"));
}

}  // namespace timecast
