// SPDX-License-Identifier: MIT
#include <timecast/wire/group_patience.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <string_view>
#include <vector>

namespace timecast {
namespace {

using Step = GroupPatience::Step;

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }
Timestamp<Boot> at(Duration since_boot) { return Timestamp<Boot>{since_boot}; }

// Carries out all that is due until then; returns when the group was left.
std::vector<Duration> leaves_until(GroupPatience& patience, Duration end) {
  std::vector<Duration> leaves;
  for (int i = 0; i < 1'000 && patience.next_deadline() <= at(end); ++i) {
    const Timestamp<Boot> now = patience.next_deadline();
    const Step step = patience.on_deadline(now);
    REQUIRE(step != Step::none);
    if (step == Step::leave) leaves.push_back(now.since_epoch());
  }
  return leaves;
}

// Hears something each second from `from` to `to`, and carries out what is due between.
void hear(GroupPatience& patience, Duration from, Duration to, Duration interval = s(1)) {
  for (Duration now = from; now <= to; now = now + interval) {
    static_cast<void>(leaves_until(patience, now));
    patience.heard(at(now), interval);
  }
}

}  // namespace

TEST_CASE("group patience: while something comes nothing is due") {
  GroupPatience patience{at(s(100))};
  hear(patience, s(101), s(1'000));
  CHECK(patience.rejoins() == 0);
  CHECK(patience.on_deadline(at(s(1'001))) == Step::none);
  CHECK(patience.next_deadline() > at(s(1'010)));
}

TEST_CASE(
    "group patience: after ten seconds of silence it is joined anew, on a tick, then rarely") {
  GroupPatience patience{at(s(100))};
  hear(patience, s(101), s(202));
  CHECK(leaves_until(patience, s(2'000)) ==
        std::vector<Duration>{s(215),   s(220),   s(225),   s(230),   s(240),  s(250),
                              s(260),   s(280),   s(300),   s(320),   s(360),  s(400),
                              s(480),   s(560),   s(640),   s(800),   s(960),  s(1'120),
                              s(1'280), s(1'440), s(1'600), s(1'760), s(1'920)});
  CHECK(patience.attempts() == patience.rejoins());
}

TEST_CASE("group patience: it joins half a second after it has left, even if it was late") {
  GroupPatience patience{at(s(100))};
  CHECK(patience.next_deadline() == at(s(115)));
  CHECK(patience.on_deadline(at(s(115) - ms(1))) == Step::none);
  CHECK(patience.on_deadline(at(s(117))) == Step::leave);
  CHECK(patience.next_deadline() == at(s(117) + GroupPatience::kGap));
  CHECK(patience.on_deadline(at(s(117) + ms(499))) == Step::none);
  CHECK(patience.on_deadline(at(s(118))) == Step::join);
  CHECK(patience.next_deadline() == at(s(120)));
}

TEST_CASE("group patience: after a sleep of this host it is joined anew at once") {
  GroupPatience patience{at(s(100))};
  hear(patience, s(101), s(200));
  CHECK(patience.on_deadline(at(s(5'003))) == Step::leave);
  CHECK(patience.on_deadline(at(s(5'003) + ms(500))) == Step::join);
}

TEST_CASE("group patience: longer intervals are waited for three times") {
  GroupPatience patience{at(s(100))};
  patience.heard(at(s(164)), s(64));
  CHECK(patience.next_deadline() == at(s(360)));
  patience.heard(at(s(228)), s(1'000'000));  // nobody means that
  CHECK(patience.next_deadline() < at(s(228) + s(3'080)));
}

TEST_CASE("group patience: a silence has an end, and the next one is waited for as the first") {
  GroupPatience patience{at(s(100))};
  CHECK_FALSE(patience.heard(at(s(101)), s(1)));
  static_cast<void>(leaves_until(patience, s(1'000)));
  CHECK(patience.attempts() > 0);
  CHECK(patience.heard(at(s(1'001)), s(1)));
  CHECK(patience.attempts() == 0);
  CHECK(patience.next_deadline() == at(s(1'015)));
}

TEST_CASE("group patience: members of one silence leave together, however long each one waits") {
  GroupPatience old{at(s(100))};
  static_cast<void>(leaves_until(old, s(5'000)));
  GroupPatience young{at(s(5'000) + ms(3))};
  const std::vector<Duration> rare = leaves_until(old, s(9'000));
  const std::vector<Duration> often = leaves_until(young, s(9'000));
  CHECK(rare.size() > 20);
  for (const Duration each : rare) {
    CHECK(std::find(often.begin(), often.end(), each) != often.end());
  }
}

TEST_CASE("group patience: equal periods that a new join ends are a rhythm, others are not") {
  struct Period {
    Duration heard;
    Duration after_join;  // when the silence after it ends
  };
  struct Row {
    const char* name;
    std::vector<Period> periods;
    bool is_rhythm;
  };
  const Row rows[] = {
      {"once", {{s(260), s(1)}}, false},
      {"twice", {{s(260), s(1)}, {s(262), ms(300)}}, true},
      {"not for as long", {{s(260), s(1)}, {s(100), s(1)}}, false},
      {"too long", {{s(80'000), s(1)}, {s(80'000), s(1)}}, false},
      {"came back by itself", {{s(260), s(3)}, {s(260), s(4)}}, false},
      {"the second time by itself", {{s(260), s(1)}, {s(260), s(3)}}, false},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string_view{row.name});
    Duration now = s(100);
    GroupPatience patience{at(now)};
    for (const Period& period : row.periods) {
      hear(patience, now, now + period.heard);
      now = leaves_until(patience, now + period.heard + s(21)).back() + GroupPatience::kGap +
            period.after_join;
      CHECK(patience.heard(at(now), s(1)));
    }
    CHECK((patience.rhythm() > Duration{}) == row.is_rhythm);
  }
}

TEST_CASE(
    "group patience: who knows the rhythm reminds twice in it, and does not learn from that") {
  GroupPatience patience{at(s(100))};
  Duration now = s(100);
  for (int i = 0; i < 2; ++i) {
    hear(patience, now, now + s(260));
    now = leaves_until(patience, now + s(260) + s(21)).back() + s(1);
    patience.heard(at(now), s(1));
  }
  const Duration rhythm = patience.rhythm();
  REQUIRE(magnitude(rhythm - s(260)) <= s(1));
  const std::uint32_t before = patience.rejoins();
  hear(patience, now, now + s(2'600));
  CHECK(patience.rejoins() - before >= 20);
  CHECK(patience.rejoins() - before <= 34);
  CHECK(patience.rhythm() == rhythm);
}

}  // namespace timecast
