// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_alarms.hpp"

#include "tests/unit/listener_watch.hpp"

namespace timecast::test {
namespace {

std::string kinds_of(const AlarmList& list) {
  std::string kinds;
  for (const Alarm& alarm : list.alarms) {
    kinds += (kinds.empty() ? "" : " ") + std::string{to_string(alarm.kind)};
  }
  return kinds;
}

// One `watch`, and what it says to announcements.
class Ears {
 public:
  WatchAlarms::Outcome outcome_of(const HeardPacket& packet) {
    const auto heard = read_announcement(packet, toy_verifier());
    REQUIRE(heard);
    return alarms_.on_announcement(packet, *heard);
  }
  AlarmList hear(const HeardPacket& packet) { return outcome_of(packet).told; }
  std::string kinds(const HeardPacket& packet) { return kinds_of(hear(packet)); }
  // The text of the one alarm there must be.
  std::string text(const HeardPacket& packet) {
    const AlarmList list = hear(packet);
    REQUIRE(list.alarms.size() == 1);
    return list.alarms.front().text;
  }
  WatchAlarms& operator*() { return alarms_; }
  WatchAlarms* operator->() { return &alarms_; }

 private:
  WatchAlarms alarms_;
};

Duration seconds(std::int64_t n) { return Duration::seconds(n); }

}  // namespace

TEST_CASE("alarms: an announcer that keeps to itself raises none") {
  Ears ears;
  FakeAnnouncer announcer;
  for (int i = 0; i < 20; ++i) CHECK(ears.kinds(announcer.send(seconds(i))) == "");
  FakeAnnouncer plain = plain_announcer();
  for (int i = 20; i < 40; ++i) CHECK(ears.kinds(plain.send(seconds(9) * i)) == "");
}

TEST_CASE("alarms: each change of what it says of itself is told once") {
  struct Row {
    void (*change)(FakeAnnouncer&);
    const char* kind;
    const char* text;
  };
  for (const Row& row : {
           Row{[](FakeAnnouncer& a) { a.header.stratum = 3; }, "stratum",
               "changed its stratum from 2 to 3"},
           Row{[](FakeAnnouncer& a) { a.header.leap = Leap::insert_second; }, "leap",
               "announces a leap second: one will be inserted"},
           Row{[](FakeAnnouncer& a) { a.header.leap = Leap::delete_second; }, "leap",
               "announces a leap second: one will be deleted"},
           Row{[](FakeAnnouncer& a) { a.header.leap = Leap::unsynchronised; }, "unsynchronised",
               "says that its clock is not synchronised"},
           Row{[](FakeAnnouncer& a) { a.header.stratum = 0; }, "unsynchronised",
               "says that its clock is not synchronised"},
           Row{[](FakeAnnouncer& a) { a.field.key.fill(2); }, "key",
               "has another key: AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI= instead of "
               "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="},
           Row{[](FakeAnnouncer& a) { a.precise = false; }, "key", "is no longer signed"},
           Row{[](FakeAnnouncer& a) { a.ahead = Duration::seconds(60); }, "step",
               "stepped its clock by +60 s"},
           Row{[](FakeAnnouncer& a) { a.ahead = -Duration::seconds(60); }, "backwards",
               "went back in time by 59 s"},
       }) {
    CAPTURE(row.text);
    Ears ears;
    FakeAnnouncer announcer;
    CHECK(ears.kinds(announcer.send(seconds(0))) == "");
    CHECK(ears.kinds(announcer.send(seconds(1))) == "");
    row.change(announcer);
    const AlarmList told = ears.hear(announcer.send(seconds(2)));
    CHECK(kinds_of(told) == row.kind);
    REQUIRE(told.alarms.size() == 1);
    CHECK(told.alarms[0].text ==
          std::string{"192.0.2.2 (eth0, 239.255.123.124 port 11123) "} + row.text);
    CHECK(told.alarms[0].interface == "eth0");
    CHECK(to_string(told.alarms[0].from) == "192.0.2.2");
    CHECK(told.alarms[0].at.boot == after(seconds(2)).boot);
    CHECK(ears.kinds(announcer.send(seconds(3))) == "");
    CHECK(ears.kinds(announcer.send(seconds(4))) == "");
  }
}

TEST_CASE("alarms: where this host is deaf nobody falls silent, until it hears again") {
  Ears ears;
  FakeAnnouncer announcer;
  for (int i = 0; i < 4; ++i) CHECK(ears.kinds(announcer.send(seconds(i))) == "");
  ears->on_ear("eth1", announcer.group, false, after(seconds(4)).boot);
  CHECK(ears->next_deadline());
  ears->on_ear("eth0", announcer.group, false, after(seconds(4)).boot);
  CHECK_FALSE(ears->next_deadline());
  CHECK(kinds_of(ears->on_deadline(after(seconds(60)))) == "");
  ears->on_ear("eth0", announcer.group, true, after(seconds(60)).boot);
  CHECK(kinds_of(ears->on_deadline(after(seconds(62)))) == "");
  const AlarmList told = ears->on_deadline(after(seconds(64)));
  CHECK(kinds_of(told) == "silence");
  REQUIRE(told.alarms.size() == 1);
  CHECK(told.alarms[0].text.find("nothing for 4 s, ") != std::string::npos);
  CHECK(ears.kinds(announcer.send(seconds(70))) == "heard-again");
}

TEST_CASE("alarms: the way back is told as well") {
  Ears ears;
  FakeAnnouncer announcer;
  announcer.header.leap = Leap::unsynchronised;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "unsynchronised");  // also of a first one
  announcer.header.leap = Leap::insert_second;
  CHECK(ears.kinds(announcer.send(seconds(1))) == "synchronised leap");
  announcer.header.leap = Leap::none;
  CHECK(ears.text(announcer.send(seconds(2))) ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) no longer announces a leap second");
  announcer.precise = false;
  CHECK(ears.kinds(announcer.send(seconds(3))) == "key");
  announcer.precise = true;
  CHECK(ears.text(announcer.send(seconds(4))) ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) is signed now, by the key "
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
}

