// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor.hpp"

#include <doctest/doctest.h>

#include "listener/daemon/refusal_advice.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/listener_doctor_facts.hpp"

using namespace timecast;

TEST_CASE("doctor: a healthy host has no findings") { CHECK(names_of(diagnose(healthy())) == ""); }

TEST_CASE("doctor: interfaces that cannot be used") {
  const auto without_any = [](DoctorFacts& facts) {
    facts.interfaces[1].up = false;
    choose(facts, {});
    facts.trials.clear();
    facts.heard.clear();
    facts.listener->recent_announcements = 0;
  };
  for (const Row& row : {
           Row{"no-interface", "no interface is up that can multicast",
               "lo: this host alone, eth0: down", without_any},
           Row{"unknown-interface", "there is no interface or address wlan7",
               "the interfaces are lo, eth0",
               [](DoctorFacts& facts) {
                 facts.wanted = {"eth0", "wlan7"};
               }},
           Row{"unknown-interface", "there is no interface or address 192.0.2.3",
               "the interfaces are lo, eth0",
               [](DoctorFacts& facts) {
                 facts.wanted = {"192.0.2.2", "192.0.2.3"};
               }},
           Row{"interface-down", "eth0 is down", "the kernel's flags of eth0 are without UP",
               [&](DoctorFacts& facts) {
                 without_any(facts);
                 choose(facts, {"192.0.2.2"});
               }},
           Row{"no-multicast", "eth0 cannot multicast",
               "the kernel's flags of eth0 are without MULTICAST",
               [](DoctorFacts& facts) {
                 facts.interfaces[1].multicast = false;
                 choose(facts, {"eth0"});
               }},
           Row{"no-carrier", "eth0 has no carrier",
               "the kernel's flags of eth0 are without RUNNING",
               [](DoctorFacts& facts) {
                 facts.interfaces[1].running = false;
                 choose(facts, {});
               }},
           Row{"no-address", "eth0 has no address",
               "the kernel lists none; without one nobody can be asked",
               [](DoctorFacts& facts) {
                 facts.interfaces[1].addresses.clear();
                 choose(facts, {});
               }},
       }) {
    check(row);
  }
}

TEST_CASE("doctor: a spare interface without a carrier or an address is no finding") {
  DoctorFacts facts = healthy();
  facts.interfaces.push_back(made_up_interface(3, "wlan0", {}));
  facts.interfaces.back().running = false;
  choose(facts, {});
  CHECK(names_of(diagnose(facts)) == "");
  choose(facts, {"wlan0", "eth0"});
  CHECK(names_of(diagnose(facts)) == "no-carrier");
}

