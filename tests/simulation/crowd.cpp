// SPDX-License-Identifier: MIT
#include "tests/simulation/crowd.hpp"

#include <algorithm>
#include <deque>

#include "tests/simulation/world.hpp"

namespace timecast::sim {
namespace {

constexpr Duration kUsualLife = Duration::seconds(150);  // until all know the announcer well
constexpr Duration kOutage = Duration::seconds(600);
constexpr Duration kBooting = Duration::seconds(20);
constexpr Duration kWatched = Duration::seconds(120);
constexpr Duration kStride = Duration::milliseconds(100);
constexpr std::size_t kStridesASecond = 10;

void add_listeners(World& world, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    ListenerOptions options;
    options.offset = world.random.entropy().between(-Duration::seconds(1), Duration::seconds(1));
    options.rate_ppm = 50 * (2 * world.random.uniform() - 1);
    world.add_listener(options);
  }
}

void cut_power(World& world) {
  AnnouncerNode& announcer = *world.announcers.front();
  announcer.silent = true;
  for (const auto& each : world.listeners) {
    each->off = true;
    const Duration boot = world.random.entropy().between({}, kBooting);
    world.at(world.now() + boot, [host = each.get()] { host->restart(); });
  }
  world.run_for(kBooting / 2);
  announcer.restart();
  announcer.silent = false;
}

void cut_network(World& world) {
  world.announcers.front()->silent = true;
  world.run_for(kOutage);
  world.announcers.front()->silent = false;
}

// What the announcer has counted so far.
struct Counts {
  std::uint32_t queries = 0;
  std::uint32_t refused = 0;
  std::uint32_t announcements = 0;
};

Counts counts_of(const World& world) {
  const AnnouncerStatus& status = world.announcers.front()->core().status();
  const auto refused = static_cast<std::uint32_t>(status.rejected.total());
  return {status.replies + refused, refused, status.announcements};
}

bool is_synchronised(const ListenerNode& listener) {
  return !listener.off && listener.status().state == State::synchronised;
}

// How many queries came in the last second, looked at ten times a second.
class LastSecond {
 public:
  std::uint32_t add(std::uint32_t queries_so_far) {
    seen_.push_back(queries_so_far);
    if (seen_.size() > kStridesASecond + 1) seen_.pop_front();
    return seen_.back() - seen_.front();
  }

 private:
  std::deque<std::uint32_t> seen_;
};

void watch(World& world, CrowdOutcome& outcome) {
  const Counts before = counts_of(world);
  LastSecond last_second;
  const auto count = static_cast<std::uint32_t>(world.listeners.size());
  const TrueTime begun = world.now();
  outcome.never = count;
  while (world.now() - begun < kWatched) {
    world.run_for(kStride);
    outcome.most_queries =
        std::max(outcome.most_queries, last_second.add(counts_of(world).queries));
    outcome.widest_spread =
        std::max(outcome.widest_spread, world.announcers.front()->core().status().query_spread);
    if ((world.now() - begun).count_ns() % 1'000'000'000 != 0 || outcome.never == 0) continue;
    outcome.never = static_cast<std::uint32_t>(
        std::count_if(world.listeners.begin(), world.listeners.end(),
                      [](const auto& each) { return !is_synchronised(*each); }));
    const Duration passed = world.now() - begun;
    if (outcome.never <= count / 2 && outcome.half == Duration{}) outcome.half = passed;
    if (outcome.never == 0) outcome.all = passed;
  }
  const Counts after = counts_of(world);
  outcome.queries = after.queries - before.queries;
  outcome.refused = after.refused - before.refused;
  outcome.announcements = after.announcements - before.announcements;
}

}  // namespace

CrowdOutcome watch_crowd(CrowdEvent event, std::uint32_t listeners, std::uint64_t seed) {
  World world{seed};
  AnnouncerOptions options;
  options.query_spread.reset();
  world.add_announcer(options);
  add_listeners(world, listeners);
  CrowdOutcome outcome;
  if (event != CrowdEvent::announcer_starts) world.run_for(kUsualLife);
  if (event == CrowdEvent::power_returns) cut_power(world);
  if (event == CrowdEvent::network_heals) cut_network(world);
  watch(world, outcome);
  return outcome;
}

}  // namespace timecast::sim
