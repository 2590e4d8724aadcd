// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_daemon.hpp"

#include <algorithm>

#include "common/host/common_options.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/low_port.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

std::string place(const GroupWish& wish) {
  return to_string(wish.group.address) + " port " + std::to_string(wish.group.port) + " on " +
         wish.interface_name;
}

// Why a group cannot be heard, with the way out in one line.
std::string reason_for(const GroupWish& wish, const Error& error) {
  const std::uint16_t port = wish.group.port;
  return lacks_privilege(error, port) ? privilege_text(port) : error.text;
}

}  // namespace

WatchDaemon::WatchDaemon(const ListenerOptions& options)
    : options_{options},
      arrivals_{read_moment()},
      watch_{{options.json, options.hex}, openssl_verifier(), [this](std::string_view line) {
               print(line);
             }} {}

Result<std::unique_ptr<WatchDaemon>> WatchDaemon::start(const ListenerOptions& options) {
  const auto there = check_said_interfaces(options.interfaces, {}, {});
  if (!there) return because(there.error());
  std::unique_ptr<WatchDaemon> daemon{new WatchDaemon{options}};
  if (const auto looping = daemon->start_loop(); !looping) return because(looping.error());
  daemon->refresh();
  if (const auto hearing = daemon->require_an_ear(); !hearing) return because(hearing.error());
  const KernelClock own = read_kernel_clock();
  if (!own.synchronised) {
    log(Level::info, (own.failure != 0 ? untold_text(own.failure)
                                       : "this host's own clock is not synchronised") +
                         "; offsets are against it");
  }
  return daemon;
}

Result<void> WatchDaemon::start_loop() {
  if (auto started = frame_.start(); !started) return started;
  if (auto watching = network_.start([this] { refresh(); }); !watching) return watching;
  auto timer = DeadlineTimer::create(frame_.loop(), [this] { on_deadline(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  return {};
}

void WatchDaemon::run() {
  frame_.loop().run();
  is_over_ = true;
  watch_.end(realtime_now());
}

void WatchDaemon::print(std::string_view line) {
  if (!is_over_) return frame_.print(line);
  // Whoever does not read any more was told before.
  static_cast<void>(offer_line(line));
}

// ---- Groups ----

void WatchDaemon::refresh() {
  const auto present = network_.interfaces();
  if (!present) return;
  const auto chosen = network_.choose(options_.interfaces, *present);
  std::vector<GroupWish> wishes = plan_watch(options_.watch, chosen);
  drop_unwished(wishes);
  for (GroupWish& wish : wishes) {
    ears_.emplace_back();
    ears_.back().wish = std::move(wish);
  }
  for (Ear& ear : ears_) {
    if (!ear.socket) open(ear);
  }
  if (first_look_) tell_unheard(chosen);
  first_look_ = false;
  network_.look_again(
      std::any_of(ears_.begin(), ears_.end(), [](const Ear& ear) { return !ear.socket; }));
}

// What is heard already is no longer among the wishes.
void WatchDaemon::drop_unwished(std::vector<GroupWish>& wishes) {
  std::erase_if(ears_, [&](const Ear& ear) {
    const auto same = std::find(wishes.begin(), wishes.end(), ear.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    tell_state(ear.wish, false,
               "the interface is gone, down or without an address; waiting for it");
    return true;
  });
}

void WatchDaemon::open(Ear& ear) {
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, wish = ear.wish](UdpSocket&, const Datagram& d) {
    on_datagram(wish, d);
  };
  auto socket = GroupSocket::open(frame_.loop(), ear.wish.heard(), socket_options(ear.wish),
                                  std::move(callbacks));
  if (!socket) {
    if (ear.attempts.failed(socket.error(), boot_now())) {
      tell_state(ear.wish, false, reason_for(ear.wish, socket.error()));
    }
    return;
  }
  ear.socket = std::move(*socket);
  ear.attempts.succeeded();
  const bool stamped = ear.socket->abilities().receive_stamps;
  const std::string how = ear.wish.is_broadcast() ? "a broadcast address" : "joined";
  tell_state(ear.wish, true, how + (stamped ? "" : "; no kernel stamps: offsets are too low"));
}

void WatchDaemon::tell_state(const GroupWish& wish, bool hearing, const std::string& reason) {
  log(hearing ? Level::info : Level::warning,
      (hearing ? "hearing " : "deaf to ") + place(wish) + ": " + reason);
  watch_.on_state({wish.interface_name, wish.group, hearing, reason}, read_moment());
  rearm();
}

void WatchDaemon::tell_unheard(const std::vector<ChosenInterface>& chosen) {
  if (chosen.empty()) return tell_nowhere();
  for (const UnheardGroup& each : unheard_groups(options_.watch, chosen)) {
    tell_state(each.wish, false, each.reason);
  }
}

// And without an ear at the start it ends.
void WatchDaemon::tell_nowhere() {
  const std::string reason = nowhere_text(options_.interfaces);
  log(Level::warning, reason);
  for (const Endpoint& group : watched_groups(options_.watch)) {
    watch_.on_state({"-", group, false, reason}, read_moment());
  }
}

// Unless what fails may pass by itself. Why is in the log.
Result<void> WatchDaemon::require_an_ear() const {
  for (const Ear& ear : ears_) {
    if (ear.socket || may_pass(ear.attempts.error())) return {};
  }
  return because(Error{"nothing can be heard, for the reasons above"});
}

// ---- Events ----

void WatchDaemon::look_at_clocks() {
  const Duration moved = arrivals_.look(read_moment());
  if (moved == Duration{}) return;
  log(Level::info, "this host's clock was set by " + signed_seconds_text(moved));
}

void WatchDaemon::on_datagram(const GroupWish& wish, const Datagram& datagram) {
  look_at_clocks();
  HeardPacket packet;
  packet.octets = datagram.octets;
  packet.truncated = datagram.truncated;
  packet.from = datagram.from;
  packet.group = wish.group;
  packet.interface = wish.interface_name;
  packet.hop_limit = datagram.hop_limit;
  packet.at = arrivals_.arrival(datagram.stamp, datagram.source).at;
  const KernelClock own = read_kernel_clock();
  if (own.failure == 0) packet.host_synchronised = own.synchronised;
  watch_.on_packet(packet);
  rearm();
  const auto same = [&](const Ear& ear) { return ear.wish == wish; };
  const auto ear = std::find_if(ears_.begin(), ears_.end(), same);
  const auto interval = announced_interval(datagram.octets);
  if (interval && ear != ears_.end()) ear->socket->heard(packet.at.boot, *interval);
}

void WatchDaemon::on_deadline() {
  watch_.on_deadline(read_moment());
  rearm();
}

void WatchDaemon::rearm() {
  if (const auto due = watch_.next_deadline()) {
    timer_->arm(*due);
  } else {
    timer_->disarm();
  }
}

int watch(const ListenerOptions& options) {
  const auto daemon = WatchDaemon::start(options);
  if (!daemon) return fail(daemon.error());
  (*daemon)->run();
  return 0;
}

}  // namespace timecast