TEST_CASE("doctor: groups that cannot be listened to, and who is to blame") {
  const BoundSocket socket{Address::ipv4(0, 0, 0, 0), 11'123, 1000, 7};
  const auto hold = [&](DoctorFacts& facts, const std::optional<Process>& process) {
    facts.trials[0].failure = taken();
    facts.trials[0].holders = {{socket, process}};
    facts.heard.clear();
    facts.listener->recent_announcements = 0;
  };
  for (const Row& row : {
           Row{"port-held", "another program holds UDP port 11123 for itself",
               "0.0.0.0:11123 is held by squatter (pid 42)",
               [&](DoctorFacts& facts) {
                 hold(facts, Process{42, "squatter"});
               }},
           Row{"port-held", "another program holds UDP port 11123 for itself",
               "0.0.0.0:11123 is held by a program of user 1000 (ask as that user, or as root, for "
               "its name)",
               [&](DoctorFacts& facts) { hold(facts, std::nullopt); }},
           Row{"port-held not-joined", "another program holds UDP port 11123 for itself",
               "cannot bind 239.255.123.124:11123: address already in use; see ss",
               [&](DoctorFacts& facts) {
                 hold(facts, std::nullopt);
                 facts.trials[0].holders.clear();
                 facts.listener->groups[0].open = false;
               }},
           Row{"cannot-listen", "cannot listen to 239.255.123.124:11123 on eth0",
               "cannot join 239.255.123.124 on interface 2: no buffer space available",
               [&](DoctorFacts& facts) {
                 hold(facts, std::nullopt);
                 facts.trials[0].failure = system_error(
                     "cannot join 239.255.123.124 on interface 2", ENOBUFS, "raise it");
               }},
       }) {
    check(row);
  }
}

TEST_CASE("doctor: the running listener, or that there is none") {
  for (const Row& row : {
           Row{"listener-not-running", "no timecast-listener runs here", "no daemon answers (x)",
               [](DoctorFacts& facts) {
                 facts.listener.reset();
                 facts.listener_failure = "no daemon answers (x)";
               }},
           Row{"not-listened-to",
               "the running listener does not listen to 239.255.123.124:11123 on eth0",
               "its status does not list that group",
               [](DoctorFacts& facts) { facts.listener->groups[0].interface_name = "eth1"; }},
           Row{"not-joined", "the running listener has not joined 239.255.123.124:11123 on eth0",
               "no buffer space available",
               [](DoctorFacts& facts) {
                 facts.listener->groups[0].open = false;
                 facts.listener->groups[0].failure = "no buffer space available";
               }},
           Row{"not-joined", "the kernel has not joined 239.255.123.124:11123 on eth0",
               "/proc/net/igmp does not list it, though the running listener did join",
               [](DoctorFacts& facts) { facts.trials[0].was_joined = false; }},
           Row{"listener-deaf", "the running listener does not hear what comes here",
               "announcements came to this program, and none to the listener",
               [](DoctorFacts& facts) { facts.listener->recent_announcements = 0; }},
           Row{"unanswered", "no announcer answers the running listener",
               "0 of 5 queries were answered",
               [](DoctorFacts& facts) { facts.listener->exchanges = 0; }},
           Row{"unanswered", "192.0.2.1:11123 no longer answers the running listener",
               "none of the last 3 queries to it was answered; of all 50 since the start 40 were",
               [](DoctorFacts& facts) {
                 facts.listener->announcer = "192.0.2.1:11123";
                 facts.listener->queries = 50;
                 facts.listener->exchanges = 40;
                 facts.listener->unanswered = 3;
               }},
       }) {
    check(row);
  }
}

TEST_CASE("doctor: a query or two may be lost, and who is silent is not asked in vain") {
  DoctorFacts facts = healthy();
  facts.listener->unanswered = 2;
  CHECK(names_of(diagnose(facts)) == "");
  facts.listener->unanswered = 9;
  facts.listener->state = "holdover";
  CHECK(names_of(diagnose(facts)) == "");
}

TEST_CASE("doctor: what is heard, and what is refused of it") {
  for (const Row& row : {
           Row{"nothing-heard", "nobody announces the time here",
               "listened for 3 s to 239.255.123.124:11123 on eth0: nothing came",
               [](DoctorFacts& facts) {
                 facts.heard.clear();
                 facts.listener->recent_announcements = 0;
               }},
           Row{"nothing-heard", "whether anybody announces the time here is not known yet",
               "listened for 3 s to 239.255.123.123:123 on eth0: nothing came",
               [](DoctorFacts& facts) {
                 facts.heard.clear();
                 facts.trials[0].wish.group = endpoint("239.255.123.123:123");
                 facts.listener->groups[0].group = "239.255.123.123:123";
                 facts.listener->state = "holdover";
               }},
           Row{"nothing-heard", "nobody announces the time here",
               "listened for 3 s to 239.255.123.124:11123 on eth0: 7 other packets from "
               "192.0.2.1:11123",
               [](DoctorFacts& facts) {
                 facts.heard[0].announcements = 0;
                 facts.heard[0].others = 7;
               }},
           Row{"announcer-unsynchronised", "the announcer 192.0.2.1:11123 has no time to give",
               "it says itself that its clock is not synchronised",
               [](DoctorFacts& facts) { facts.heard[0].synchronised = false; }},
           Row{"refused",
               "the running listener refuses announcements by a key that the listener does not "
               "trust",
               "unknown_key: 3 in 3 s, 120 since it started",
               [](DoctorFacts& facts) {
                 facts.listener->refusals = {{"unknown_key", 3, 120}};
                 facts.listener->recent_announcements = 0;
               }},
           Row{"refused refused",
               "the running listener refuses announcements that have crossed a router, so that "
               "anybody can have sent them",
               "bad_hop_limit: 0 in 3 s, 1 since it started",
               [](DoctorFacts& facts) {
                 facts.listener->state = "searching";
                 facts.listener->refusals = {{"bad_hop_limit", 0, 1}, {"of_tomorrow", 1, 1}};
               }},
       }) {
    check(row);
  }
}

TEST_CASE("doctor: a broadcast address is joined by nobody") {
  DoctorFacts facts = healthy();
  facts.trials[0].wish.group = endpoint("192.0.2.255:123");
  facts.trials[0].was_joined = false;
  facts.listener->groups[0].group = "192.0.2.255:123";
  facts.heard[0].announcements = 0;
  facts.heard[0].plain = 1;
  CHECK(names_of(diagnose(facts)) == "");
  check_golden("listener.doctor.plain.txt", doctor_text(facts, diagnose(facts)));
}

TEST_CASE("doctor: a port that is the listener's right and not this user's is no finding") {
  DoctorFacts facts = healthy();
  facts.trials[0].failure = system_error("cannot bind 239.255.123.123:123", EACCES, "grant it");
  CHECK(names_of(diagnose(facts)) == "");
  facts.listener->groups[0].open = false;
  CHECK(names_of(diagnose(facts)) == "cannot-listen not-joined");
  facts.listener.reset();
  CHECK(names_of(diagnose(facts)) == "cannot-listen listener-not-running");
}

TEST_CASE("doctor: what was refused some time ago is no finding while there is time") {
  DoctorFacts facts = healthy();
  facts.listener->refusals = {{"duplicate", 0, 12}};
  CHECK(names_of(diagnose(facts)) == "");
}

TEST_CASE("doctor: a short silence means nothing while the listener follows somebody") {
  DoctorFacts facts = healthy();
  facts.heard.clear();
  facts.listener->recent_announcements = 0;
  for (const char* const state : {"tentative", "synchronised"}) {
    CAPTURE(state);
    facts.listener->state = state;
    facts.listener->interval = Duration::seconds(1);
    facts.listened = Duration::milliseconds(300);
    CHECK(names_of(diagnose(facts)) == "");
    CHECK(doctor_text(facts, {}).find("nothing in 300 ms; announcements can be 1 s apart\n") !=
          std::string::npos);
    facts.listened = Duration::seconds(3);
    CHECK(names_of(diagnose(facts)) == "nothing-heard");
    facts.listener->interval = Duration::seconds(64);
    CHECK(names_of(diagnose(facts)) == "");
    CHECK(too_long_to_tell(facts) == Duration::seconds(64));
  }
  facts.listener->state = "searching";
  facts.listened = Duration::milliseconds(300);
  const auto findings = diagnose(facts);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].way_out == "announcements can be 1 s apart: listen longer, --seconds 2");
}

