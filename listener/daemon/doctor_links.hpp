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

#include "common/host/packet_tap.hpp"
#include "common/host/unique_fd.hpp"
#include "listener/daemon/plan.hpp"

namespace timecast {

struct LinkFacts {
  std::string interface_name;
  std::optional<LinkTraffic> traffic;  // nothing without the right to see packets
  bool was_probed = false;             // a group was joined, which should have been reported
  unsigned reverse_path_filter = 0;    // 1: strict
  bool is_strict() const noexcept { return reverse_path_filter == 1; }
};

// From now on, those of these groups' interfaces that have IPv4 groups; but loopback.
class LinkWatch {
 public:
  explicit LinkWatch(const std::vector<GroupWish>& wishes);
  [[nodiscard]] std::vector<LinkFacts> finish();

 private:
  struct Link {
    LinkFacts facts;
    std::optional<PacketTap> tap;
    UniqueFd probe;
  };
  static Link watch(const GroupWish& wish);
  std::vector<Link> links_;
};

}  // namespace timecast
