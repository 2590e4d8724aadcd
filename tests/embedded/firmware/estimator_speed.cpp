// SPDX-License-Identifier: MIT
//
// Prints how long the estimator takes on this machine, over the traffic of estimator_bits.cpp, and
// a whole listener: the median of several runs.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tests/embedded/firmware/listener_life.hpp"

namespace timecast::test {
namespace {

constexpr std::size_t kRuns = 31;
constexpr int kTurns = 1'000;
// No call takes so long by itself.
constexpr std::chrono::microseconds kInterrupted{30};

class Stopwatch {
 public:
  template <class Call>
  void time(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    const auto took = std::chrono::steady_clock::now() - begin;
    if (took > kInterrupted) return;
    total_ += took;
    least_ = std::min(least_, took);
    ++calls_;
  }
  [[nodiscard]] double mean_ns() const {
    return std::chrono::duration<double, std::nano>{total_}.count() / calls_;
  }
  [[nodiscard]] double least_ns() const {
    return std::chrono::duration<double, std::nano>{least_}.count();
  }

 private:
  std::chrono::steady_clock::duration total_{};
  std::chrono::steady_clock::duration least_ = std::chrono::steady_clock::duration::max();
  double calls_ = 0;
};

// The mean of each call in one run.
template <std::size_t N>
using Run = std::array<double, N>;
template <std::size_t N>
using Names = std::array<const char*, N>;

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

Run<2> replay(const std::vector<Turn>& turns) {
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
  return {announcement.mean_ns() - nothing.least_ns(), exchange.mean_ns() - nothing.least_ns()};
}

class Stopwatches {
 public:
  template <class Call>
  void operator()(Deed deed, Call call) {
    nothing_.time([] {});
    of_[static_cast<std::size_t>(deed)].time(call);
  }
  [[nodiscard]] Run<kDeedNames.size()> means_ns() const {
    Run<kDeedNames.size()> means{};
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] = of_[i].mean_ns() - nothing_.least_ns();
    return means;
  }

 private:
  Stopwatch nothing_;
  std::array<Stopwatch, kDeedNames.size()> of_;
};

Run<kDeedNames.size()> live() {
  Stopwatches watches;
  ListenerLife life{watches};
  life.live(kTurns);
  return watches.means_ns();
}

template <std::size_t N>
void print(const Names<N>& names, const std::array<Run<N>, kRuns>& runs) {
  for (std::size_t i = 0; i < N; ++i) {
    std::array<double, kRuns> sorted{};
    std::transform(runs.begin(), runs.end(), sorted.begin(),
                   [i](const Run<N>& run) { return run[i]; });
    std::sort(sorted.begin(), sorted.end());
    std::printf("%-26s %6.0f ns (median of %zu runs; %.0f to %.0f)\n", names[i], sorted[kRuns / 2],
                kRuns, sorted.front(), sorted.back());
  }
}

void run() {
  const std::vector<Turn> turns = record();
  std::array<Run<2>, kRuns> estimator{};
  std::array<Run<kDeedNames.size()>, kRuns> listener{};
  for (std::size_t i = 0; i < kRuns; ++i) {
    estimator[i] = replay(turns);
    listener[i] = live();
  }
  print<2>({"add_announcement()", "add_exchange()"}, estimator);
  print(kDeedNames, listener);
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
