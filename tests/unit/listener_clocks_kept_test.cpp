// SPDX-License-Identifier: MIT
//
// A clock that is disciplined through a keeper: common/host/clock_keeper.hpp.
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "listener/clocks/kernel_discipline.hpp"
#include "tests/unit/steered_host.hpp"

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
using Host = SteeredHost;

}  // namespace

TEST_CASE("kept clock: a keeper that dies before it answers makes nobody else of it") {
  for (const unsigned mode :
       {unsigned{ADJ_FREQUENCY}, unsigned{ADJ_OFFSET}, unsigned{ADJ_STATUS}}) {
    CAPTURE(mode);
    Host host{ms(3), kFast};
    host.run(2);
    host.kernel.lost_mode = mode;
    for (int i = 0; i < 8; ++i) {
      host.run(1);
      host.vouch(status_of(State::synchronised));
    }
    CHECK(host.kernel.lost_mode == 0);
    CHECK(host.discipline->describe() == "kernel: steered");
    CHECK(magnitude(host.offset()) < us(1));
  }
}

TEST_CASE("kept clock: who sets another rate while the keeper is gone is another all the same") {
  Host host{ms(3), kFast};
  host.run(2);
  host.kernel.lost_mode = ADJ_FREQUENCY;
  host.run(1);
  host.kernel.frequency += 2'000;
  host.run(1);
  CHECK(host.discipline->describe() == "kernel: left to another program that steers it");
}

TEST_CASE("kept clock: what a silent keeper did not do is told as a failure") {
  Host host{ms(3), kFast};
  host.kernel.keeper_is_gone = true;
  for (const EffectKind kind : {EffectKind::set_frequency, EffectKind::slew, EffectKind::step}) {
    Effect effect{kind};
    CHECK(host.discipline->carry_out(effect, host.kernel.now()) == Discipline::Outcome::failed);
  }
  host.kernel.keeper_is_gone = false;
  Effect rate{EffectKind::set_frequency};
  CHECK(host.discipline->carry_out(rate, host.kernel.now()) == Discipline::Outcome::done);
  host.kernel.keeper_is_gone = true;
  Effect slew{EffectKind::slew};
  CHECK(host.discipline->carry_out(slew, host.kernel.now()) == Discipline::Outcome::failed);
}

namespace {

// One that was started while its keeper did not answer, nor told who else keeps the clock.
void begin_blind(Host& host, KernelDiscipline::Rival rival) {
  host.discipline.emplace(
      KernelDiscipline::Settings{false, std::move(rival)},
      [&host](Level, std::string_view text) { host.said.emplace_back(text); }, FakeKernel::calls());
  host.kernel.keeper_is_gone = true;
  host.vouch(status_of(State::searching));
}

bool tells(const Host& host, const char* part) {
  return host.discipline->describe().find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("kept clock: a keeper that is silent at the start is told before there is any time") {
  Host host{ms(3), kFast};
  begin_blind(host, [] { return std::string{}; });
  CHECK(tells(host, "who holds it for this service does not answer"));
  CHECK(host.said.size() == 1);
  host.kernel.keeper_is_gone = false;
  host.vouch(status_of(State::searching));
  CHECK(host.discipline->describe() == "kernel: not steered yet");
  CHECK(host.said.back() == "this host's clock can be steered again");
}

TEST_CASE("kept clock: who was silent at the start keeps the clock as soon as it answers") {
  Host host{ms(3), kFast};
  begin_blind(host, [] { return std::string{}; });
  host.run(3);
  CHECK(host.kernel.writes == 0);
  host.kernel.keeper_is_gone = false;
  host.run(8);
  CHECK(host.discipline->describe() == "kernel: steered");
  CHECK(magnitude(host.offset()) < us(1));
}

TEST_CASE("kept clock: nothing is set before the keeper has told that nobody else does") {
  Host host{ms(3), kFast};
  std::optional<std::string> rival;
  begin_blind(host, [&rival] { return rival; });
  host.kernel.keeper_is_gone = false;
  host.run(2);
  host.vouch(status_of(State::synchronised));
  CHECK(host.kernel.writes == 0);
  rival = "ntpd keeps this host's clock synchronised";
  host.run(2);
  host.vouch(status_of(State::synchronised));
  CHECK(host.kernel.writes == 0);
  CHECK(host.discipline->describe() == "kernel: left to another program that steers it");
  CHECK(host.said.back().find("ntpd keeps this host's clock synchronised") != std::string::npos);
  CHECK(host.discipline->owns_word() == false);
}

TEST_CASE("kept clock: all that a listener does, its keeper lets it do") {
  Host host{Duration::seconds(3), kFast};
  host.kernel.status = STA_PLL | STA_UNSYNC | STA_NANO;
  host.kernel.loop_offset = 7;
  host.set_frequency();
  CHECK(host.step(host.offset() + ms(80)));
  for (int i = 0; i < 30; ++i) {
    host.run(1);
    host.vouch(status_of(i % 10 == 9 ? State::lost : State::synchronised));
  }
  host.discipline.reset();
  CHECK(host.kernel.writes > 60);
  CHECK(host.kernel.refused == 0);
}
