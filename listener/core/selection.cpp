// SPDX-License-Identifier: MIT
#include "listener/core/selection.hpp"

#include "listener/core/quality.hpp"

namespace timecast {
namespace {

constexpr Duration kForgetAfter = Duration::seconds(60);

bool followable(const Source& source, Timestamp<Boot> now) noexcept {
  return source.in_use && source.estimator.count() > 0 && !source.silent(now);
}

bool better(const Quality& a, const Quality& b) noexcept {
  const bool a_measured = a.state == State::synchronised;
  const bool b_measured = b.state == State::synchronised;
  if (a_measured != b_measured) return a_measured;
  return a.bound < b.bound;
}

}  // namespace

std::size_t select(const Sources& sources, std::size_t incumbent, const ListenerConfig& config,
                   const Moment& now) noexcept {
  const bool has_incumbent = incumbent < kMaxSources && sources[incumbent].in_use &&
                             sources[incumbent].estimator.count() > 0;
  if (has_incumbent && followable(sources[incumbent], now.boot)) return incumbent;
  std::size_t best = kMaxSources;
  Quality best_quality;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (!followable(sources[i], now.boot)) continue;
    const Quality quality = judge(sources[i], config, now);
    if (best != kMaxSources && !better(quality, best_quality)) continue;
    best = i;
    best_quality = quality;
  }
  if (best != kMaxSources) return best;
  return has_incumbent ? incumbent : kMaxSources;  // held over, for want of another
}

std::size_t place_for_new(const Sources& sources, std::size_t incumbent,
                          Timestamp<Boot> now) noexcept {
  std::size_t oldest = kMaxSources;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (!sources[i].in_use) return i;
    if (i == incumbent || now - sources[i].arrival.boot < kForgetAfter) continue;
    if (oldest == kMaxSources || sources[i].arrival.boot < sources[oldest].arrival.boot) {
      oldest = i;
    }
  }
  return oldest;
}

}  // namespace timecast
