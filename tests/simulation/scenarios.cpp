// SPDX-License-Identifier: MIT
#include "tests/simulation/scenarios.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration h(std::int64_t n) { return Duration::seconds(3'600 * n); }

Delay wired_delay() { return exponential(us(100), us(10)); }
Delay wireless_delay() {
  return sometimes(0.02, followed_by(exponential(ms(1), ms(1)), uniform(ms(20), ms(80))),
                   exponential(ms(1), ms(1)));
}

// A server with a perfect clock, whose stamps are those of the wire; a client 0.3 s and 20 ppm off.
Scenario base(std::string_view name, std::string_view title, const Delay& delay) {
  Scenario s;
  s.name = name;
  s.title = title;
  s.announcer.sending = constant(Duration{});
  s.announcer.query_spread = Duration{};
  s.announcer.state.max_error = Duration{};
  s.listener.down = delay;
  s.listener.up = delay;
  s.listener.wander = 1e-9;
  s.listener.steer = true;
  return s;
}

Scenario wired(std::string_view name, std::string_view title) {
  return base(name, title, wired_delay());
}

Scenario wireless(std::string_view name, std::string_view title) {
  Scenario s = base(name, title, wireless_delay());
  s.told = {1e-3, 0.71e-3, 1e-9};
  return s;
}

Scenario ours(Scenario s) {
  s.is_ours = true;
  return s;
}

void add_wired(std::vector<Scenario>& all) {
  Scenario a = wired("A", "wired LAN");
  a.goal = {0.40, 1.2, 30, 10, 4, 0.29, 0.85, 2};
  all.push_back(a);

  Scenario a0 = wired("A0", "A from 50 ms off");
  a0.listener.offset = ms(50);
  all.push_back(a0);

  Scenario a1 = wired("A1", "A, warm start");
  a1.listener.offset = ms(1);
  a1.listener.frequency = FrequencyPpb{-19'900};  // 0.1 ppm off
  a1.listener.frequency_error = FrequencyPpb{20'000};
  a1.goal = {.rms_us = 0.40, .p99_us = 1.2, .cold_limit_us = 10, .cold_s = 5};
  all.push_back(a1);
}

void add_wireless(std::vector<Scenario>& all) {
  Scenario b = wireless("B", "good Wi-Fi");
  b.goal = {8, 25, 80, 100, 60, 5, 16, 30};
  all.push_back(b);

  Scenario c = wireless("C", "cheap oscillator");
  c.listener.rate_ppm = 60;
  c.listener.wander = 1e-8;
  c.told.wander = 1e-8;
  c.goal = {.rms_us = 17, .p99_us = 50, .aim_rms_us = 11.5, .aim_p99_us = 34};
  all.push_back(c);
}

void add_faults(std::vector<Scenario>& all) {
  Scenario d = wired("D", "loss");
  d.listener.down = d.listener.up = lossy(0.2, wired_delay());
  d.goal = {.rms_us = 0.45, .p99_us = 1.4, .aim_rms_us = 0.34, .aim_p99_us = 1.0};
  all.push_back(d);

  Scenario e = wired("E", "holdover");
  e.listener.down = e.listener.up = lost_within({h(4), h(6)}, wired_delay());
  e.silent_from = h(4);
  e.seeds = 50;
  e.hours = 6;
  all.push_back(e);

  Scenario f = wired("F", "step");
  f.announcer.jumps = {{h(3), ms(50)}};
  f.listener.step_over = ms(20);
  f.stepped_at = h(3);
  f.hours = 6;
  all.push_back(f);
}

void add_shapes(std::vector<Scenario>& all) {
  Scenario g = base("G", "no edge", gaussian(us(150), us(10)));
  g.told = {10e-6, 7.1e-6, 1e-9};
  g.goal = {.rms_us = 1.6, .p99_us = 4.5, .aim_rms_us = 1.2, .aim_p99_us = 3.2};
  all.push_back(g);

  Scenario soft = base("H", "soft edge", soft_edge(us(100), us(10)));
  soft.told = {14.1e-6, 10e-6, 1e-9};
  soft.goal = {.rms_us = 1.2, .p99_us = 3.3, .aim_rms_us = 0.9, .aim_p99_us = 2.5};
  all.push_back(soft);
}

void add_changing(std::vector<Scenario>& all) {
  Scenario floor = ours(wired("floor", "A, 200 us longer from 6 h to 8 h"));
  floor.listener.down = floor.listener.up = floor_moved({h(6), h(8)}, us(200), wired_delay());
  all.push_back(floor);

  Scenario route = ours(wired("route", "A, from 6 h to 8 h by a rough way: 500 us + exp(100 us)"));
  route.listener.down = route.listener.up =
      within({h(6), h(8)}, exponential(us(500), us(100)), wired_delay());
  all.push_back(route);

  Scenario sine = ours(wired("temperature", "A, rate swings by 0.5 ppm in an hour"));
  sine.listener.temperature_ppm = 0.5;
  sine.told.wander = 2e-8;
  all.push_back(sine);

  Scenario floor_b = ours(wireless("floor-B", "B, 200 us longer from 6 h to 8 h"));
  floor_b.listener.down = floor_b.listener.up =
      floor_moved({h(6), h(8)}, us(200), wireless_delay());
  floor_b.seeds = 40;
  all.push_back(floor_b);

  Scenario floor_g = ours(base("floor-G", "G, 80 us longer from 6 h to 8 h",
                               floor_moved({h(6), h(8)}, us(80), gaussian(us(150), us(10)))));
  floor_g.told = {10e-6, 7.1e-6, 1e-9};
  all.push_back(floor_g);
}

void add_uneven(std::vector<Scenario>& all) {
  Scenario up = ours(wired("uplink", "A, the way to the server congested: exp(1 ms)"));
  up.listener.up = exponential(us(100), ms(1));
  up.told.exchange_deviation_s = 0.5e-3;
  all.push_back(up);

  Scenario down = ours(wired("downlink", "A, the way from the server congested: exp(1 ms)"));
  down.listener.down = exponential(us(100), ms(1));
  down.told = {1e-3, 0.5e-3, 1e-9};
  all.push_back(down);

  Scenario dtim = ours(wireless("DTIM", "B, multicast waits for beacons: up to 102.4 ms"));
  dtim.listener.multicast = followed_by(wireless_delay(), uniform(Duration{}, us(102'400)));
  dtim.told.deviation_s = 29.6e-3;
  all.push_back(dtim);
}

void add_rough(std::vector<Scenario>& all) {
  Scenario busy = ours(wired("busy", "A, one minute in ten adds exp(2 ms)"));
  busy.listener.down = busy.listener.up = busy_minutes(
      0.1, 7, followed_by(wired_delay(), exponential(Duration{}, ms(2))), wired_delay());
  all.push_back(busy);

  Scenario tail =
      ours(base("tail", "heavy tail: 10 us exp*exp*exp", exponentials_multiplied(us(100), us(10))));
  tail.told = {26.5e-6, 18.7e-6, 1e-9};
  all.push_back(tail);
}

}  // namespace

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  add_wired(all);
  add_wireless(all);
  add_faults(all);
  add_shapes(all);
  add_changing(all);
  add_uneven(all);
  add_rough(all);
  return all;
}

}  // namespace timecast::sim
