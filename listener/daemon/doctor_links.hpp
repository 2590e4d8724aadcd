// SPDX-License-Identifier: MIT
//
// What `doctor` sees of the interfaces while it listens: what arrives there, whether memberships
// are reported; and what it tries when nothing was heard.
//
// Errors:  none: what could not be seen is unknown.
// Threads: the main one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/host/kernel_tables.hpp"
#include "common/host/packet_tap.hpp"
#include "common/host/unique_fd.hpp"
#include "listener/daemon/plan.hpp"

namespace timecast {

// Of one family of addresses on one interface.
struct LinkFacts {
  std::string interface_name;
  Family family = Family::ipv4;
  std::optional<LinkTraffic> traffic;  // nothing without the right to see packets
  bool was_probed = false;             // a group was joined, which should have been reported
  unsigned reverse_path_filter = 0;    // of IPv4; 1: strict
  bool is_strict() const noexcept { return reverse_path_filter == 1; }
  bool misses_report() const noexcept { return was_probed && traffic && traffic->reports == 0; }
};

// From now on, the interfaces of these groups; but loopback.
class LinkWatch {
 public:
  // `joined`: by anybody on this host. Where the group for a try is among them, another doctor is
  // at work, and nothing would be reported anew.
  LinkWatch(const std::vector<GroupWish>& wishes, const std::vector<JoinedGroup>& joined);
  [[nodiscard]] std::vector<LinkFacts> finish();

 private:
  struct Link {
    LinkFacts facts;
    std::optional<PacketTap> tap;
    UniqueFd probe;
  };
  static Link watch(const GroupWish& wish, TappedGroups asked,
                    const std::vector<JoinedGroup>& joined);
  std::vector<Link> links_;
};

}  // namespace timecast
