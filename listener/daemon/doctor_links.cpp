// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_links.hpp"

#include <algorithm>

#include "common/host/membership.hpp"
#include "common/host/packet_filter.hpp"

namespace timecast {

LinkWatch::Link LinkWatch::watch(const GroupWish& wish) {
  Link link;
  link.facts.interface_name = wish.interface_name;
  link.facts.reverse_path_filter = reverse_path_filter(wish.interface_name);
  auto tap = PacketTap::open(wish.group.interface, wish.group.port);
  if (!tap) return link;
  link.tap.emplace(std::move(*tap));
  auto probe = join_probe_group(wish.group.interface);
  if (!probe) return link;
  link.probe = std::move(*probe);
  link.facts.was_probed = true;
  return link;
}

LinkWatch::LinkWatch(const std::vector<GroupWish>& wishes) {
  for (const GroupWish& wish : wishes) {
    const bool is_known = std::any_of(links_.begin(), links_.end(), [&](const Link& link) {
      return link.facts.interface_name == wish.interface_name;
    });
    if (is_known || wish.loopback || wish.group.address.family != Family::ipv4) continue;
    links_.push_back(watch(wish));
  }
}

std::vector<LinkFacts> LinkWatch::finish() {
  std::vector<LinkFacts> all;
  for (Link& link : links_) {
    if (link.tap) link.facts.traffic = link.tap->read();
    all.push_back(link.facts);
  }
  links_.clear();
  return all;
}

}  // namespace timecast