TEST_CASE("alarms: an unsynchronised clock may be set, and its stratum says nothing") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  announcer.header.leap = Leap::unsynchronised;
  announcer.header.stratum = 0;
  CHECK(ears.kinds(announcer.send(seconds(1))) == "unsynchronised");
  announcer.ahead = -seconds(3600);
  CHECK(ears.kinds(announcer.send(seconds(2))) == "");
  announcer.header.leap = Leap::none;
  announcer.header.stratum = 2;
  CHECK(ears.kinds(announcer.send(seconds(3))) == "synchronised");
  CHECK(ears.kinds(announcer.send(seconds(4))) == "");
}

TEST_CASE("alarms: a step that the announcer admits is told with its size, even a small one") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  announcer.field.flags = kFlagClockStepped;
  announcer.ahead = Duration::milliseconds(20);
  CHECK(ears.text(announcer.send(seconds(1))) ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) says that its clock was stepped; it moved by "
        "+20 ms");
  announcer.field.flags = 0;
  CHECK(ears.kinds(announcer.send(seconds(2))) == "");
  announcer.field.flags = kFlagClockStepped;
  announcer.ahead = -seconds(10);
  CHECK(ears.kinds(announcer.send(seconds(3))) == "backwards step");
}

TEST_CASE("alarms: a step back by less than an interval is told when three packets agree") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  announcer.ahead = Duration::milliseconds(-500);
  CHECK(ears.kinds(announcer.send(seconds(1))) == "");
  CHECK(ears.kinds(announcer.send(seconds(2))) == "");
  CHECK(ears.kinds(announcer.send(seconds(3))) == "step");
}

