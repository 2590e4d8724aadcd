// SPDX-License-Identifier: MIT
//
// Prints what a listener costs on a Cortex-M4, over the life of listener_life.hpp.

#include "tests/embedded/firmware/cost.hpp"
#include "tests/embedded/firmware/listener_life.hpp"

namespace timecast::test {
namespace {

constexpr int kTurns = 1'000;

struct Costs {
  InstructionCounter counter;
  std::array<Cost, kDeedNames.size()> of;

  template <class Call>
  void operator()(Deed deed, Call call) noexcept {
    of[static_cast<std::size_t>(deed)].add(counter, call);
  }
};

void run() noexcept {
  static Costs costs;
  static ListenerLife life{costs};
  life.live(kTurns);
  print_check(costs.counter);
  for (std::size_t i = 0; i < kDeedNames.size(); ++i) costs.of[i].print(kDeedNames[i]);
  print_figure("sizeof", "Listener", sizeof(Listener));
  const ListenerStatus status = life.status();
  print_figure("check", "announcements", status.announcements);
  print_figure("check", "exchanges", status.exchanges);
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
