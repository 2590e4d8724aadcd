// SPDX-License-Identifier: MIT
//
// Prints how long the estimator takes on this machine, over the traffic of estimator_bits.cpp: the
// median of several runs.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tests/embedded/firmware/traffic.hpp"

namespace timecast::test {
namespace {

constexpr std::size_t kRuns = 31;

class Stopwatch {
 public:
  template <class Call>
  void time(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    total_ += std::chrono::steady_clock::now() - begin;
    ++calls_;
  }
  [[nodiscard]] double mean_ns() const {
    return std::chrono::duration<double, std::nano>{total_}.count() / calls_;
  }

 private:
  std::chrono::steady_clock::duration total_{};
  double calls_ = 0;
};

struct Run {
  double announcement_ns;
  double exchange_ns;
};

std::vector<Turn> record() {
  Estimator estimator;
  Traffic traffic;
  std::vector<Turn> turns;
  for (int i = 0; i < Traffic::kTurns; ++i) {
    turns.push_back(traffic.next(estimator.eagerness()));
    feed(estimator, turns.back());
  }
  return turns;
}

Run replay(const std::vector<Turn>& turns) {
  Estimator estimator;
  Stopwatch nothing;
  Stopwatch announcement;
  Stopwatch exchange;
  for (const Turn& turn : turns) {
    prepare(estimator, turn);
    nothing.time([] {});
    if (turn.heard) announcement.time([&] { estimator.add_announcement(turn.announcement); });
    if (!turn.asked || estimator.count() == 0) continue;
    exchange.time([&] { static_cast<void>(estimator.add_exchange(turn.there, turn.back)); });
  }
  return {announcement.mean_ns() - nothing.mean_ns(), exchange.mean_ns() - nothing.mean_ns()};
}

void print(const char* name, const std::array<Run, kRuns>& runs, double Run::*member) {
  std::array<double, kRuns> sorted{};
  std::transform(runs.begin(), runs.end(), sorted.begin(),
                 [member](const Run& run) { return run.*member; });
  std::sort(sorted.begin(), sorted.end());
  std::printf("%-20s %6.0f ns (median of %zu runs; %.0f to %.0f)\n", name, sorted[kRuns / 2], kRuns,
              sorted.front(), sorted.back());
}

void run() {
  const std::vector<Turn> turns = record();
  std::array<Run, kRuns> runs{};
  for (Run& each : runs) each = replay(turns);
  print("add_announcement()", runs, &Run::announcement_ns);
  print("add_exchange()", runs, &Run::exchange_ns);
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
