// SPDX-License-Identifier: MIT
//
// The announcer's sockets, following the addresses that this host has.
#include <algorithm>
#include <cerrno>

#include "announcer/daemon/daemon.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

std::string list_of(const std::vector<Endpoint>& destinations) {
  std::string list;
  for (const Endpoint& to : destinations) list += (list.empty() ? "" : ", ") + to_string(to);
  return list;
}

bool is_opened(const Place& place) { return !place.outlets.empty(); }

}  // namespace

void AnnouncerDaemon::refresh_sockets() {
  const auto chosen = choose_interfaces(options_.interfaces, list_interfaces());
  std::vector<SocketWish> wishes = plan_sockets(options_, chosen);
  std::erase_if(places_, [&](Place& place) {
    const auto same = std::find(wishes.begin(), wishes.end(), place.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    close_place(place);
    return true;
  });
  for (SocketWish& wish : wishes) places_.push_back({std::move(wish), {}, {}});
  for (Place& place : places_) {
    if (!is_opened(place)) open_place(place);
  }
  AccessList access;
  if (!plan_access(options_, chosen, access)) {
    log(Level::warning, "more than " + std::to_string(AccessList::kCapacity) +
                            " networks: those behind are not answered");
  }
  core_->set_access(access);
  if (places_.empty() && first_look_) {
    log(Level::warning, "no usable interface yet; waiting for one (or name one with --interface)");
  }
  first_look_ = false;
  frame_.look_again(std::any_of(places_.begin(), places_.end(),
                                [](const Place& place) { return !is_opened(place); }));
  rearm();
}

void AnnouncerDaemon::open_place(Place& place) {
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, wish = place.wish](UdpSocket& socket, const Datagram& datagram) {
    on_datagram(wish, socket, datagram);
  };
  callbacks.on_stamp = [this](const TransmitStamp& stamp) { on_stamp(stamp); };
  auto socket = PolledSocket::open(frame_.loop(), socket_options(place.wish), callbacks);
  if (!socket) return note_failure(place, socket.error());
  Outlet outlet{place.wish, std::move(*socket), {}};
  add_streams(outlet, place.wish.destinations);
  place.outlets.push_back(std::move(outlet));
  place.failure.clear();
  if (!place.wish.destinations.empty()) {
    log(Level::info, "announcing to " + list_of(place.wish.destinations) + " by " +
                         place.wish.interface_name + " from " + to_string(place.wish.local));
  }
}

void AnnouncerDaemon::note_failure(Place& place, const Error& error) {
  const bool plain = place.wish.kind == StreamKind::plain;
  if (plain && error.errno_value == EADDRINUSE && !place.wish.destinations.empty()) {
    return open_beside(place);
  }
  // A new IPv6 address cannot be bound until the kernel knows that nobody else has it.
  const bool may_pass = error.errno_value == EADDRNOTAVAIL && place.failure.empty();
  if (place.failure != error.text && !may_pass) {
    log(Level::warning, (plain ? std::string{"no plain stream: "} : std::string{}) + error.text);
  }
  place.failure = error.text;
}

// Another server, chronyd perhaps, serves the port. Its clients stay its own.
void AnnouncerDaemon::open_beside(Place& place) {
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [](UdpSocket&, const Datagram&) {
  };  // what comes to a group is nobody's question
  callbacks.on_stamp = [this](const TransmitStamp& stamp) { on_stamp(stamp); };
  std::string failure;
  for (const Endpoint& destination : place.wish.destinations) {
    auto socket = PolledSocket::open(frame_.loop(), socket_options_beside(place.wish, destination),
                                     callbacks);
    if (!socket) {
      failure = socket.error().text;
      continue;
    }
    Outlet outlet{place.wish, std::move(*socket), {}};
    add_streams(outlet, {destination});
    place.outlets.push_back(std::move(outlet));
  }
  const std::string local = to_string(place.wish.local);
  if (is_opened(place)) {
    log(Level::info, "another server holds " + local + " and keeps its clients; announcing to " +
                         list_of(place.wish.destinations) + " by " + place.wish.interface_name +
                         " beside it");
    place.failure = "another server answers there";
  } else if (place.failure != failure) {
    log(Level::warning, "no plain stream: another server holds " + local + ", and " + failure);
    place.failure = failure;
  }
}

void AnnouncerDaemon::add_streams(Outlet& outlet, const std::vector<Endpoint>& destinations) {
  for (const Endpoint& to : destinations) {
    const auto stream = core_->add_stream(outlet.wish.kind, boot_now());
    if (stream) {
      outlet.destinations.push_back({*stream, to});
    } else {
      log(Level::warning, "more than " + std::to_string(Announcer::kMaxStreams) +
                              " destinations: not announcing to " + to_string(to) + " by " +
                              outlet.wish.interface_name);
    }
  }
}

void AnnouncerDaemon::close_place(const Place& place) {
  for (const Outlet& outlet : place.outlets) {
    for (const auto& destination : outlet.destinations) core_->remove_stream(destination.stream);
  }
  if (is_opened(place) && !place.wish.destinations.empty()) {
    log(Level::info, to_string(place.wish.local) + " on " + place.wish.interface_name +
                         " is gone: no longer announcing from it");
  }
}

Result<void> AnnouncerDaemon::require_a_stream() const {
  std::string failures;
  for (const Place& place : places_) {
    if (place.wish.kind != StreamKind::precise) continue;
    if (is_opened(place)) return {};
    failures += (failures.empty() ? "" : "; ") + place.failure;
  }
  if (failures.empty()) return {};  // no interface yet
  return because(Error{"nothing can be announced: " + failures});
}

}  // namespace timecast
