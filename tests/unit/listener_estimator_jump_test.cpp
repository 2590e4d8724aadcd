// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <ostream>

#include "listener/core/estimator.hpp"

namespace timecast {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }
Timestamp<Raw> raw(Duration since) { return Timestamp<Raw>{s(3'000) + since}; }

// An announcer so far ahead, whose packets take so long.
struct Path {
  Duration ahead = s(77);
  Duration there = us(100);
  Duration back = us(100);
  Duration detour{};

  void announce(Estimator& estimator, Duration at) const {
    const Duration delay = back + detour;
    estimator.add_announcement({raw(at + delay), ahead - delay, {}});
  }
  bool ask(Estimator& estimator, Duration at) const {
    return estimator.add_exchange({raw(at), ahead + there, {}},
                                  {raw(at + there + back), ahead - back, {}});
  }
};

Estimator settled_on(const Path& path, int seconds) {
  Estimator estimator;
  estimator.restart(us(100), ms(10));
  for (int i = 0; i < seconds; ++i) {
    path.announce(estimator, s(i));
    static_cast<void>(path.ask(estimator, s(i) + ms(500)));
  }
  return estimator;
}

}  // namespace

TEST_CASE("estimator: after a jump the hard error still covers what asymmetry may hide") {
  const Path path{s(77), us(20), us(400), {}};
  Estimator estimator = settled_on(path, 60);
  const Path after{s(-5), path.there, path.back, {}};
  estimator.forget_offset();
  after.announce(estimator, s(60));
  CHECK(estimator.count() == 1);
  const Duration off = estimator.at(raw(s(60))).ahead - after.ahead;
  CHECK(magnitude(off) >= us(100));  // half of the asymmetry
  CHECK(magnitude(off) <= estimator.hard_error(estimator.newest()));
}

TEST_CASE("estimator: exchanges that contradict announcements are believed when two say so") {
  const Path path;
  Estimator estimator = settled_on(path, 120);
  // As if announcements alone had been held back from now on by what they gained in time: they go
  // on as before, and both ways of every exchange say that the clock is another.
  const Path other{s(77) + ms(5), us(100), us(100), ms(5)};
  int believed = 0;
  for (int i = 0; i < 300; ++i) {
    other.announce(estimator, s(120 + i));
    believed += other.ask(estimator, s(120 + i) + ms(500)) ? 1 : 0;
    if (i == 0) CHECK(believed == 0);
    if (i == 1) CHECK(believed == 1);
  }
  CHECK(believed >= 290);
  CHECK(magnitude(estimator.at(raw(s(420))).ahead - other.ahead) <= us(50));
}

TEST_CASE(
    "estimator: one exchange that contradicts what is known is not believed, nor is the next") {
  const Path path;
  const Path other{s(77) + ms(5), us(100), us(100), {}};
  Estimator estimator = settled_on(path, 120);
  for (int i = 0; i < 10; ++i) {
    path.announce(estimator, s(120 + i));
    CHECK_FALSE(other.ask(estimator, s(120 + i) + ms(300)));
    CHECK(path.ask(estimator, s(120 + i) + ms(600)));
  }
  CHECK(magnitude(estimator.at(raw(s(130))).ahead - path.ahead) <= us(10));
}

TEST_CASE("estimator: a contradiction of before a jump does not count behind it") {
  const Path path{s(77), us(300), us(300), {}};
  const Path other{s(77) + us(250), us(300), us(300), {}};
  Estimator estimator = settled_on(path, 120);
  path.announce(estimator, s(120));
  CHECK_FALSE(other.ask(estimator, s(120) + ms(300)));
  estimator.forget_offset();
  path.announce(estimator, s(121));
  path.announce(estimator, s(122));
  CHECK_FALSE(other.ask(estimator, s(122) + ms(300)));
}

}  // namespace timecast
