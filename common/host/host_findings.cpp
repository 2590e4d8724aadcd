// SPDX-License-Identifier: MIT
//
// Findings about a host that hold for announcers and listeners alike.
#include <algorithm>

#include "common/host/clock_keeper.hpp"
#include "common/host/finding.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

using Findings = std::vector<Finding>;

// ---- Interfaces ----

std::string trouble_of(const Interface& interface) {
  if (interface.loopback) return "this host alone";
  if (!interface.up) return "down";
  if (!interface.multicast) return "cannot multicast";
  if (interface.point_to_point) return "point-to-point";
  if (interface.enslaved) return "port of another interface";
  if (interface.leads_to_containers) return "a bridge of containers alone";
  return "up";
}

const Interface* find_wanted(const HostFacts& facts, const std::string& name_or_address) {
  const auto address = parse_address(name_or_address);
  for (const Interface& each : facts.interfaces) {
    const auto is_it = [&](const Prefix& p) { return address && p.address == *address; };
    if (each.name == name_or_address) return &each;
    if (std::any_of(each.addresses.begin(), each.addresses.end(), is_it)) return &each;
  }
  return nullptr;
}

void no_interface(const HostFacts& facts, Findings& findings) {
  if (!facts.wanted.empty() || !facts.chosen.empty()) return;
  std::string all;
  for (const Interface& each : facts.interfaces) append(all, each.name + ": " + trouble_of(each));
  findings.push_back({"no-interface", "no interface is up that can multicast",
                      all.empty() ? "this host lists no interface" : all,
                      "bring one up (ip link set IF up), or name one by --interface"});
}

void unknown_interface(const HostFacts& facts, Findings& findings) {
  std::string names;
  for (const Interface& each : facts.interfaces) append(names, each.name);
  for (const std::string& wanted : facts.wanted) {
    if (find_wanted(facts, wanted) != nullptr) continue;
    findings.push_back({"unknown-interface", "there is no interface or address " + wanted,
                        "the interfaces are " + (names.empty() ? "none" : names),
                        "plug it in, or name another by --interface"});
  }
}

void interface_down(const HostFacts& facts, Findings& findings) {
  for (const std::string& wanted : facts.wanted) {
    const Interface* const interface = find_wanted(facts, wanted);
    if (interface == nullptr || interface->up) continue;
    findings.push_back({"interface-down", interface->name + " is down",
                        "the kernel's flags of " + interface->name + " are without UP",
                        "ip link set " + interface->name + " up"});
  }
}

void no_multicast(const HostFacts& facts, Findings& findings) {
  for (const std::string& wanted : facts.wanted) {
    const Interface* const interface = find_wanted(facts, wanted);
    if (interface == nullptr || interface->loopback || interface->multicast) continue;
    findings.push_back({"no-multicast", interface->name + " cannot multicast",
                        "the kernel's flags of " + interface->name + " are without MULTICAST",
                        "ip link set " + interface->name +
                            " multicast on, if its driver can; else use another interface"});
  }
}

// One without a carrier among others that have one is a spare.
void no_carrier(const HostFacts& facts, Findings& findings) {
  const auto runs = [](const ChosenInterface& c) { return c.interface.running; };
  const bool any_runs = std::any_of(facts.chosen.begin(), facts.chosen.end(), runs);
  if (facts.wanted.empty() && any_runs) return;
  for (const ChosenInterface& each : facts.chosen) {
    const std::string& name = each.interface.name;
    if (each.interface.running) continue;
    findings.push_back({"no-carrier", name + " has no carrier",
                        "the kernel's flags of " + name + " are without RUNNING",
                        "see to its cable, or to its access point"});
  }
}

void no_address(const HostFacts& facts, Findings& findings) {
  const auto has_any = [](const ChosenInterface& c) { return !c.addresses.empty(); };
  if (std::any_of(facts.chosen.begin(), facts.chosen.end(), has_any)) return;
  for (const ChosenInterface& each : facts.chosen) {
    findings.push_back({"no-address", each.interface.name + " has no address",
                        "the kernel lists none; without one nobody can be asked",
                        "give it one (ip address add, or by DHCP)"});
  }
}

// ---- This host's clock ----

void rivals(const HostFacts& facts, Findings& findings) {
  if (facts.steerers.size() < 2) return;
  findings.push_back({"clock-rivals", "more than one program may set this host's clock",
                      in_words(facts.steerers), "let one of them do it, and stop the others"});
}

void clock_unsynchronised(const HostFacts& facts, Findings& findings) {
  const bool is_told = facts.clock.failure == 0;
  if (!is_told || facts.clock.synchronised || facts.steerers.size() != 1) return;
  findings.push_back({"clock-unsynchronised",
                      in_words(facts.steerers) + " has not synchronised this host's clock",
                      "the kernel says that it is not synchronised (adjtimex)",
                      "see whether it has a source (chronyc sources, timedatectl), and with chrony "
                      "say rtcsync"});
}

}  // namespace

void find_in_interfaces(const HostFacts& facts, bool others_in_use, Findings& findings) {
  if (!others_in_use) no_interface(facts, findings);
  unknown_interface(facts, findings);
  interface_down(facts, findings);
  no_multicast(facts, findings);
  no_carrier(facts, findings);
  no_address(facts, findings);
}

void find_in_keeper(std::string_view said, Findings& findings) {
  if (said.find(kKeeperSilentText) == std::string_view::npos) return;
  findings.push_back({"clock-keeper-silent",
                      "the service may not touch the clock, and who may does not answer it",
                      std::string{said}, std::string{kKeeperWayOut}});
}

void find_in_clock(const HostFacts& facts, Findings& findings) {
  rivals(facts, findings);
  clock_unsynchronised(facts, findings);
}

}  // namespace timecast
