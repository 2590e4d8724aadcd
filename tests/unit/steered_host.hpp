// SPDX-License-Identifier: MIT
//
// A host whose kernel's clock is disciplined, on a kernel that a test lets pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "listener/clocks/kernel_discipline.hpp"
#include "tests/unit/fake_kernel.hpp"

namespace timecast {

inline constexpr Timestamp<Realtime> kSteeredFrom{Duration::seconds(1'790'000'000) +
                                                  Duration::milliseconds(300)};

inline constexpr FrequencyPpb kFast{-100'000};  // 100 ppm fast: it must be made slower

// Of a listener that has nearly arrived.
inline ListenerStatus status_of(State state) {
  ListenerStatus status;
  status.state = state;
  status.offset = -Duration::microseconds(3);
  status.error = Duration::microseconds(20);
  status.bound = Duration::milliseconds(1);
  status.leap = Leap::none;
  return status;
}

// A host whose oscillator is `rate` slow, and a steering that knows the true time.
struct SteeredHost {
  explicit SteeredHost(Duration offset = {}, FrequencyPpb rate = {},
                       Timestamp<Realtime> start = kSteeredFrom)
      : kernel{start}, start_{start}, offset_{offset}, rate_{rate} {}

  // True time less the clock's.
  [[nodiscard]] Duration offset() const {
    const Moment now = kernel.now();
    return start_ + offset_ + now.raw.since_epoch() + rate_.over(now.raw.since_epoch()) -
           now.realtime;
  }
  void set_frequency() {
    Effect effect{EffectKind::set_frequency};
    effect.frequency = rate_;
    discipline->carry_out(effect, kernel.now());
  }
  void slew(Duration amount) {
    Effect effect{EffectKind::slew};
    effect.amount = amount;
    effect.over = longer(Duration::seconds(1), magnitude(amount) * 2'000);  // 500 ppm
    discipline->carry_out(effect, kernel.now());
  }
  bool step(Duration amount) {
    Effect effect{EffectKind::step};
    effect.amount = amount;
    return discipline->carry_out(effect, kernel.now()) == Discipline::Outcome::stepped;
  }
  void update() {
    set_frequency();
    slew(offset());
  }
  // Keeps out of where it is told to.
  void run(int seconds, Duration period = Duration::seconds(1)) {
    const Timestamp<Raw> end = kernel.now().raw + Duration::seconds(seconds);
    while (kernel.now().raw < end) {
      kernel.pass(discipline->postponed(kernel.now()));
      update();
      kernel.pass(period);
    }
  }
  void vouch(const ListenerStatus& status) { discipline->vouch(status, kernel.now()); }

  FakeKernel kernel;
  std::vector<std::string> said;
  std::optional<KernelDiscipline> discipline{
      std::in_place, KernelDiscipline::Settings{},
      [this](Level, std::string_view text) { said.emplace_back(text); }, FakeKernel::calls()};

 private:
  Timestamp<Realtime> start_;
  Duration offset_;
  FrequencyPpb rate_;
};

}  // namespace timecast
