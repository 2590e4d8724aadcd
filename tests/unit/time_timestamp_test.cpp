// SPDX-License-Identifier: MIT
#include <initializer_list>
#include <type_traits>

#include <doctest/doctest.h>
#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {
namespace {

template <class A, class B>
concept Subtractable = requires(A a, B b) {
  a - b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a == b;
}
|| requires(A a, B b) { a < b; };
template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class T>
concept GoesOnTheWire = requires(T t) {
  to_ntp(t);
};

TEST_CASE("instants of two clocks can be neither subtracted nor compared nor exchanged") {
  static_assert(Subtractable<Timestamp<Raw>, Timestamp<Raw>>);
  static_assert(!Subtractable<Timestamp<Realtime>, Timestamp<Announced>>);
  static_assert(!Subtractable<Timestamp<Announced>, Timestamp<Realtime>>);
  static_assert(!Subtractable<Timestamp<Raw>, Timestamp<Boot>>);
  static_assert(!Subtractable<Timestamp<Boot>, Timestamp<Realtime>>);
  static_assert(Comparable<Timestamp<Boot>, Timestamp<Boot>>);
  static_assert(!Comparable<Timestamp<Realtime>, Timestamp<Announced>>);
  static_assert(!Comparable<Timestamp<Raw>, Timestamp<Boot>>);
  static_assert(!std::is_convertible_v<Timestamp<Realtime>, Timestamp<Announced>>);
  static_assert(!std::is_constructible_v<Timestamp<Raw>, Timestamp<Boot>>);
  static_assert(!std::is_assignable_v<Timestamp<Raw>&, Timestamp<Boot>>);
  CHECK(offset_between(Timestamp<Announced>{}, Timestamp<Realtime>{}) == Duration{});
}

TEST_CASE("an instant is neither a span nor a number, and instants do not add up") {
  static_assert(!std::is_convertible_v<Duration, Timestamp<Raw>>);
  static_assert(!std::is_convertible_v<Timestamp<Raw>, Duration>);
  static_assert(!std::is_constructible_v<Timestamp<Raw>, long>);
  static_assert(!Subtractable<Duration, Timestamp<Raw>>);
  static_assert(!Addable<Timestamp<Raw>, Timestamp<Raw>>);
  static_assert(std::is_same_v<decltype(Timestamp<Raw>{} - Timestamp<Raw>{}), Duration>);
  CHECK(Timestamp<Raw>{}.since_epoch() == Duration{});
}

TEST_CASE("only the clock that is announced goes on the wire") {
  static_assert(GoesOnTheWire<Timestamp<Announced>>);
  static_assert(!GoesOnTheWire<Timestamp<Raw>>);
  static_assert(!GoesOnTheWire<Timestamp<Boot>>);
  static_assert(!GoesOnTheWire<Timestamp<Realtime>>);
  static_assert(!GoesOnTheWire<Duration>);
  CHECK(to_ntp(Timestamp<Announced>{}).bits() == 0x83AA'7E80'0000'0000U);
}

TEST_CASE("an instant moves by a span, and two of one clock are a span apart") {
  const Timestamp<Boot> noon{Duration::seconds(43'200)};
  const Duration minute = Duration::seconds(60);
  CHECK((noon + minute).since_epoch() == Duration::seconds(43'260));
  CHECK((noon - minute).since_epoch() == Duration::seconds(43'140));
  CHECK((noon + minute) - noon == minute);
  CHECK(noon - (noon + minute) == -minute);
  CHECK(noon - minute < noon);
  CHECK(noon == Timestamp<Boot>{Duration::milliseconds(43'200'000)});
}

TEST_CASE("instants saturate with their spans") {
  const Timestamp<Raw> first{Duration::min()};
  const Timestamp<Raw> last{Duration::max()};
  CHECK((last + Duration::nanoseconds(1)) == last);
  CHECK((first - Duration::nanoseconds(1)) == first);
  CHECK(last - first == Duration::max());
  CHECK(first - last == Duration::min());
}

TEST_CASE("an offset is what the first clock is ahead of the second") {
  const Timestamp<Announced> theirs{Duration::seconds(1'710'699'603)};
  const Timestamp<Realtime> ours{Duration::seconds(1'710'699'600)};
  CHECK(offset_between(theirs, ours) == Duration::seconds(3));
  CHECK(offset_between(ours, theirs) == -Duration::seconds(3));
  CHECK(offset_between(Timestamp<Announced>{Duration::max()}, Timestamp<Raw>{Duration::min()}) ==
        Duration::max());
  CHECK(offset_between(Timestamp<Announced>{Duration::min()}, Timestamp<Raw>{Duration::max()}) ==
        Duration::min());
}

TEST_CASE("a moment shifted is later on all three clocks") {
  const Moment now{Timestamp<Realtime>{Duration::seconds(1'710'699'603)},
                   Timestamp<Raw>{Duration::seconds(50)}, Timestamp<Boot>{Duration::seconds(80)}};
  for (const Duration by : {Duration::milliseconds(7), -Duration::milliseconds(7), Duration{}}) {
    CAPTURE(by.count_ns());
    const Moment then = shifted(now, by);
    CHECK(then.realtime - now.realtime == by);
    CHECK(then.raw - now.raw == by);
    CHECK(then.boot - now.boot == by);
  }
}

}  // namespace
}  // namespace timecast
