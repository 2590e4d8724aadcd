// SPDX-License-Identifier: MIT
//
// timecast-simulated-crowd [LISTENERS]...: what one announcer bears when all its listeners come at
// once, on simulated clocks and links. For scripts/bench scale; as a table in Markdown.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/crowd.hpp"

namespace timecast {
namespace {

constexpr std::uint32_t kMostListeners = 100'000;

struct Event {
  sim::CrowdEvent event;
  const char* name;
};
constexpr Event kEvents[] = {
    {sim::CrowdEvent::announcer_starts, "the announcer starts"},
    {sim::CrowdEvent::power_returns, "power returns"},
    {sim::CrowdEvent::network_heals, "the network heals"},
};

std::string seconds(Duration span) {
  return span == Duration{} ? "-" : std::to_string(span.count_ns() / 1'000'000'000) + " s";
}

// Whether what the design promises was kept.
bool watch(std::uint32_t listeners, const Event& event) {
  const sim::CrowdOutcome seen = sim::watch_crowd(event.event, listeners, 1);
  const double peak = 1'000.0 * seen.most_queries / listeners;
  std::printf("| %u | %s | %u | %.1f s | %u | %.0f | %.1f | %u | %s | %s |\n", listeners,
              event.name, seen.announcements, seen.widest_spread.to_seconds(), seen.most_queries,
              peak, static_cast<double>(seen.queries) / listeners, seen.refused,
              seconds(seen.half).c_str(), seconds(seen.all).c_str());
  std::fflush(stdout);
  constexpr std::uint32_t kCrowd = 500;  // of a few a second's queries say nothing
  return seen.never == 0 && seen.refused == 0 && (listeners < kCrowd || peak < 200);
}

}  // namespace
}  // namespace timecast

int main(int argc, char** argv) {
  using namespace timecast;
  std::vector<std::uint32_t> sizes;
  for (int i = 1; i < argc; ++i) {
    std::uint32_t size = 0;
    const char* const end = argv[i] + std::strlen(argv[i]);
    const auto [rest, error] = std::from_chars(argv[i], end, size);
    if (error != std::errc{} || rest != end || size == 0 || size > kMostListeners) {
      std::fprintf(stderr, "timecast-simulated-crowd: \"%s\" is no number of 1 to %u\n", argv[i],
                   kMostListeners);
      return 2;
    }
    sizes.push_back(size);
  }
  if (sizes.empty()) sizes = {1, 30, 500, 1'000, 10'000};
  std::puts(
      "| listeners | event | announcements in 2 min | spread, at most | most queries in a second "
      "| per 1000 listeners | queries each | refused | half synchronised | all synchronised |\n"
      "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|");
  bool kept = true;
  for (const std::uint32_t size : sizes) {
    for (const Event& event : kEvents) kept = watch(size, event) && kept;
  }
  return kept ? 0 : 1;
}
