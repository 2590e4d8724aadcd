// SPDX-License-Identifier: MIT
//
// Strangers by the thousand: what `watch` holds and prints stays bounded.
#include "listener/daemon/watch.hpp"
#include "tests/unit/listener_watch.hpp"

namespace timecast::test {
namespace {

struct Printed {
  std::vector<std::string> lines;
  Watch watch{
      {false, false}, toy_verifier(), [this](std::string_view line) { lines.emplace_back(line); }};
  [[nodiscard]] std::size_t count(std::string_view part) const {
    std::size_t count = 0;
    for (const std::string& line : lines) count += line.find(part) != std::string::npos ? 1U : 0U;
    return count;
  }
};

std::string address(int number) {
  return "10.0." + std::to_string(number / 256) + '.' + std::to_string(number % 256);
}

Duration milliseconds(std::int64_t n) { return Duration::milliseconds(n); }

}  // namespace

TEST_CASE("watch in a flood: so many announcers are followed, and their places come free again") {
  WatchAlarms alarms;
  std::size_t alarms_told = 0;
  const auto hear = [&](FakeAnnouncer& announcer, Duration later) {
    const HeardPacket packet = announcer.send(later);
    const auto outcome = alarms.on_announcement(packet, *read_announcement(packet, toy_verifier()));
    alarms_told += outcome.told.alarms.size();
    return outcome.followed;
  };
  FakeAnnouncer true_one;
  CHECK(hear(true_one, milliseconds(0)));
  int followed = 0;
  for (int i = 0; i < 3000; ++i) {
    FakeAnnouncer stranger{address(i), static_cast<std::uint8_t>(i)};
    followed += hear(stranger, milliseconds(i)) ? 1 : 0;
    if (i % 1000 == 999) CHECK(hear(true_one, milliseconds(i)));
  }
  CHECK(followed == static_cast<int>(WatchAlarms::kMostAnnouncers) - 1);
  CHECK(alarms.announcers().size() == WatchAlarms::kMostAnnouncers);
  CHECK(alarms_told == 4);  // second announcers
  FakeAnnouncer late{"192.0.2.77", 77};
  CHECK_FALSE(hear(late, milliseconds(3000)));
  CHECK(hear(true_one, milliseconds(20'000)));
  CHECK(hear(late, milliseconds(20'000)));  // strangers that were heard but once have gone
  CHECK(alarms.announcers().size() == WatchAlarms::kMostAnnouncers);
}

TEST_CASE("watch in a flood: an announcer that is heard keeps its place, a silent one does not") {
  WatchAlarms alarms;
  const auto hear = [&](FakeAnnouncer& announcer, Duration later) {
    const HeardPacket packet = announcer.send(later);
    return alarms.on_announcement(packet, *read_announcement(packet, toy_verifier())).followed;
  };
  std::vector<FakeAnnouncer> announcers;
  for (std::size_t i = 0; i < WatchAlarms::kMostAnnouncers; ++i) {
    announcers.emplace_back(address(static_cast<int>(i)));
    for (int second = 0; second < 3; ++second) {
      CHECK(hear(announcers.back(), Duration::seconds(second)));
    }
  }
  FakeAnnouncer late{"192.0.2.77", 77};
  CHECK_FALSE(hear(late, milliseconds(13'000)));  // it is not known yet that they are silent
  static_cast<void>(alarms.on_deadline(after(milliseconds(13'000))));
  CHECK(hear(late, milliseconds(13'001)));
}

TEST_CASE("watch in a flood: forged announcements are listed a few, then one a second") {
  Printed printed;
  for (int i = 0; i < 2000; ++i) {
    FakeAnnouncer forger{address(i)};
    forger.forged = true;
    printed.watch.on_packet(forger.send(milliseconds(i)));
  }
  CHECK(printed.count("BAD SIGNATURE") >= 64);
  CHECK(printed.count("BAD SIGNATURE") <= 66);
  CHECK(printed.count("ALARM bad-signature") == 4);
  printed.lines.clear();
  printed.watch.end(after({}).realtime);
  REQUIRE(printed.lines.size() == 3);
  CHECK(printed.lines[0] == "2000 announcements on 0 streams, 4 alarms, 0 other packets");
  CHECK(printed.lines[1] == "  alarms held back because their like came too often: 1996");
  CHECK(printed.lines[2].starts_with(
      "  announcements not listed because strangers sent too many: 193"));
}

TEST_CASE("watch in a flood: of a crowd that falls silent each is told, passers-by a few") {
  struct Row {
    int announcements;
    std::size_t told;
  };
  for (const Row& row : {Row{1, 4}, Row{2, 4}, Row{3, 200}}) {
    CAPTURE(row.announcements);
    WatchAlarms alarms;
    for (int i = 0; i < 200; ++i) {
      FakeAnnouncer announcer{address(i)};
      for (int second = 0; second < row.announcements; ++second) {
        const HeardPacket packet = announcer.send(Duration::seconds(second));
        static_cast<void>(
            alarms.on_announcement(packet, *read_announcement(packet, toy_verifier())));
      }
    }
    const AlarmList list = alarms.on_deadline(after(milliseconds(10'000)));
    CHECK(list.alarms.size() == row.told);
    CHECK(list.untold == 200 - row.told);
    CHECK(alarms.on_deadline(after(milliseconds(90'000))).alarms.empty());
    CHECK_FALSE(alarms.next_deadline());
  }
}

}  // namespace timecast::test
