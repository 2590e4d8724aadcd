// SPDX-License-Identifier: MIT
//
// What the engine listens to, as interfaces come and go: engine.hpp.
#include <algorithm>
#include <utility>

#include "common/host/host_clock.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/engine.hpp"

namespace timecast {

void ListenerEngine::refresh_sockets() {
  const auto present = network_.interfaces();
  if (!present) return;
  chosen_ = network_.choose(settings_.interfaces, *present);
  own_host_.set(*present);
  std::vector<GroupWish> wishes = plan_groups(settings_, chosen_);
  if (first_look_) note_unheard(wishes);
  std::erase_if(memberships_, [&](const Membership& membership) {
    const auto same = std::find(wishes.begin(), wishes.end(), membership.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    loop_.log(Level::info, "no longer listening to " + to_string(membership.wish.group.address) +
                               " on " + membership.wish.interface_name);
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
    loop_.log(Level::warning, waiting_text(settings_.interfaces));
  }
  first_look_ = false;
  network_.look_again(std::any_of(memberships_.begin(), memberships_.end(),
                                  [](const Membership& m) { return !m.socket; }));
}

void ListenerEngine::note_unheard(const std::vector<GroupWish>& wishes) const {
  for (const Endpoint& to : unheard_destinations(settings_, wishes)) {
    loop_.log(Level::warning, "nothing is heard at " + to_string(to) +
                                  ": no interface has this broadcast address, or this family");
  }
}

void ListenerEngine::join(Membership& membership) {
  const GroupWish& wish = membership.wish;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, group = wish.group](UdpSocket&, const Datagram& d) {
    on_group(group, d);
  };
  UdpOptions options = socket_options(wish);
  options.hardware_clock = cards_.of(wish.interface_name);
  auto socket = GroupSocket::open(loop_, wish.heard(), options, std::move(callbacks));
  if (!socket) {
    const Error failure = listening_error(socket.error(), wish);
    const bool tell = membership.attempts.failed(failure, boot_now());
    if (tell) loop_.log(Level::warning, failure.text);
    return;
  }
  if (!socket->abilities().receive_stamps) {
    loop_.log(Level::warning,
              "no kernel stamps on " + wish.interface_name + ": the error is wider");
  }
  membership.socket = std::move(*socket);
  membership.attempts.succeeded();
  loop_.log(Level::info, "listening to " + to_string(wish.group) + " on " + wish.interface_name);
}

// Nothing at all is an error at start, unless it may still come.
Result<void> ListenerEngine::require_a_group() const {
  for (const Membership& membership : memberships_) {
    if (membership.socket || may_pass(membership.attempts.error())) return {};
  }
  if (memberships_.empty()) return {};  // no interface yet
  return because(Error{"nothing can be heard: " + memberships_.front().attempts.error().text});
}

std::vector<GroupReport> ListenerEngine::groups() const {
  std::vector<GroupReport> groups;
  for (const Membership& membership : memberships_) {
    GroupReport& group = groups.emplace_back();
    group.wish = membership.wish;
    group.open = membership.socket.has_value();
    group.failure = membership.attempts.error().text;
    if (!group.open) continue;
    group.abilities = membership.socket->abilities();
    group.rejoins = membership.socket->patience().rejoins();
    group.forgotten_after = membership.socket->patience().rhythm();
  }
  return groups;
}

}  // namespace timecast
