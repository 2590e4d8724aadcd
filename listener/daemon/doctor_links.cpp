// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_links.hpp"

#include <algorithm>

#include "common/host/membership.hpp"
#include "common/host/packet_filter.hpp"

namespace timecast {

LinkWatch::Link LinkWatch::watch(const GroupWish& wish, const std::vector<JoinedGroup>& joined) {
  Link link;
  link.facts.interface_name = wish.interface_name;
  const Family family = link.facts.family = wish.group.address.family;
  if (family == Family::ipv4) {
    link.facts.reverse_path_filter = reverse_path_filter(wish.interface_name);
  }
  auto tap = PacketTap::open(wish.group.interface, wish.group.port, family);
  if (!tap) return link;
  link.tap.emplace(std::move(*tap));
  const JoinedGroup tried{wish.interface_name, probe_group(family)};
  if (std::find(joined.begin(), joined.end(), tried) != joined.end()) return link;
  auto probe = join_probe_group(wish.group.interface, family);
  if (!probe) return link;
  link.probe = std::move(*probe);
  link.facts.was_probed = true;
  return link;
}

LinkWatch::LinkWatch(const std::vector<GroupWish>& wishes, const std::vector<JoinedGroup>& joined) {
  for (const GroupWish& wish : wishes) {
    const bool is_known = std::any_of(links_.begin(), links_.end(), [&](const Link& link) {
      return link.facts.interface_name == wish.interface_name &&
             link.facts.family == wish.group.address.family;
    });
    if (!is_known && !wish.loopback) links_.push_back(watch(wish, joined));
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