TEST_CASE("alarms: silence is told after three intervals, and its end with its length") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  CHECK(ears.kinds(announcer.send(seconds(1))) == "");
  const Timestamp<Boot> due = after(seconds(4) + Duration::milliseconds(100)).boot;
  CHECK(ears->next_deadline() == due);
  CHECK(kinds_of(ears->on_deadline(after(seconds(4)))) == "");
  const AlarmList told = ears->on_deadline(after(seconds(5)));
  REQUIRE(kinds_of(told) == "silence");
  CHECK(told.alarms[0].text ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) is silent: nothing for 4 s, and it promised "
        "an announcement every 1 s");
  CHECK_FALSE(ears->next_deadline());
  CHECK(kinds_of(ears->on_deadline(after(seconds(60)))) == "");
  CHECK(ears.text(announcer.send(seconds(61))) ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) is heard again after a silence of 60 s");
  CHECK(ears->next_deadline());
}

TEST_CASE("alarms: who was heard but once is missed as well") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  CHECK(ears->next_deadline() == after(seconds(3) + Duration::milliseconds(100)).boot);
  CHECK(kinds_of(ears->on_deadline(after(seconds(4)))) == "silence");
}

TEST_CASE("alarms: silence of a plain stream is measured by its poll interval") {
  Ears ears;
  FakeAnnouncer plain = plain_announcer();
  CHECK(ears.kinds(plain.send(seconds(0))) == "");
  CHECK(ears.kinds(plain.send(seconds(9))) == "");
  CHECK(ears->next_deadline() == after(seconds(9 + 24) + Duration::milliseconds(800)).boot);
}

TEST_CASE("alarms: another address on a stream is a second announcer, told once") {
  Ears ears;
  FakeAnnouncer one;
  FakeAnnouncer two{"192.0.2.9", 2};
  CHECK(ears.kinds(one.send(seconds(0))) == "");
  CHECK(ears.text(two.send(seconds(0))) ==
        "192.0.2.9 (eth0, 239.255.123.124 port 11123) is a second announcer, beside 192.0.2.2");
  CHECK(ears.kinds(one.send(seconds(1))) == "");
  CHECK(ears.kinds(two.send(seconds(1))) == "");
}

TEST_CASE("alarms: a second announcer with the same key is told as such, and one that takes over") {
  Ears ears;
  FakeAnnouncer one;
  FakeAnnouncer two{"192.0.2.9"};
  CHECK(ears.kinds(one.send(seconds(0))) == "");
  CHECK(ears.kinds(one.send(seconds(1))) == "");
  CHECK(kinds_of(ears->on_deadline(after(seconds(9)))) == "silence");
  CHECK(ears.text(two.send(seconds(10))) ==
        "192.0.2.9 (eth0, 239.255.123.124 port 11123) announces in place of 192.0.2.2, which is "
        "silent, with the same key");
}

TEST_CASE("alarms: other groups, ports and interfaces are other streams") {
  Ears ears;
  FakeAnnouncer one;
  CHECK(ears.kinds(one.send(seconds(0))) == "");
  FakeAnnouncer two{"192.0.2.9", 2};
  two.interface = "eth1";
  CHECK(ears.kinds(two.send(seconds(0))) == "");
  FakeAnnouncer three{"192.0.2.10", 3};
  three.group.port = 123;
  CHECK(ears.kinds(three.send(seconds(0))) == "");
  FakeAnnouncer four = plain_announcer("192.0.2.11");
  CHECK(ears.kinds(four.send(seconds(0))) == "");
}

TEST_CASE("alarms: lost announcements are counted within a chain") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.outcome_of(announcer.send(seconds(0))).lost == 0);
  CHECK(ears.outcome_of(announcer.send(seconds(1))).lost == 0);
  announcer.field.sequence += 3;
  CHECK(ears.outcome_of(announcer.send(seconds(5))).lost == 3);
  announcer.field.chain = 8;  // a new start
  announcer.field.sequence += 1'000'000;
  CHECK(ears.outcome_of(announcer.send(seconds(6))).lost == 0);
  const WatchedAnnouncer& who = ears->announcers().front().who();
  CHECK(who.announcements == 4);
  CHECK(who.lost == 3);
}

