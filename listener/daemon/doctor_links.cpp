// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_links.hpp"

#include <algorithm>

#include "common/host/membership.hpp"
#include "common/host/packet_filter.hpp"

namespace timecast {

namespace {

bool is_same_link(const GroupWish& a, const GroupWish& b) {
  return a.interface_name == b.interface_name && a.group.address.family == b.group.address.family;
}

// All groups of that interface, family and port.
TappedGroups tapped_with(const GroupWish& first, const std::vector<GroupWish>& wishes) {
  TappedGroups asked{first.group.address.family, first.group.port, {}};
  for (const GroupWish& each : wishes) {
    const bool is_tapped = is_same_link(each, first) && each.group.port == asked.port;
    if (is_tapped && !each.is_broadcast()) asked.groups.push_back(each.group.address);
  }
  return asked;
}

}  // namespace

LinkWatch::Link LinkWatch::watch(const GroupWish& wish, TappedGroups asked,
                                 const std::vector<JoinedGroup>& joined) {
  Link link;
  link.facts.interface_name = wish.interface_name;
  const Family family = link.facts.family = wish.group.address.family;
  if (family == Family::ipv4) {
    link.facts.reverse_path_filter = reverse_path_filter(wish.interface_name);
  }
  auto tap = PacketTap::open(wish.group.interface, std::move(asked));
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
    if (is_known || wish.loopback) continue;
    links_.push_back(watch(wish, tapped_with(wish, wishes), joined));
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
