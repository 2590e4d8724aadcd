// SPDX-License-Identifier: MIT
//
// Prints what the estimator costs on a Cortex-M4, over the traffic of estimator_bits.cpp.

#include "listener/core/source.hpp"
#include "tests/embedded/firmware/cost.hpp"
#include "tests/embedded/firmware/traffic.hpp"

namespace timecast::test {
namespace {

struct Costs {
  Cost announcement;
  Cost exchange;
  Cost at;
};

void feed(const InstructionCounter& counter, Estimator& estimator, const Turn& turn,
          Costs& costs) noexcept {
  prepare(estimator, turn);
  if (turn.heard) {
    costs.announcement.add(counter, [&] { estimator.add_announcement(turn.announcement); });
  }
  if (estimator.count() == 0) return;
  if (turn.asked) {
    costs.exchange.add(counter,
                       [&] { static_cast<void>(estimator.add_exchange(turn.there, turn.back)); });
  }
  costs.at.add(counter, [&] { static_cast<void>(estimator.at(turn.announcement.at)); });
}

void run() noexcept {
  const InstructionCounter counter;
  Estimator estimator;
  Traffic traffic;
  Costs costs;
  for (int turn = 0; turn < Traffic::kTurns; ++turn) {
    feed(counter, estimator, traffic.next(estimator.eagerness()), costs);
  }
  print_check(counter);
  costs.announcement.print("add_announcement()");
  costs.exchange.print("add_exchange()");
  costs.at.print("at()");
  print_figure("sizeof", "Estimator", sizeof(Estimator));
  print_figure("sizeof", "Source", sizeof(Source));
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
