// SPDX-License-Identifier: MIT
#include "announcer/daemon/neighbour_watch.hpp"

#include <algorithm>

#include "common/host/host_clock.hpp"

namespace timecast {

namespace {

// A socket that has joined by an interface of before is deaf on one that was made in its place.
std::uint32_t generation_of(std::uint32_t interface, const std::vector<ChosenInterface>& chosen) {
  for (const ChosenInterface& each : chosen) {
    if (each.interface.index == interface) return each.interface.generation;
  }
  return 0;
}

}  // namespace

bool NeighbourWatch::listen(const std::vector<SocketWish>& announcing,
                            const std::vector<ChosenInterface>& chosen,
                            const std::vector<Interface>& present) {
  own_host_.set(present);
  std::vector<Ear> ears;
  bool hears_all = true;
  for (const SocketWish& wish : announcing) {
    if (wish.kind != StreamKind::precise || wish.destinations.empty()) continue;
    Ear ear;
    ear.group = wish.destinations.front();
    ear.group.interface = wish.local.interface;
    ear.generation = generation_of(ear.group.interface, chosen);
    const auto same = std::find_if(ears_.begin(), ears_.end(), [&](const Ear& other) {
      return other.group == ear.group && other.generation == ear.generation;
    });
    ear.socket = same == ears_.end() ? open({ear.group, wish.interface_name, wish.loopback})
                                     : std::move(same->socket);
    hears_all = hears_all && ear.socket;
    if (ear.socket) ears.push_back(std::move(ear));
  }
  ears_ = std::move(ears);
  return hears_all;
}

std::optional<GroupSocket> NeighbourWatch::open(const HeardGroup& heard) {
  UdpOptions options = hearing(heard.group, heard.loopback);
  options.kernel_stamps = false;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, group = heard.group](UdpSocket&, const Datagram& datagram) {
    on_datagram(group, datagram);
  };
  auto socket = GroupSocket::open(loop_, heard, options, std::move(callbacks));
  if (!socket) return std::nullopt;
  return std::move(*socket);
}

void NeighbourWatch::on_datagram(const Endpoint& group, const Datagram& datagram) {
  if (own_host_.has(datagram.from)) return;
  const Timestamp<Boot> now = boot_now();
  const Neighbours::Heard heard{datagram.octets, datagram.from, datagram.hop_limit,
                                clock_.at(datagram.stamp), now};
  const auto seen = neighbours_.hear(heard, own_());
  if (seen.news) log(seen.news->level, seen.news->text);
  if (!seen.interval) return;
  for (Ear& ear : ears_) {
    if (ear.group == group) ear.socket->heard(now, *seen.interval);
  }
}

void NeighbourWatch::look(Timestamp<Boot> now) {
  for (const LogLine& line : neighbours_.forget_silent(now)) log(line.level, line.text);
}

}  // namespace timecast
