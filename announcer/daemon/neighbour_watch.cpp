// SPDX-License-Identifier: MIT
#include "announcer/daemon/neighbour_watch.hpp"

#include <algorithm>

#include "common/host/host_clock.hpp"

namespace timecast {

void NeighbourWatch::listen(const std::vector<SocketWish>& announcing,
                            const std::vector<Interface>& present) {
  addresses_.clear();
  for (const Interface& interface : present) {
    for (const Prefix& prefix : interface.addresses) addresses_.push_back(prefix.address);
  }
  std::vector<Ear> ears;
  for (const SocketWish& wish : announcing) {
    if (wish.kind != StreamKind::precise || wish.destinations.empty()) continue;
    Ear ear;
    ear.group = wish.destinations.front();
    ear.group.interface = wish.local.interface;
    ear.loopback = wish.loopback;
    const auto same = std::find_if(ears_.begin(), ears_.end(),
                                   [&](const Ear& other) { return other.group == ear.group; });
    if (same != ears_.end()) ear.socket = std::move(same->socket);
    ears.push_back(std::move(ear));
  }
  ears_ = std::move(ears);
  for (Ear& ear : ears_) open(ear);
}

void NeighbourWatch::open(Ear& ear) {
  if (ear.socket) return;
  UdpOptions options;
  options.bind_address = ear.group.address;
  options.port = ear.group.port;
  options.interface = ear.group.interface;
  options.interface_is_loopback = ear.loopback;
  options.reuse_address = true;
  options.join = ear.group.address;
  options.kernel_stamps = false;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this](UdpSocket&, const Datagram& datagram) { on_datagram(datagram); };
  auto socket = PolledSocket::open(loop_, options, std::move(callbacks));
  if (socket) ear.socket = std::move(*socket);
}

void NeighbourWatch::on_datagram(const Datagram& datagram) {
  const Address& from = datagram.from.address;
  if (std::find(addresses_.begin(), addresses_.end(), from) != addresses_.end()) return;
  const auto news = neighbours_.hear(datagram.octets, datagram.from, clock_.at(datagram.stamp),
                                     boot_now(), own_());
  if (news) log(news->level, news->text);
}

void NeighbourWatch::look(Timestamp<Boot> now) {
  for (const LogLine& line : neighbours_.forget_silent(now)) log(line.level, line.text);
}

}  // namespace timecast
