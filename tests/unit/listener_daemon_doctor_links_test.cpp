// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_links.hpp"

#include <doctest/doctest.h>

#include "common/host/clock_keeper.hpp"
#include "tests/unit/listener_doctor_facts.hpp"

using namespace timecast;

TEST_CASE("doctor: a clock that the listener keeps and another program steers") {
  const char* const rivals = "another program steers the clock that the listener keeps";
  for (const Row& row : {
           Row{"clock-rivals clock-unsynchronised", rivals,
               "the listener says of the clock: kernel: steered; there is also chronyd (pid 42)",
               [](DoctorFacts& facts) {
                 facts.listener->clock = "kernel: steered";
                 facts.steerers = {{42, "chronyd"}};
               }},
           Row{"clock-rivals", rivals,
               "the listener says of the clock: kernel: left to another program that steers it",
               [](DoctorFacts& facts) {
                 facts.listener->clock = "kernel: left to another program that steers it";
               }},
       }) {
    check(row);
  }
  check(
      {"clock-keeper-silent", "the service may not touch the clock, and who may does not answer it",
       "kernel: cannot steer this host's clock: who holds it for this service does not answer at "
       "/x",
       [](DoctorFacts& facts) {
         facts.listener->clock =
             "kernel: cannot steer this host's clock: " + std::string{kKeeperSilentText} + " at /x";
       }});
  DoctorFacts alone = healthy();
  alone.listener->clock = "kernel: steered";
  CHECK(names_of(diagnose(alone)) == "");
}

namespace {

void hear_nothing(DoctorFacts& facts) {
  facts.heard.clear();
  facts.listener->recent_announcements = 0;
}

LinkFacts link(unsigned multicasts, unsigned reports) {
  LinkFacts facts;
  facts.interface_name = "eth0";
  facts.traffic = LinkTraffic{};
  facts.traffic->multicasts = multicasts;
  facts.traffic->reports = reports;
  facts.was_probed = true;
  return facts;
}

}  // namespace

TEST_CASE("doctor: what lies between the wire and the sockets") {
  for (const Row& row : {
           Row{"firewall", "this host's firewall drops the announcements",
               "3 multicast packets arrived at eth0 and none reached a socket; table inet f, chain "
               "i: drop",
               [](DoctorFacts& facts) {
                 hear_nothing(facts);
                 facts.links = {link(3, 1)};
                 facts.rules_in = {"table inet f, chain i: drop"};
               }},
           Row{"reverse-path-filter",
               "this host drops packets of senders that it has no route back to",
               "the kernel dropped 3 in 3 s (IPReversePathFilter); rp_filter is strict on eth0",
               [](DoctorFacts& facts) {
                 hear_nothing(facts);
                 facts.links = {link(3, 1)};
                 facts.links[0].reverse_path_filter = 1;
                 facts.reverse_path_drops = 3;
               }},
           Row{"no-igmp-report", "no IGMP report leaves eth0",
               "a group was joined for a try, and in 3 s no report of it left",
               [](DoctorFacts& facts) { facts.links = {link(3, 0)}; }},
           Row{"no-mld-report", "no MLD report leaves eth0",
               "a group was joined for a try, and in 3 s no report of it left; table ip6 f, chain "
               "o: drop",
               [](DoctorFacts& facts) {
                 facts.links = {link(3, 1), link(3, 0)};
                 facts.links[1].family = Family::ipv6;
                 facts.rules_out = {"table ip6 f, chain o: drop"};
               }},
           Row{"firewall", "this host's firewall drops the announcements",
               "2 IPv6 multicast packets arrived at eth0 and none reached a socket",
               [](DoctorFacts& facts) {
                 hear_nothing(facts);
                 facts.links = {link(0, 1), link(2, 1)};
                 facts.links[1].family = Family::ipv6;
               }},
           Row{"snooping-without-querier", "a switch had forgotten that this host is in the group",
               "nothing came in 3 s, then 2 announcements in 3 s after its membership was "
               "reported anew",
               [](DoctorFacts& facts) {
                 hear_nothing(facts);
                 facts.links = {link(0, 1)};
                 facts.heard_after_report = 2;
                 facts.listened_again = facts.listened;
               }},
           Row{"snooping-without-querier", "a switch had forgotten that this host is in the group",
               "the listener has heard 239.255.123.124:11123 on eth0 for 260 s after each join, "
               "and reminds the switch since then",
               [](DoctorFacts& facts) {
                 facts.listener->groups.at(0).forgotten_after = Duration::seconds(260);
               }},
           Row{"isolated",
               "unicast reaches the announcer, and its multicast does not reach this host",
               "192.0.2.1:11123 answers within 300 us, and in 3 s nothing came to the group",
               [](DoctorFacts& facts) {
                 hear_nothing(facts);
                 facts.links = {link(0, 1)};
                 facts.answering = endpoint("192.0.2.1:11123");
                 facts.round_trip = Duration::microseconds(300);
               }},
       }) {
    check(row);
  }
}

TEST_CASE("doctor: with a long interval a silence is no sign of isolation or of a switch") {
  DoctorFacts facts = healthy();
  hear_nothing(facts);
  facts.listener->interval = Duration::seconds(64);
  facts.answering = endpoint("192.0.2.1:11123");
  CHECK(names_of(diagnose(facts)) == "");
  facts.answering.reset();
  facts.heard_after_report = 1;
  CHECK(names_of(diagnose(facts)) == "");
}

TEST_CASE("doctor: what could not be seen is no finding") {
  DoctorFacts facts = healthy();
  LinkFacts unseen;
  unseen.interface_name = "eth0";
  facts.links = {unseen};
  CHECK(names_of(diagnose(facts)) == "");
  facts.links = {link(3, 1)};
  facts.links[0].reverse_path_filter = 1;
  facts.reverse_path_drops = 5;  // of other packets: announcements are heard
  CHECK(names_of(diagnose(facts)) == "");
}
