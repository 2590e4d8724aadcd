// SPDX-License-Identifier: MIT
//
// A healthy host as the listener's doctor sees one, for tests that spoil it.
#pragma once

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"
#include "listener/daemon/doctor.hpp"
#include "tests/unit/host_interface_list.hpp"

namespace timecast {

inline constexpr Timestamp<Realtime> kNow{Duration::seconds(1'793'491'200) +
                                          Duration::milliseconds(250)};

inline Endpoint endpoint(const char* text, std::uint32_t interface = 2) {
  Endpoint parsed = parse_endpoint(text, 0).value();
  parsed.interface = interface;
  return parsed;
}

inline void choose(DoctorFacts& facts, const std::vector<std::string>& wanted) {
  facts.wanted = wanted;
  facts.chosen = choose_interfaces(wanted, facts.interfaces);
}

inline HeardSender announcer() {
  HeardSender sender;
  sender.from = endpoint("192.0.2.1:11123");
  sender.interface_name = "eth0";
  sender.announcements = 3;
  sender.key[0] = 0xA5;
  sender.synchronised = true;
  sender.stratum = 10;
  sender.interval = Duration::seconds(1);
  return sender;
}

inline ListenerFacts listener() {
  ListenerFacts facts;
  facts.state = "synchronised";
  facts.reason = "announcements agree and the delay was measured";
  facts.groups = {{"239.255.123.124:11123", "eth0", true, ""}};
  facts.recent_announcements = 3;
  facts.queries = 5;
  facts.exchanges = 4;
  return facts;
}

inline DoctorFacts healthy() {
  DoctorFacts facts;
  facts.interfaces = {made_up_loopback(), made_up_interface(2, "eth0", {"192.0.2.2/24"})};
  choose(facts, {});
  GroupTrial trial;
  trial.wish = {endpoint("239.255.123.124:11123"), "eth0", false};
  trial.was_joined = true;
  facts.trials = {trial};
  facts.heard = {announcer()};
  facts.listened = Duration::seconds(3);
  facts.listener = listener();
  return facts;
}

inline Error taken() {
  return system_error("cannot bind 239.255.123.124:11123", EADDRINUSE, "see ss");
}

inline std::string names_of(const std::vector<Finding>& findings) {
  std::string names;
  for (const Finding& each : findings) names += (names.empty() ? "" : " ") + each.name;
  return names;
}

struct Row {
  const char* names;  // of the findings, in their order
  const char* what;   // of the first, and what shows it: both whole
  const char* evidence;
  std::function<void(DoctorFacts&)> spoil;
};

inline void check(const Row& row) {
  CAPTURE(row.names);
  DoctorFacts facts = healthy();
  row.spoil(facts);
  const std::vector<Finding> findings = diagnose(facts);
  CHECK(names_of(findings) == row.names);
  REQUIRE_FALSE(findings.empty());
  CHECK(findings[0].what == row.what);
  CHECK(findings[0].evidence == row.evidence);
  for (const Finding& each : findings) CHECK_FALSE(each.way_out.empty());
}

}  // namespace timecast
