// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_reports.hpp"

#include <algorithm>

#include "common/host/seconds_text.hpp"

namespace timecast {

namespace {

// How one family's memberships are reported.
struct Protocol {
  const char* finding;
  const char* name;
  const char* way_out;
};

constexpr Protocol kIgmp{
    "no-igmp-report", "IGMP",
    "let IGMP (protocol 2) out: nft insert rule inet filter output ip protocol igmp accept; a "
    "switch that snoops sends nothing to hosts that do not report"};
constexpr Protocol kMld{
    "no-mld-report", "MLD",
    "let MLD (ICMPv6 types 131, 132 and 143) out: nft insert rule inet filter output icmpv6 type "
    "'{ 131, 132, 143 }' accept; a switch that snoops sends nothing to hosts that do not report"};

// Without a carrier nothing leaves, and that is told already.
bool has_carrier(const DoctorFacts& facts, const std::string& name) {
  return std::any_of(facts.interfaces.begin(), facts.interfaces.end(),
                     [&](const Interface& each) { return each.name == name && each.running; });
}

}  // namespace

void unreported_memberships(const DoctorFacts& facts, std::vector<Finding>& findings) {
  const std::string rules = joined(facts.rules_out, "; ");
  for (const LinkFacts& each : facts.links) {
    if (!each.misses_report() || !has_carrier(facts, each.interface_name)) continue;
    const Protocol& protocol = each.family == Family::ipv6 ? kMld : kIgmp;
    findings.push_back(
        {protocol.finding,
         std::string{"no "} + protocol.name + " report leaves " + each.interface_name,
         "a group was joined for a try, and in " + seconds_text(facts.listened) +
             " no report of it left" + (rules.empty() ? "" : "; " + rules),
         protocol.way_out});
  }
}

}  // namespace timecast
