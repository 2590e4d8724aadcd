// SPDX-License-Identifier: MIT
//
// Prints what an estimator makes of the traffic: a line of what it says and of all bits it has
// ever said. Every machine must print the same.

#include <stdio.h>

#include <bit>
#include <cstdint>

#include "tests/embedded/firmware/traffic.hpp"

namespace timecast::test {
namespace {

constexpr int kTurnsPerLine = 100;

// FNV-1a.
class Hash {
 public:
  void add(std::uint64_t value) noexcept {
    for (unsigned shift = 0; shift < 64; shift += 8) {
      hash_ = (hash_ ^ (value >> shift & 0xff)) * 0x100'0000'01b3;
    }
  }
  void add(double value) noexcept { add(std::bit_cast<std::uint64_t>(value)); }
  void add(Duration value) noexcept { add(static_cast<std::uint64_t>(value.count_ns())); }
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325;
};

void add_all(Hash& hash, const Estimator& estimator, const Estimate& estimate) noexcept {
  hash.add(estimate.ahead);
  hash.add(estimate.sigma);
  hash.add(estimate.error);
  hash.add(estimator.hard_error(estimator.newest()));
  hash.add(estimator.frequency().count_ppb());
  hash.add(estimator.delay());
  hash.add(estimator.unicast_delay());
  hash.add(estimator.memory());
  hash.add(estimator.wander());
  for (const Way way : {Way::announcement, Way::back, Way::there}) {
    hash.add(estimator.noise(way).edge());
    hash.add(estimator.noise(way).late());
  }
  hash.add(std::uint64_t{estimator.count()} << 32 | estimator.exchanges());
  hash.add(std::uint64_t{estimator.in_doubt()} << 8 |
           static_cast<std::uint64_t>(estimator.eagerness()));
}

long long ns(Duration d) noexcept { return d.count_ns(); }

void print(int turn, const Estimator& estimator, const Estimate& estimate, const Hash& hash) {
  printf("turn %d: ahead %lld sigma %lld error %lld delay %lld exchanges %lu hash %016llx\n", turn,
         ns(estimate.ahead), ns(estimate.sigma), ns(estimate.error), ns(estimator.delay()),
         static_cast<unsigned long>(estimator.exchanges()),
         static_cast<unsigned long long>(hash.value()));
}

void run() {
  Estimator estimator;
  Traffic traffic;
  Hash hash;
  for (int turn = 1; turn <= Traffic::kTurns; ++turn) {
    feed(estimator, traffic.next(estimator.eagerness()));
    if (estimator.count() == 0) continue;
    const Estimate estimate = estimator.at(estimator.newest() + Duration::milliseconds(400));
    add_all(hash, estimator, estimate);
    if (turn % kTurnsPerLine == 0) print(turn, estimator, estimate, hash);
  }
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
