// SPDX-License-Identifier: MIT
//
// Counts what passes an interface before any filter of this host has seen it, and what has passed
// all of them on the way out: announcements that come, membership reports that leave.
//
// Errors:  no right to see packets (CAP_NET_RAW), or no such interface.
// Threads: one for each.
// Source:  packet(7), bpf of linux/filter.h; RFC 3376 for IGMP's types, RFC 3810 and RFC 8200
//          section 4.3 for those of MLD and where they are.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/octets.hpp>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

// Of one family.
struct TappedGroups {
  Family family = Family::ipv4;
  std::uint16_t port = 0;
  std::vector<Address> groups;
};

struct LinkTraffic {
  unsigned multicasts = 0;  // UDP to the groups and the port that were asked for, from others
  unsigned sent = 0;        // the same, of this host
  unsigned reports = 0;     // memberships that this host reported
  unsigned queries = 0;     // somebody asked for memberships
  friend bool operator==(const LinkTraffic&, const LinkTraffic&) noexcept = default;
};

// One packet of either family, without the link's header.
void count(Octets packet, bool is_ours, const TappedGroups& asked, LinkTraffic& traffic) noexcept;

class PacketTap {
 public:
  [[nodiscard]] static Result<PacketTap> open(std::uint32_t interface, TappedGroups asked);
  // What has passed since it was opened, as far as the kernel had room to keep it.
  [[nodiscard]] LinkTraffic read();

 private:
  PacketTap(UniqueFd fd, TappedGroups asked) noexcept
      : fd_{std::move(fd)}, asked_{std::move(asked)} {}
  UniqueFd fd_;
  TappedGroups asked_;
  LinkTraffic traffic_;
};

}  // namespace timecast