TEST_CASE("doctor: this host's clock, by who may set it") {
  const Process chronyd{42, "chronyd"};
  const Process ntpd{43, "ntpd"};
  for (const Row& row : {
           Row{"clock-rivals", "more than one program may set this host's clock",
               "chronyd (pid 42), ntpd (pid 43)",
               [&](DoctorFacts& facts) {
                 facts.steerers = {chronyd, ntpd};
               }},
           Row{"clock-unsynchronised", "chronyd (pid 42) has not synchronised this host's clock",
               "the kernel says that it is not synchronised (adjtimex)",
               [&](DoctorFacts& facts) { facts.steerers = {chronyd}; }},
       }) {
    check(row);
  }
  DoctorFacts steered = healthy();
  steered.steerers = {chronyd};
  steered.clock.failure = EPERM;  // nobody knows
  CHECK(names_of(diagnose(steered)) == "");
  CHECK(doctor_text(steered, {}).find("synchronised: operation not permitted; set by chronyd") !=
        std::string::npos);
  steered.clock = {.synchronised = true};
  CHECK(names_of(diagnose(steered)) == "");
}

TEST_CASE("doctor: each refusal has its own words and a way out") {
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    CAPTURE(to_string(reason));
    const RefusalAdvice advice = advice_for(std::string_view{to_string(reason)});
    CHECK(advice.meaning == advice_for(reason).meaning);
    CHECK(std::string_view{advice.meaning} != "packets");
    CHECK_FALSE(std::string_view{advice.way_out}.empty());
  }
}

TEST_CASE("doctor: for people, what there is and what is wrong with it") {
  DoctorFacts facts = healthy();
  facts.clock.synchronised = true;
  facts.clock.max_error = Duration::milliseconds(12);
  facts.steerers = {{42, "chronyd"}};
  check_golden("listener.doctor.healthy.txt", doctor_text(facts, diagnose(facts)));
  facts.heard[0].announcements = 0;
  facts.heard[0].others = 7;
  facts.listener.reset();
  facts.listener_failure = "no daemon answers (/run/timecast-listener/control: no such file)";
  facts.trials[0].was_joined = false;
  facts.steerers.clear();
  facts.clock.synchronised = false;
  check_golden("listener.doctor.txt", doctor_text(facts, diagnose(facts)));
}

TEST_CASE("doctor: only a listener that has the time is said to have it") {
  struct State {
    const char* name;
    bool has_time;
  };
  DoctorFacts facts = healthy();
  const auto says_so = [&] {
    return doctor_text(facts, {}).find("timecast-listener now has the time") != std::string::npos;
  };
  for (const State& state :
       {State{"synchronised", true}, State{"tentative", true}, State{"holdover", true},
        State{"searching", false}, State{"unsynchronised", false}}) {
    CAPTURE(state.name);
    facts.listener->state = state.name;
    CHECK(says_so() == state.has_time);
  }
  facts.listener.reset();
  CHECK_FALSE(says_so());
}

TEST_CASE("doctor: for programs, a line of JSON for each") {
  DoctorFacts facts = healthy();
  facts.listener->exchanges = 0;
  check_golden("listener.doctor.json", doctor_lines(facts, diagnose(facts), kNow));
}
