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

std::string list_of(const std::vector<Outlet::Destination>& destinations) {
  std::string list;
  for (const auto& each : destinations) {
    if (each.stream == kNoStream) continue;
    list += (list.empty() ? "" : ", ") + to_string(each.to);
    if (each.to.mac.key != 0) list += " with key " + std::to_string(each.to.mac.key);
  }
  return list;
}

bool is_there(const std::vector<Interface>& present, const Endpoint& local) {
  return std::any_of(present.begin(), present.end(), [&](const Interface& interface) {
    const auto same = [&](const Prefix& prefix) { return prefix.address == local.address; };
    const auto& all = interface.addresses;
    return interface.index == local.interface && interface.up &&
           std::any_of(all.begin(), all.end(), same);
  });
}

std::vector<SocketWish> wishes_of(const std::vector<Place>& places) {
  std::vector<SocketWish> wishes;
  wishes.reserve(places.size());
  for (const Place& place : places) wishes.push_back(place.wish);
  return wishes;
}

bool is_opened(const Place& place) { return !place.outlets.empty(); }

}  // namespace

void AnnouncerDaemon::refresh_sockets() {
  const auto present = network_.interfaces();
  if (!present) return;
  const auto chosen = network_.choose(options_.interfaces, *present);
  std::vector<SocketWish> wishes = plan_sockets(options_, chosen);
  note_unreachable(wishes);
  std::erase_if(places_, [&](Place& place) {
    const auto same = std::find(wishes.begin(), wishes.end(), place.wish);
    if (same != wishes.end()) {
      wishes.erase(same);
      return false;
    }
    close_place(place, is_there(*present, place.wish.local));
    return true;
  });
  for (SocketWish& wish : wishes) {
    places_.emplace_back();
    places_.back().wish = std::move(wish);
  }
  open_places();
  if (!neighbours_.listen(wishes_of(places_), chosen, *present)) network_.look_again(true);
  refresh_access(chosen);
  if (places_.empty() && first_look_) log(Level::warning, waiting_text(options_.interfaces));
  first_look_ = false;
  tell_readiness();
  rearm();
}

void AnnouncerDaemon::refresh_access(const std::vector<ChosenInterface>& chosen) {
  AccessList access;
  const bool fits = plan_access(options_, chosen, access);
  if (!fits && access_fits_) {
    log(Level::warning, "more than " + std::to_string(AccessList::kCapacity) +
                            " networks: those behind are not answered");
  }
  access_fits_ = fits;
  core_->set_access(access);
}

void AnnouncerDaemon::note_unreachable(const std::vector<SocketWish>& wishes) {
  if (wishes.empty()) return;  // nothing at all is sent: that is said elsewhere
  const std::vector<Endpoint> unreachable = unreachable_destinations(options_, wishes);
  for (const Endpoint& to : unreachable) {
    const auto known = std::find(unreachable_.begin(), unreachable_.end(), to);
    if (known != unreachable_.end()) continue;
    log(Level::warning, "nothing is sent to " + destination_text(to) +
                            ": no interface has such a broadcast address, or this family");
  }
  unreachable_ = unreachable;
}

void AnnouncerDaemon::open_places() {
  std::vector<Failure> failures;
  std::vector<Endpoint> recovered;
  bool again = false;
  for (Place& place : places_) {
    if (is_opened(place) || place.is_left) continue;
    const auto opened = open_place(place);
    if (opened) {
      const bool was_told = place.attempts.succeeded();
      if (was_told && place.wish.destinations.empty()) recovered.push_back(place.wish.local);
      continue;
    }
    place.is_left = !is_worth_another_try(place.wish.kind, opened.error());
    again = again || !place.is_left;
    if (place.attempts.failed(opened.error(), boot_now())) {
      failures.push_back({place.wish.kind, place.wish.local, opened.error()});
    }
  }
  for (const LogLine& line : describe(failures)) log(line.level, line.text);
  if (!recovered.empty()) {
    log(Level::info, "answering at " + and_more(recovered.front(), recovered.size() - 1) + " now");
  }
  note_receive_buffer();
  network_.look_again(again);
}

// Said once: each socket is granted the same.
void AnnouncerDaemon::note_receive_buffer() {
  const int wished = UdpOptions{}.receive_buffer;
  for (const Place& place : places_) {
    for (const Outlet& outlet : place.outlets) {
      const int granted = outlet.socket->abilities().receive_buffer;
      if (granted >= wished || !buffer_suffices_) continue;
      buffer_suffices_ = false;
      log(Level::info, "sockets have " + std::to_string(granted / 1024) +
                           " KiB for queries that wait, " + std::to_string(wished / 1024) +
                           " were asked for: some are lost when many ask at once; raise the "
                           "sysctl net.core.rmem_max, or grant CAP_NET_ADMIN");
    }
  }
}

