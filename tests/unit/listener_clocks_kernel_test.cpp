// SPDX-License-Identifier: MIT
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "listener/clocks/kernel_discipline.hpp"
#include "tests/unit/steered_host.hpp"

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
using Host = SteeredHost;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("kernel clock: an offset is gone as soon as 500 ppm allow, and stays gone") {
  struct Row {
    Duration offset;
    FrequencyPpb rate;
    Duration period;
    int seconds;  // until then
  };
  const Row rows[] = {
      {us(100), {}, Duration::seconds(1), 3},
      {-us(100), kFast, Duration::seconds(1), 3},
      {ms(50), kFast, Duration::seconds(1), 103},
      {-ms(50), FrequencyPpb{499'000}, Duration::seconds(1), 103},
      {us(700), FrequencyPpb{12'345.678}, ms(250), 6},
      {us(700), FrequencyPpb{-800'000}, ms(970), 6},
      {us(700), FrequencyPpb{30'000'000}, ms(1'130), 7},
  };
  for (const Row& row : rows) {
    CAPTURE(row.offset.count_ns());
    CAPTURE(row.rate.count_ppb());
    Host host{row.offset, row.rate};
    host.run(row.seconds, row.period);
    // What 1.13 s at the rate's last digit add up to, and no more.
    Duration worst;
    for (int i = 0; i < 60; ++i) {
      host.run(1, row.period);
      worst = longer(worst, magnitude(host.offset()));
    }
    CHECK(worst < Duration::nanoseconds(100));
  }
}

TEST_CASE("kernel clock: a correction that is replaced does not add to the new one") {
  Host host{us(400)};
  host.update();
  host.kernel.pass(ms(900));  // 200 ms into the second in which it is applied
  host.set_frequency();
  host.slew(Duration{});  // enough of it
  const Duration left = host.offset();
  host.kernel.pass(Duration::seconds(3));
  CHECK(magnitude(host.offset() - left) < us(2));
}

TEST_CASE("kernel clock: a correction goes no faster than it is told to") {
  Host host{ms(50)};
  for (int i = 0; i < 20; ++i) {
    host.set_frequency();
    Effect effect{EffectKind::slew};
    effect.amount = host.offset();
    effect.over = effect.amount * 1'000'000 / 20;  // 20 ppm
    host.discipline->carry_out(effect, host.kernel.now());
    host.kernel.pass(Duration::seconds(1));
    CHECK(std::abs(host.kernel.rate_now()) < 23e-6);
  }
  CHECK(host.offset() < ms(50) - us(18 * 20));
}

TEST_CASE("kernel clock: killed at any time, it leaves at most 1 ppm and no correction") {
  for (int killed_ms = 0; killed_ms < 4'000; killed_ms += 97) {
    CAPTURE(killed_ms);
    Host host{ms(3), kFast};
    for (int t = 0; t < killed_ms; t += 97) {
      host.update();
      host.kernel.pass(ms(97));
    }
    CHECK(std::abs(host.kernel.told_us) <= 500);
    host.kernel.pass(Duration::seconds(2));  // nobody corrects it any more
    const double ppm = (host.kernel.rate_now() - kFast.to_ratio()) * 1e6;
    if (host.kernel.writes > 0) CHECK(std::abs(ppm) <= 1.0);
    CHECK(host.kernel.told_us == 0);
    CHECK(host.offset() > -us(2));  // nor has it gone past
  }
}

TEST_CASE("kernel clock: the end takes its correction back and leaves the frequency") {
  Host host{ms(3), kFast};
  host.run(2);
  host.discipline.reset();
  CHECK(host.kernel.told_us == 0);
  CHECK(host.kernel.base_rate() == doctest::Approx(kFast.to_ratio()).epsilon(1e-6));
}

TEST_CASE("kernel clock: a step is exact, either way, and needs no slew behind it") {
  for (const Duration offset :
       {Duration::seconds(3) + us(1), -ms(750), -Duration::seconds(2), ms(120)}) {
    CAPTURE(offset.count_ns());
    Host host{offset};
    host.set_frequency();
    CHECK(host.step(host.offset()));
    CHECK(host.kernel.steps_ns == std::vector<std::int64_t>{offset.count_ns()});
    CHECK(host.offset() == Duration{});
    host.kernel.pass(Duration::seconds(2));
    CHECK(magnitude(host.offset()) < Duration::nanoseconds(5));
    REQUIRE(host.said.size() == 2);
    CHECK(contains(host.said[1], "stepped this host's clock by"));
  }
}

TEST_CASE("kernel clock: nothing is touched before the first effect, nor vouched for") {
  Host host{ms(3)};
  host.vouch(status_of(State::synchronised));
  host.discipline.reset();
  CHECK(host.kernel.calls_made == 0);
}

TEST_CASE("kernel clock: another program that steers is left alone, for good and aloud") {
  struct Row {
    const char* name;
    void (*meddle)(FakeKernel&);
  };
  const Row rows[] = {
      {"frequency", [](FakeKernel& k) { k.frequency += 5 * 65'536; }},
      {"tick", [](FakeKernel& k) { k.tick = 10'001; }},
      {"a loop", [](FakeKernel& k) { k.status |= STA_PLL; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Host host{ms(3), kFast};
    host.run(3);
    row.meddle(host.kernel);
    const int writes = host.kernel.writes;
    const long frequency = host.kernel.frequency;
    host.run(3);
    host.vouch(status_of(State::synchronised));
    CHECK_FALSE(host.step(ms(200)));
    CHECK(contains(host.discipline->describe(), "left to another"));
    host.discipline.reset();
    CHECK(host.kernel.writes == writes);
    CHECK(host.kernel.frequency == frequency);
    REQUIRE(host.said.size() == 2);
    CHECK(contains(host.said[1], "another program steers this host's clock"));
    CHECK(contains(host.said[1], "Stop chronyd"));
  }
}

TEST_CASE("kernel clock: it knows whose word it is that the clock is synchronised") {
  Host host{ms(3), kFast};
  host.run(3);
  host.vouch(status_of(State::tentative));
  CHECK_FALSE(host.discipline->owns_word());
  host.kernel.fail_call = host.kernel.calls_made + 2;  // the look succeeds, the word does not
  host.vouch(status_of(State::synchronised));
  CHECK_FALSE(host.discipline->owns_word());
  host.vouch(status_of(State::synchronised));
  CHECK(host.discipline->owns_word() == true);
  host.vouch(status_of(State::lost));
  CHECK(host.discipline->owns_word() == true);
  host.kernel.status |= STA_PLL;
  host.run(1);
  CHECK(host.discipline->owns_word() == false);
}

TEST_CASE("kernel clock: a loop that another left switched on is emptied and switched off") {
  Host host;
  host.kernel.status = STA_PLL | STA_UNSYNC;
  host.kernel.loop_offset = 400'000;
  host.run(3);
  CHECK(host.kernel.loop_offset == 0);
  CHECK((host.kernel.status & STA_PLL) == 0);
  CHECK(host.said.size() == 1);
}

TEST_CASE("kernel clock: any call may fail once: it is told, made good, and told again") {
  for (int call = 1; call <= 8; ++call) {
    CAPTURE(call);
    Host host{us(800), kFast};
    host.kernel.fail_call = call;
    for (int i = 0; i < 8; ++i) {
      host.update();
      host.vouch(status_of(State::synchronised));
      host.kernel.pass(Duration::seconds(1));
    }
    CHECK(magnitude(host.offset()) < us(1));
    CHECK((host.kernel.status & STA_UNSYNC) == 0);
    int failures = 0, recoveries = 0;
    for (const std::string& line : host.said) {
      if (contains(line, "cannot steer this host's clock: input/output error")) ++failures;
      if (contains(line, "can be steered again")) ++recoveries;
    }
    CHECK(failures == 1);
    CHECK(recoveries == 1);
  }
}

TEST_CASE("kernel clock: without the right nothing is written, and one line says what to give") {
  Host host{us(800), kFast};
  host.kernel.forbidden = true;
  host.run(5);
  host.vouch(status_of(State::synchronised));
  CHECK(host.kernel.frequency == 0);
  REQUIRE(host.said.size() == 1);
  CHECK(contains(host.said[0], "operation not permitted; give it CAP_SYS_TIME, or choose --clock"));
  CHECK(contains(host.discipline->describe(), "not permitted"));
}

TEST_CASE("kernel clock: what is vouched for follows the state") {
  Host host;
  host.run(1);
  host.vouch(status_of(State::tentative));
  CHECK((host.kernel.status & STA_UNSYNC) != 0);
  CHECK(host.kernel.max_error >= 16'000'000);

  host.vouch(status_of(State::synchronised));
  CHECK((host.kernel.status & STA_UNSYNC) == 0);
  CHECK(host.kernel.max_error == 1'003);
  CHECK(host.kernel.estimated_error == 23);

  ListenerStatus later = status_of(State::holdover);
  later.bound = ms(700);
  host.vouch(later);
  CHECK((host.kernel.status & STA_UNSYNC) == 0);
  CHECK(host.kernel.max_error == 700'003);

  host.vouch(status_of(State::lost));
  CHECK((host.kernel.status & STA_UNSYNC) != 0);
}

TEST_CASE("kernel clock: another program is noticed where nothing is corrected, and at the end") {
  for (const bool vouches : {true, false}) {
    CAPTURE(vouches);
    Host host{ms(3), kFast};
    host.run(3);
    host.vouch(status_of(State::synchronised));
    host.kernel.frequency += 5 * 65'536;
    host.kernel.status |= STA_INS;
    const int writes = host.kernel.writes;
    if (vouches) {
      host.vouch(status_of(State::holdover));
      host.vouch(status_of(State::lost));
    }
    host.discipline.reset();
    CHECK(host.kernel.writes == writes);
    REQUIRE(host.said.size() == 2);
    CHECK(contains(host.said[1], "another program steers this host's clock"));
  }
}

TEST_CASE("kernel clock: with the last correction gone, its part of the rate goes too") {
  Host host{Duration::nanoseconds(900), kFast};
  host.update();
  CHECK(host.kernel.base_rate() - kFast.to_ratio() > 0.8e-6);
  host.kernel.pass(Duration::seconds(1));
  host.vouch(status_of(State::holdover));
  CHECK(host.kernel.base_rate() - kFast.to_ratio() > 0.8e-6);  // not yet
  host.kernel.pass(Duration::seconds(1));
  host.vouch(status_of(State::holdover));
  CHECK(std::abs(host.kernel.base_rate() - kFast.to_ratio()) < 1e-10);
}

TEST_CASE("kernel clock: nothing is told where the kernel's second may or may not have begun") {
  for (const std::int64_t into_ms : {0, 1, 10, 19}) {
    CAPTURE(into_ms);
    Host host{us(300)};
    host.update();
    host.kernel.pass(ms(700 + into_ms));  // the start is 300 ms into a second
    const long told = host.kernel.told_us;
    host.update();
    CHECK(host.kernel.told_us == told);
    CHECK(host.discipline->postponed(host.kernel.now()) >= ms(20 - into_ms) - us(50));
    CHECK(host.discipline->postponed(host.kernel.now()) <= ms(21 - into_ms));
  }
}

TEST_CASE("kernel clock: a correction each second settles whenever in the second it comes") {
  for (int phase_ms = 0; phase_ms < 1'000; phase_ms += 37) {
    CAPTURE(phase_ms);
    Host host{us(30), kFast};
    host.kernel.pass(ms(phase_ms));
    host.run(60);
    CHECK(magnitude(host.offset()) < Duration::nanoseconds(100));
  }
}

TEST_CASE("kernel clock: a leap second is planned again after the clock was set, by whomever") {
  // 2017-01-01 less an hour.
  constexpr Timestamp<Realtime> kEve{Duration::seconds(1'483'225'200) + ms(300)};
  for (const bool by_us : {true, false}) {
    CAPTURE(by_us);
    Host host{Duration{}, {}, kEve};
    ListenerStatus leaps = status_of(State::synchronised);
    leaps.leap = Leap::insert_second;
    const auto live = [&](int seconds) {
      for (int i = 0; i < seconds; ++i) {
        host.run(1);
        host.vouch(leaps);
      }
    };
    live(4);
    CHECK(host.kernel.leap_is_planned);
    if (by_us) {
      host.step(ms(200));
    } else {
      timex jump{};
      jump.modes = ADJ_SETOFFSET | ADJ_NANO;
      jump.time.tv_usec = 200'000'000;
      host.kernel.adjtimex(jump);
    }
    CHECK_FALSE(host.kernel.leap_is_planned);
    live(6);
    CHECK(host.kernel.leap_is_planned);
    CHECK((host.kernel.status & STA_UNSYNC) == 0);
  }
}

TEST_CASE("kernel clock: of start, step and end as well any call may fail once") {
  for (int call = 1; call <= 16; ++call) {
    CAPTURE(call);
    Host host{ms(300), kFast};
    host.kernel.status = STA_PLL | STA_UNSYNC;
    host.kernel.fail_call = call;
    for (int i = 0; i < 8; ++i) {
      host.set_frequency();
      if (magnitude(host.offset()) > ms(100)) {
        host.step(host.offset());
      } else {
        host.slew(host.offset());
      }
      host.vouch(status_of(State::synchronised));
      host.kernel.pass(Duration::seconds(1));
    }
    CHECK(magnitude(host.offset()) < us(1));
    CHECK((host.kernel.status & (STA_UNSYNC | STA_PLL)) == 0);
    CHECK(host.kernel.steps_ns.size() == 1);
  }
}
