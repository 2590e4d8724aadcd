// SPDX-License-Identifier: MIT
#include "listener/core/quality.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

namespace timecast {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

Moment at(Duration since) {
  return {Timestamp<Realtime>{s(1'793'491'200) + since}, Timestamp<Raw>{s(3'000) + since},
          Timestamp<Boot>{s(5'000) + since}};
}

// Heard every second for a while, last at 0; the announcer is 77 s ahead, 150 us away.
struct Scene {
  ListenerConfig config;
  Source source;

  explicit Scene(Duration delay_uncertainty = ms(10)) {
    config.delay_uncertainty = delay_uncertainty;
    source.in_use = true;
    source.interval = s(1);
    source.arrived(at(s(0)));
    source.agreeing = 20;
    source.header.root_delay = NtpShort::at_least(ms(4));
    source.header.root_dispersion = NtpShort::at_least(ms(3));
    source.estimator.restart(config.delay, config.delay_uncertainty);
    for (int k = 19; k >= 0; --k) {
      source.estimator.add_announcement({at(-s(k)).raw, s(77) - us(150), {}});
    }
  }
  void measure() {
    for (int k = 0; k < 8; ++k) {
      REQUIRE(source.estimator.add_exchange({at(s(0)).raw, s(77) + us(150), {}},
                                            {at(us(300)).raw, s(77) - us(150), {}}));
    }
  }
  // To what was asked at `sent`.
  void answer(Duration sent) {
    source.last_exchange.open = true;
    source.last_exchange.exchange.sent = at(sent).raw;
  }
  [[nodiscard]] Quality quality(Duration now = us(500)) const {
    return judge(source, config, at(now));
  }
};

}  // namespace

TEST_CASE("quality: the state is that of the table") {
  struct Row {
    std::string_view name;
    State state;
    Reason reason;
    void (*change)(Scene&);
    Duration now;
  };
  const Row rows[] = {
      {"measured and agreeing", State::synchronised, Reason::agreeing, [](Scene&) {}, s(1)},
      {"just not silent", State::synchronised, Reason::agreeing, [](Scene&) {}, s(3)},
      {"three intervals of silence", State::holdover, Reason::silence, [](Scene&) {}, s(3) + us(1)},
      {"answers in silence", State::synchronised, Reason::unicast_alone,
       [](Scene& x) { x.answer(s(3) + us(500)); }, s(60)},
      {"an answer from before the silence", State::holdover, Reason::silence,
       [](Scene& x) { x.answer(s(3)); }, s(60)},
      {"answers of two packets", State::holdover, Reason::silence,
       [](Scene& x) {
         x.answer(s(10));
         x.source.agreeing = 2;
       },
       s(60)},
      {"answers without a key where keys count", State::holdover, Reason::silence,
       [](Scene& x) {
         x.answer(s(10));
         x.source.id.chain = kPlainChain;
         x.config.key_count = 1;
       },
       s(60)},
      {"three longer intervals", State::synchronised, Reason::agreeing,
       [](Scene& x) { x.source.interval = s(64); }, s(192)},
      {"two packets", State::tentative, Reason::few_announcements,
       [](Scene& x) { x.source.agreeing = 2; }, s(1)},
      {"three packets", State::synchronised, Reason::agreeing,
       [](Scene& x) { x.source.agreeing = 3; }, s(1)},
      {"never answered", State::tentative, Reason::delay_unverified, [](Scene& x) { x = Scene{}; },
       s(1)},
      {"listening only", State::tentative, Reason::listen_only,
       [](Scene& x) {
         x = Scene{};
         x.config.listen_only = true;
       },
       s(1)},
      {"silence while listening only", State::holdover, Reason::silence,
       [](Scene& x) { x.config.listen_only = true; }, s(4)},
      {"too far from the truth", State::lost, Reason::bound_too_large,
       [](Scene& x) { x.source.header.root_dispersion = NtpShort::at_least(s(1)); }, s(1)},
      {"a stricter limit", State::lost, Reason::bound_too_large,
       [](Scene& x) { x.config.max_bound = ms(5); }, s(1)},
      {"a day of silence", State::lost, Reason::bound_too_large, [](Scene&) {}, s(86'400)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scene scene;
    scene.measure();
    row.change(scene);
    const Quality q = scene.quality(row.now);
    CHECK(std::string_view{to_string(q.state)} == to_string(row.state));
    CHECK(q.reason == row.reason);
  }
}

TEST_CASE("quality: the offset is what announcements say and their delay") {
  Scene scene;
  const Quality assumed = scene.quality();
  CHECK(magnitude(assumed.estimate.ahead - (s(77) - us(150) + assumed.delay)) <= us(200));
  CHECK(magnitude(assumed.delay - us(100)) <= us(200));
  scene.measure();
  CHECK(magnitude(scene.quality().estimate.ahead - s(77)) <= us(20));
  CHECK(magnitude(scene.quality().delay - us(150)) <= us(20));
}

TEST_CASE("quality: the bound adds what may be wrong") {
  Scene scene;
  scene.measure();
  const Quality q = scene.quality();
  const Duration root = scene.source.header.root_delay.to_duration() / 2 +
                        scene.source.header.root_dispersion.to_duration();
  CHECK(q.root_distance == root);
  CHECK(q.error ==
        scene.source.estimator.at(at(us(500)).raw).error + scene.config.precision.to_duration());
  const Duration hard = scene.source.estimator.hard_error(at(us(500)).raw);
  CHECK(magnitude(q.bound - (root + q.error + hard)) <= Duration::nanoseconds(20));
  CHECK(magnitude(hard - us(150)) <= us(20));
  CHECK(q.lateness_bounded);
}

TEST_CASE("quality: an unverified delay counts in full") {
  const Scene scene{ms(40)};
  const Quality q = scene.quality();
  CHECK(q.error >= ms(40));
  CHECK(q.bound >= q.root_distance + ms(40));
  CHECK_FALSE(q.lateness_bounded);
}

TEST_CASE("quality: lateness is bounded only by an answer") {
  Scene scene;
  CHECK_FALSE(scene.quality().lateness_bounded);
  scene.measure();
  CHECK(scene.quality().lateness_bounded);
}

TEST_CASE("quality: the bound grows by PHI at least from the last sample on") {
  Scene scene;
  scene.measure();
  Duration last = scene.quality().bound;
  for (std::int64_t t = 2; t < 100'000; t *= 2) {
    const Duration bound = scene.quality(s(t)).bound;
    CHECK(bound - last >= us(15) * (t / 2 - 1));
    last = bound;
  }
}

TEST_CASE("quality: it is valid until the bound passes its limit, and no longer") {
  for (const Duration limit : {ms(10), ms(100), s(1), s(60)}) {
    for (const Duration now : {us(500), s(2), s(300)}) {
      CAPTURE(limit.count_ns());
      CAPTURE(now.count_ns());
      Scene scene;
      scene.measure();
      scene.config.max_bound = limit;
      const Quality q = scene.quality(now);
      if (q.state == State::lost) {
        CHECK(valid_until(q, scene.source, scene.config, at(now)) == at(now).boot);
        continue;
      }
      const Duration left = valid_until(q, scene.source, scene.config, at(now)) - at(now).boot;
      CHECK(left > Duration{});
      CHECK(scene.quality(now + left).bound <= limit);
      CHECK(scene.quality(now + left + left / 20 + s(1)).bound > limit);
    }
  }
}

TEST_CASE("quality: before anything is known of the rate the bound grows fast") {
  Scene scene;
  scene.source.estimator.restart(scene.config.delay, scene.config.delay_uncertainty);
  scene.source.estimator.add_announcement({at(s(0)).raw, s(77), Duration{}});
  CHECK(scene.quality(s(101)).bound - scene.quality(s(100)).bound >= us(600));
}

TEST_CASE("quality: sleep makes the time as uncertain as it was long") {
  Scene scene;
  scene.measure();
  Moment woken = at(s(1));
  woken.boot = woken.boot + s(28'800);
  woken.realtime = woken.realtime + s(28'800);
  const Quality q = judge(scene.source, scene.config, woken);
  CHECK(q.error >= s(28'800));
  CHECK(q.bound >= s(28'800));
  CHECK(q.state == State::lost);
  CHECK(valid_until(q, scene.source, scene.config, woken) == woken.boot);

  // Steering by other programs is no sleep, not even over hours.
  Moment steered = at(s(7'200));
  steered.boot = steered.boot + ms(3'600);  // 500 ppm
  CHECK(judge(scene.source, scene.config, steered).error < s(1));
}

TEST_CASE("quality: a sleep that was counted is not taken for steering after a long silence") {
  Scene scene;
  scene.measure();
  const auto after = [](Duration awake) {
    Moment moment = at(awake);
    moment.boot = moment.boot + s(1);
    return moment;
  };
  CHECK(judge(scene.source, scene.config, after(s(60))).error >= s(1));
  scene.source.count_sleep(after(s(60)));
  CHECK(judge(scene.source, scene.config, after(s(7'200))).error >= s(1));
  scene.source.arrived(after(s(7'200)));
  CHECK(judge(scene.source, scene.config, after(s(7'201))).error < s(1));
}

}  // namespace timecast