Result<void> AnnouncerDaemon::open_place(Place& place) {
  PolledSocket::Callbacks callbacks;
  callbacks.on_readable = [this, wish = place.wish](UdpSocket& socket, PollHandle& poll) {
    return serve(wish, socket, poll);
  };
  auto opened =
      add_outlet(place, socket_options(place.wish), std::move(callbacks), place.wish.destinations);
  if (opened) {
    const Outlet& outlet = place.outlets.front();
    const std::string list = list_of(outlet.destinations);
    if (!list.empty()) {
      log(Level::info, "announcing to " + list + " by " + place.wish.interface_name + " from " +
                           to_string(place.wish.local));
    }
    return {};
  }
  const bool is_taken =
      place.wish.kind == StreamKind::plain && opened.error().errno_value == EADDRINUSE;
  return is_taken && !place.wish.destinations.empty() ? open_beside(place) : opened;
}

// Another server, chronyd perhaps, serves the port. Its clients stay its own.
Result<void> AnnouncerDaemon::open_beside(Place& place) {
  Result<void> failed;
  for (const KeyedEndpoint& destination : place.wish.destinations) {
    // What comes to a group is nobody's question.
    auto opened =
        add_outlet(place, socket_options_beside(place.wish, destination), {}, {destination});
    if (!opened) failed = std::move(opened);
  }
  if (!is_opened(place)) return failed;
  place.is_beside = true;
  for (const Outlet& outlet : place.outlets) {
    log(Level::info, "announcing to " + list_of(outlet.destinations) + " by " +
                         place.wish.interface_name + "; another server holds " +
                         to_string(place.wish.local) + " and keeps its clients");
  }
  if (!failed) log(Level::warning, "no plain stream: " + failed.error().text);
  return {};
}

Result<void> AnnouncerDaemon::add_outlet(Place& place, const UdpOptions& options,
                                         PolledSocket::Callbacks callbacks,
                                         const std::vector<KeyedEndpoint>& destinations) {
  callbacks.on_stamp = [this](const TransmitStamp& stamp) { on_stamp(stamp); };
  UdpOptions stamped = options;
  stamped.hardware_clock = cards_.of(place.wish.interface_name);
  auto socket = PolledSocket::open(frame_.loop(), stamped, std::move(callbacks));
  if (!socket) return because(socket.error());
  Outlet outlet{std::move(*socket), {}};
  for (const KeyedEndpoint& to : destinations) {
    const Outlet::Destination destination = destination_for(place.wish, to);
    if (destination.stream != kNoStream || !may_use_key(place.wish, to)) {
      outlet.destinations.push_back(destination);
    }
  }
  place.outlets.push_back(std::move(outlet));
  return {};
}

Outlet::Destination AnnouncerDaemon::destination_for(const SocketWish& wish,
                                                     const KeyedEndpoint& to) {
  const std::string nothing = "nothing is sent to " + to_string(to) + " by " + wish.interface_name;
  if (!may_use_key(wish, to)) {
    log(Level::warning,
        nothing + " from " + to_string(wish.local.address) + ": " + not_for_us(to.mac.key));
    return {kNoStream, to};
  }
  const auto stream = core_->add_stream(wish.kind, boot_now(), to.mac.key);
  if (!stream) {
    log(Level::warning,
        "more than " + std::to_string(Announcer::kMaxStreams) + " destinations: " + nothing);
  }
  return {stream.value_or(kNoStream), to};
}

// Whom its file does not name as a server would be believed by nobody.
bool AnnouncerDaemon::may_use_key(const SocketWish& wish, const KeyedEndpoint& to) const {
  return to.mac.key == 0 || keys_->may_serve(to.mac.key, wish.local.address);
}

bool AnnouncerDaemon::has_other_keys(const Place& place) const {
  const auto has_changed = [&](const Outlet::Destination& each) {
    return may_use_key(place.wish, each.to) == (each.stream == kNoStream);
  };
  return std::any_of(place.outlets.begin(), place.outlets.end(), [&](const Outlet& outlet) {
    const auto& all = outlet.destinations;
    return std::any_of(all.begin(), all.end(), has_changed);
  });
}

void AnnouncerDaemon::close_where_keys_changed() {
  std::erase_if(places_, [this](const Place& place) {
    const bool closes = has_other_keys(place);
    if (closes) close_place(place, true);
    return closes;
  });
}

void AnnouncerDaemon::close_place(const Place& place, bool is_still_there) {
  for (const Outlet& outlet : place.outlets) {
    queries_->forget(*outlet.socket);
    for (const auto& destination : outlet.destinations) core_->remove_stream(destination.stream);
  }
  if (is_opened(place) && !place.wish.destinations.empty()) {
    log(Level::info, "no longer announcing from " + to_string(place.wish.local) + " on " +
                         place.wish.interface_name + (is_still_there ? "" : ": it is gone"));
  }
}

// Nothing at all is an error at start, unless it may still come. Why is in the log.
Result<void> AnnouncerDaemon::require_a_stream() const {
  bool failed = false;
  for (const Place& place : places_) {
    if (place.wish.kind != StreamKind::precise) continue;
    if (is_opened(place) || may_pass(place.attempts.error())) return {};
    failed = true;
  }
  if (!failed) return {};  // no interface yet
  return because(
      Error{"the precise stream cannot be announced, for the reasons above, and nothing "
            "is without it"});
}

}  // namespace timecast
