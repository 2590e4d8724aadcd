// SPDX-License-Identifier: MIT
//
// Attacks of whoever owns the link, on both real cores. Each case is a row of the table in
// docs/security.md, which scripts/attack-table prints.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "tests/simulation/outcome.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

void seen(const std::string& what) {
  if (std::getenv("TIMECAST_ATTACKS") != nullptr) std::printf("seen: %s\n", what.c_str());
}

std::string in_us(Duration span) { return std::to_string(span.count_ns() / 1'000) + " us"; }

// Announcements are held back: by a millisecond more each second from `from` on, up to ten seconds.
Delay ever_later(Duration from) {
  return [=](Random& r, TrueTime left) {
    const Duration usual = us(100) + r.entropy().between({}, us(20));
    if (left < from) return usual;
    const Duration held = Duration::from_seconds((left - from).to_seconds() * 1e-3);
    return usual + std::min(held, s(10));
  };
}

}  // namespace

TEST_CASE("attack: announcements are held back a millisecond longer each second") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({});
  ListenerOptions options;
  options.multicast = ever_later(s(120));
  auto& listener = world.add_listener(options);
  // Up to a second is learnt as the delay of this network. What is beyond no path can take.
  int seconds_wrong = 0;
  bool trusted_at_the_end = true;
  world.watch(s(1'800), [&] {
    const ListenerStatus status = listener.status();
    trusted_at_the_end = status.lateness_bounded;
    if (!status.lateness_bounded) return;
    CHECK(magnitude(listener.error()) <= status.bound);
    seconds_wrong += magnitude(listener.error()) > status.error ? 1 : 0;
  });
  CHECK(seconds_wrong <= 2);
  CHECK_FALSE(trusted_at_the_end);
  CHECK(listener.status().rejected[Reject::implausible_exchange] > 0);
  seen("seconds of 1800 outside error: " + std::to_string(seconds_wrong) +
       "; beyond 1 s of delay lateness_bounded false, " + to_string(listener.status().state));
}

TEST_CASE("attack: all announcements come ten seconds late from some time on") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({});
  ListenerOptions options;
  options.multicast = [](Random& r, TrueTime left) {
    return us(100) + r.entropy().between({}, us(20)) + (left < s(120) ? Duration{} : s(10));
  };
  options.steer = true;
  auto& listener = world.add_listener(options);
  world.run_for(s(119));
  // The clock itself, whatever is said of it.
  Duration worst;
  world.watch(s(1'800), [&] {
    worst = std::max(worst, magnitude(listener.error() - listener.status().offset));
  });
  CHECK(worst <= us(50));
  CHECK(listener.status().state == State::synchronised);
  const RejectCounters rejected = listener.status().rejected;
  CHECK(rejected[Reject::timeline_break] + rejected[Reject::replayed] > 1'600);
  seen(std::string{to_string(listener.status().state)} +
       " by answers alone; the clock is off by at most " + in_us(worst) + " in 1800 s");
}

TEST_CASE("attack: announcements are held back from who only listens") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({});
  ListenerOptions options;
  options.multicast = ever_later(s(120));
  options.listen_only = true;
  auto& listener = world.add_listener(options);
  bool said_unbounded = true;
  Duration worst;
  world.watch(s(1'800), [&] {
    const ListenerStatus status = listener.status();
    said_unbounded =
        said_unbounded && !status.lateness_bounded && status.state != State::synchronised;
    if (status.state != State::searching) worst = std::max(worst, magnitude(listener.error()));
  });
  CHECK(said_unbounded);
  CHECK(worst <= s(10) + ms(50));
  seen("lateness_bounded false throughout, never synchronised; late by at most " + in_us(worst));
}