TEST_CASE("alarms: the count of lost ones does not run over") {
  Ears ears;
  FakeAnnouncer announcer;
  announcer.field.sequence = 0;
  CHECK(ears.outcome_of(announcer.send(seconds(0))).lost == 0);
  announcer.field.sequence = ~std::uint64_t{0} - 1;
  CHECK(ears.outcome_of(announcer.send(seconds(1))).lost == ~std::uint64_t{0} - 2);
  announcer.field.key.fill(9);
  announcer.field.sequence = 0;
  CHECK(ears.outcome_of(announcer.send(seconds(2))).lost == 0);
  announcer.field.sequence = ~std::uint64_t{0} - 1;
  CHECK(ears.outcome_of(announcer.send(seconds(3))).lost == ~std::uint64_t{0} - 2);
  CHECK(ears->announcers().front().who().lost == ~std::uint64_t{0});
}

TEST_CASE(
    "alarms: a packet that comes twice is nothing, one of the past is told and not believed") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  CHECK(ears.kinds(announcer.send(seconds(1))) == "");
  CHECK(ears.kinds(announcer.send_again(seconds(1))) == "");
  FakeAnnouncer recorded;
  recorded.field.sequence = 99;
  recorded.header.stratum = 5;
  recorded.ahead = -seconds(50);
  CHECK(ears.text(recorded.send(seconds(1))) ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) an announcement of the past was heard again, "
        "sequence 100 after 102");
  CHECK(ears.kinds(announcer.send(seconds(2))) == "");
  CHECK(ears->announcers().front().who().announcements == 3);
}

TEST_CASE("alarms: repeated packets do not hide silence") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  CHECK(ears.kinds(announcer.send(seconds(1))) == "");
  for (int i = 2; i < 9; ++i) CHECK(ears.kinds(announcer.send_again(seconds(i))) == "");
  CHECK(kinds_of(ears->on_deadline(after(seconds(9)))) == "silence");
}

TEST_CASE("alarms: a bad signature is told, and nothing of the packet believed") {
  Ears ears;
  FakeAnnouncer announcer;
  CHECK(ears.kinds(announcer.send(seconds(0))) == "");
  FakeAnnouncer forger;
  forger.forged = true;
  forger.header.stratum = 1;
  forger.ahead = seconds(3600);
  const auto outcome = ears.outcome_of(forger.send(seconds(1)));
  CHECK_FALSE(outcome.followed);
  CHECK(kinds_of(outcome.told) == "bad-signature");
  CHECK(outcome.told.alarms[0].text ==
        "192.0.2.2 (eth0, 239.255.123.124 port 11123) sent a bad signature: forged, or damaged on "
        "its way");
  CHECK(ears.kinds(announcer.send(seconds(1))) == "");
  FakeAnnouncer stranger{"192.0.2.66"};
  stranger.forged = true;
  CHECK(ears.kinds(stranger.send(seconds(1))) == "bad-signature");
  CHECK(ears->announcers().size() == 1);
}

TEST_CASE("alarms: what happens too often is told four times, then every ten seconds") {
  Ears ears;
  FakeAnnouncer announcer;
  std::size_t told = 0;
  std::uint64_t untold = 0;
  for (int i = 0; i < 100; ++i) {
    announcer.header.stratum = static_cast<std::uint8_t>(2 + i % 2);
    const AlarmList list = ears.hear(announcer.send(seconds(i)));
    told += list.alarms.size();
    untold += list.untold;
  }
  CHECK(told >= 4 + 100 / 10 - 2);
  CHECK(told <= 4 + 100 / 10);
  CHECK(untold > 0);
  // How it is now is told in the end.
  announcer.header.stratum = 9;
  CHECK(ears.text(announcer.send(seconds(200))).ends_with("to 9"));
}

}  // namespace timecast::test
