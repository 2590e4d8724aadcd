// SPDX-License-Identifier: MIT
#include "tests/simulate/peers.hpp"

namespace timecast::simulate {
namespace {

Peers on_a() {
  return {{.rms_us = 1.06, .p99_us = 3.0, .rate_ppb = 256, .cold_s = {5, 6, 6}},
          {.rms_us = 0.76, .p99_us = 2.2, .rate_ppb = 63, .cold_s = {6, 6, 7}},
          {.rms_us = 2.5, .p99_us = 6.5, .rate_ppb = 28, .cold_s = {369, 916, 1'865}},
          {.rms_us = 0.28, .p99_us = 0.85}};
}

Peers on_b() {
  return {{.rms_us = 104, .p99_us = 288, .rate_ppb = 25'076, .cold_s = {5, 190}},
          {.rms_us = 36, .p99_us = 101, .rate_ppb = 4'631, .cold_s = {6, 112}},
          {.rms_us = 150, .p99_us = 430, .rate_ppb = 2'502, .cold_s = {370, 911}},
          {.rms_us = 4.7, .p99_us = 15}};
}

Peers in_holdover() {
  Peers p;
  p.chronyd.holdover_us = {3.8, 16, 32, 96, 203, 474};
  p.ntpd.holdover_us = {2.7, 6.7, 12, 49, 144, 336};
  p.floor.holdover_us = {0.27, 3.0, 8.5, 44, 125, 353};
  return p;
}

Peers after_step() {
  Peers p;
  p.chronyd.after_step_s = {5, 5, 16};
  p.ntpd.after_step_s = {1'326, 2'236, 3'185};
  return p;
}

// At longer intervals errors alone are known.
struct Sparse {
  std::string_view scenario;
  std::int64_t interval_s;
  Peer chronyd;
  Peer ntpd;
  Peer floor;
};

constexpr Sparse kSparse[] = {
    {"A", 4, {}, {}, {0.63, 2.0}},
    {"B", 4, {}, {}, {10.9, 35}},
    {"C", 4, {}, {}, {26, 82}},
    {"A", 16, {2.5, 6.6}, {2.5, 6.5}, {1.50, 4.5}},
    {"B", 16, {108, 312}, {150, 430}, {24, 75}},
    {"C", 16, {113, 333}, {151, 427}, {58, 180}},
    {"D", 16, {3.4, 9.2}, {3.2, 9.2}, {}},
    {"A", 64, {5.4, 17}, {16, 40}, {3.52, 11}},
    {"B", 64, {116, 323}, {158, 430}, {54, 167}},
    {"C", 64, {230, 660}, {222, 658}, {140, 426}},
    {"D", 64, {7.2, 24}, {21, 58}, {}},
};

Peers sparse(std::string_view scenario, Duration interval) {
  for (const Sparse& each : kSparse) {
    if (each.scenario != scenario || Duration::seconds(each.interval_s) != interval) continue;
    return {each.chronyd, {}, each.ntpd, each.floor};
  }
  return {};
}

}  // namespace

Peers peers_on(std::string_view scenario, Duration interval) {
  if (interval != Duration::seconds(1)) return sparse(scenario, interval);
  if (scenario == "A") return on_a();
  if (scenario == "B") return on_b();
  if (scenario == "C") return {{104, 288}, {37, 109}, {151, 427}, {11.1, 33}};
  if (scenario == "D") return {{1.09, 3.1}, {0.98, 3.0}, {3.2, 9.2}, {}};
  if (scenario == "E") return in_holdover();
  if (scenario == "F") return after_step();
  if (scenario == "G") return {{2.1}, {2.9}, {}, {1.2}};
  if (scenario == "H") return {{1.9}, {1.5}, {}, {0.83}};
  return {};
}

}  // namespace timecast::simulate