TEST_CASE("attack: packets with little delay are dropped") {
  World world{seed_from_environment_or(2)};
  world.add_announcer({});
  ListenerOptions options;
  options.multicast = [](Random& r, TrueTime left) {
    const Duration delay = us(100) + Duration::from_seconds(1e-3 * r.exponential());
    return left > s(120) && delay < us(1'500) ? kLost : delay;
  };
  auto& listener = world.add_listener(options);
  world.run_for(s(119));
  const Duration bound = listener.status().bound;
  const Outcome outcome = watch(world, listener, s(900));
  CHECK(outcome.bounds_broken == 0);
  const ListenerStatus status = listener.status();
  CHECK((status.state == State::synchronised || status.state == State::holdover));
  seen("bound " + in_us(bound) + " before, " + in_us(status.bound) + " after; " +
       to_string(status.state));
}

TEST_CASE("attack: an announcer dies and another one takes over that is 5 ms ahead") {
  World world{seed_from_environment_or(3)};
  auto& first = world.add_announcer({});
  AnnouncerOptions other;
  other.key = 2;
  other.clock.offset = ms(5);
  world.add_announcer(other);
  ListenerOptions options;
  options.steer = true;
  auto& listener = world.add_listener(options);
  world.run_for(s(120));
  (listener.status().key == toy_signer(1).key ? first : *world.announcers[1]).silent = true;
  const PublicKey before = listener.status().key;
  // A slew moves the clock by at most 500 us a second.
  Duration last = listener.error() - listener.status().offset;
  Duration largest;
  world.watch(s(60), [&] {
    const Duration here = listener.error() - listener.status().offset;
    largest = std::max(largest, magnitude(here - last));
    last = here;
  });
  CHECK(listener.status().key != before);
  CHECK(listener.status().state == State::synchronised);
  CHECK(largest <= us(600));
  seen("taken over; the clock moved by at most " + in_us(largest) + " a second");
}

TEST_CASE("attack: two announcers that are both trusted disagree by two seconds") {
  World world{seed_from_environment_or(4)};
  world.add_announcer({});
  AnnouncerOptions other;
  other.key = 2;
  other.clock.offset = s(2);
  world.add_announcer(other);
  auto& listener = world.add_listener({});
  world.run_for(s(60));
  const PublicKey incumbent = listener.status().key;
  int changes = 0;
  world.watch(s(900), [&] { changes += listener.status().key == incumbent ? 0 : 1; });
  CHECK(changes == 0);
  CHECK(listener.status().state == State::synchronised);
  CHECK(listener.status().sources == 2);
  seen("two streams, changes of the one that is followed in 900 s: " + std::to_string(changes));
}

TEST_CASE("attack: the announcer's clock is set back by 0.8 s") {
  World world{seed_from_environment_or(5)};
  auto& announcer = world.add_announcer({});
  auto& listener = world.add_listener({});
  world.run_for(s(120));
  const ListenerStatus before = listener.status();
  announcer.step_clock(ms(-800));
  world.run_for(s(10));
  const ListenerStatus after = listener.status();
  CHECK(after.announcements >= before.announcements + 9);
  CHECK(after.rejected.total() <= 1);
  CHECK(magnitude(listener.error()) <= after.bound);
  world.run_for(s(60));
  CHECK(listener.status().state == State::synchronised);
  seen(std::to_string(after.announcements - before.announcements) + " of 10 packets counted");
}

TEST_CASE("attack: a second is inserted at midnight, and one is deleted") {
  int most_lost = 0;
  for (const Duration by : {s(-1), s(1)}) {
    World world{seed_from_environment_or(7)};
    auto& announcer = world.add_announcer({});
    auto& listener = world.add_listener({});
    announcer.options.state.leap = by < Duration{} ? Leap::insert_second : Leap::delete_second;
    world.run_for(s(120));
    CHECK(listener.status().leap == announcer.options.state.leap);
    // While it leaps nobody says what time it is.
    announcer.options.state.synchronised = false;
    world.run_for(s(1));
    announcer.step_clock(by);
    announcer.options.state = {true, Leap::none, ms(1)};
    const std::uint32_t before = listener.status().announcements;
    world.run_for(s(10));
    const ListenerStatus after = listener.status();
    most_lost = std::max(most_lost, 10 - static_cast<int>(after.announcements - before));
    CHECK(magnitude(listener.error()) <= after.bound);
    CHECK(after.leap == Leap::none);
    world.run_for(s(60));
    CHECK(listener.status().state == State::synchronised);
    CHECK(magnitude(listener.error()) < us(50));
  }
  CHECK(most_lost <= 3);
  seen("followed; at most " + std::to_string(std::max(most_lost, 0)) +
       " of 10 packets not counted");
}

TEST_CASE("attack: the era ends in 2036 and 32 bits of Unix time end in 2106") {
  Duration worst;
  for (const std::int64_t at : {2'085'978'496LL, 4'294'967'296LL}) {
    CAPTURE(at);
    World world{seed_from_environment_or(6)};
    const Duration ahead = s(at - 1'793'491'200 - 60);
    world.add_announcer({.clock = {ahead, 0, {}}});
    ListenerOptions options;
    options.offset = ahead;
    options.pivot = Timestamp<Announced>{s(at - 86'400)};
    auto& listener = world.add_listener(options);
    const Outcome outcome = watch(world, listener, s(180));
    CHECK(listener.status().state == State::synchronised);
    CHECK(outcome.seconds_to_synchronised < 30);
    CHECK(outcome.bounds_broken == 0);
    worst = std::max(worst, outcome.worst);
  }
  CHECK(worst < us(50));
  seen("synchronised throughout; worst error " + in_us(worst));
}

}  // namespace timecast::sim
