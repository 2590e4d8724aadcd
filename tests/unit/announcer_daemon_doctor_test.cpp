// SPDX-License-Identifier: MIT
#include "announcer/daemon/doctor.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <functional>

#include "common/host/clock_keeper.hpp"
#include "common/host/signing_key.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/host_interface_list.hpp"

using namespace timecast;

namespace {

AnnouncingSocket socket(const char* stream, const char* local, const char* to) {
  AnnouncingSocket socket;
  socket.stream = stream;
  socket.local = local;
  socket.interface_name = "eth0";
  socket.open = true;
  socket.destinations = {{to, ""}};
  return socket;
}

AnnouncerDoctorFacts healthy() {
  AnnouncerDoctorFacts facts;
  facts.interfaces = {made_up_loopback(), made_up_interface(2, "eth0", {"192.0.2.1/24"})};
  facts.chosen = choose_interfaces({}, facts.interfaces);
  facts.listened = Duration::seconds(3);
  facts.kept = {"/state/announcer.key", PublicKey{0xA5}, std::nullopt};
  AnnouncerFacts& announcer = facts.announcer.emplace();
  announcer.synchronised = true;
  announcer.reason = "island: this host's clock is the reference";
  announcer.key = to_base64(*facts.kept.key);
  announcer.sockets = {socket("precise", "192.0.2.1:11123", "239.255.123.124:11123"),
                       socket("plain", "192.0.2.1:123", "239.255.123.123:123")};
  announcer.recent_announcements = 3;
  facts.could_listen = true;
  facts.heard_own = 3;
  return facts;
}

std::string names_of(const std::vector<Finding>& findings) {
  std::string names;
  for (const Finding& each : findings) names += (names.empty() ? "" : " ") + each.name;
  return names;
}

struct Row {
  const char* names;
  const char* evidence;  // of the first
  std::function<void(AnnouncerDoctorFacts&)> spoil;
};

void check(const Row& row) {
  CAPTURE(row.names);
  AnnouncerDoctorFacts facts = healthy();
  row.spoil(facts);
  const std::vector<Finding> findings = diagnose(facts);
  CHECK(names_of(findings) == row.names);
  REQUIRE_FALSE(findings.empty());
  CHECK(findings[0].evidence == row.evidence);
  for (const Finding& each : findings) {
    CHECK_FALSE(each.what.empty());
    CHECK_FALSE(each.way_out.empty());
  }
}

void lose_key(AnnouncerDoctorFacts& facts, Error why) {
  facts.kept.key.reset();
  facts.kept.failure = std::move(why);
}

}  // namespace

TEST_CASE("announcer's doctor: a healthy host has no findings") {
  CHECK(names_of(diagnose(healthy())) == "");
}

TEST_CASE("announcer's doctor: the announcer and its key") {
  for (const Row& row : {
           Row{"announcer-not-running", "no daemon answers",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer.reset();
                 facts.announcer_failure = "no daemon answers";
               }},
           Row{"key-missing", "there is no file /state/announcer.key",
               [](AnnouncerDoctorFacts& facts) {
                 lose_key(facts, system_error("/state/announcer.key", ENOENT));
               }},
           Row{"key-unreadable", "/state/announcer.key: holds no key",
               [](AnnouncerDoctorFacts& facts) {
                 lose_key(facts, Error{"/state/announcer.key: holds no key; restore it"});
               }},
           Row{"key-differs",
               "/state/announcer.key is pQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, the "
               "announcer "
               "signs by another",
               [](AnnouncerDoctorFacts& facts) { facts.announcer->key = "another"; }},
           Row{"key-shared", "192.0.2.9:11123 signs by it",
               [](AnnouncerDoctorFacts& facts) {
                 facts.twins = {{Address::ipv4(192, 0, 2, 9), 11123, 2}};
               }},
       }) {
    check(row);
  }
}

TEST_CASE("announcer's doctor: a key that another user keeps is no finding") {
  AnnouncerDoctorFacts facts = healthy();
  lose_key(facts, system_error("/state/announcer.key", EACCES));
  CHECK(names_of(diagnose(facts)) == "");
}

TEST_CASE("announcer's doctor: what does not leave, and what is not believed") {
  for (const Row& row : {
           Row{"port-held", "0.0.0.0:123 is held by ntpd (pid 7)",
               [](AnnouncerDoctorFacts& facts) {
                 AnnouncingSocket& plain = facts.announcer->sockets[1];
                 plain.open = false;
                 plain.reason = "address already in use";
                 plain.holders = {
                     {BoundSocket{Address::ipv4(0, 0, 0, 0), 123, 0, 1}, Process{7, "ntpd"}}};
               }},
           Row{"not-announced", "permission denied",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer->sockets[1].open = false;
                 facts.announcer->sockets[1].reason = "permission denied";
               }},
           Row{"not-sent", "operation not permitted; table ip f, chain o: drop",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer->sockets[0].destinations[0].failure = "operation not permitted";
                 facts.rules_out = {"table ip f, chain o: drop"};
                 facts.heard_own = 0;
               }},
           Row{"not-heard", "3 announcements in 3 s, and none was heard here",
               [](AnnouncerDoctorFacts& facts) { facts.heard_own = 0; }},
           Row{"announcer-unsynchronised", "the kernel says so",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer->synchronised = false;
                 facts.announcer->reason = "the kernel says so";
               }},
           Row{"clock-keeper-silent",
               "who holds it for this service does not answer at /run/timecast-announcer-clock",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer->synchronised = false;
                 facts.announcer->reason =
                     std::string{kKeeperSilentText} + " at /run/timecast-announcer-clock";
               }},
           Row{"not-allowed", "not_allowed: 2 in 3 s, 9 since it started",
               [](AnnouncerDoctorFacts& facts) {
                 facts.announcer->recent_not_allowed = 2;
                 facts.announcer->not_allowed = 9;
               }},
           Row{"clock-rivals", "chronyd (pid 42), ntpd (pid 43)",
               [](AnnouncerDoctorFacts& facts) {
                 facts.steerers = {{42, "chronyd"}, {43, "ntpd"}};
               }},
           Row{"unknown-interface", "the interfaces are lo, eth0",
               [](AnnouncerDoctorFacts& facts) { facts.wanted = {"wlan7"}; }},
       }) {
    check(row);
  }
}

TEST_CASE("announcer's doctor: silence of a second is no finding") {
  AnnouncerDoctorFacts facts = healthy();
  facts.heard_own = 0;
  facts.announcer->recent_announcements = 1;
  CHECK(names_of(diagnose(facts)) == "");
  facts.announcer->recent_announcements = 3;
  facts.could_listen = false;
  CHECK(names_of(diagnose(facts)) == "");
}

TEST_CASE("announcer's doctor: for people, what there is and what is wrong with it") {
  AnnouncerDoctorFacts facts = healthy();
  facts.announcer->sockets[1].reason = "another server answers there";
  facts.clock.synchronised = true;
  facts.clock.max_error = Duration::milliseconds(12);
  facts.steerers = {{42, "chronyd"}};
  facts.twins = {{Address::ipv4(192, 0, 2, 9), 11123, 2}};
  check_golden("announcer.doctor.txt", diagnosis_text(diagnosis_of(facts)));
}
