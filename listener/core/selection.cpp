// SPDX-License-Identifier: MIT
#include "listener/core/selection.hpp"

#include "listener/core/quality.hpp"

namespace timecast {
namespace {

// How long a source that has not answered may keep a place that others want.
constexpr Duration kProbation = Duration::seconds(10);

// Measured time before assumed time, and any before what is too uncertain to speak of.
int rank(const Quality& q) noexcept {
  if (q.state == State::lost) return 0;
  return q.lateness_bounded ? 2 : 1;
}

bool better(const Quality& a, const Quality& b) noexcept {
  const int by_rank = rank(a) - rank(b);
  return by_rank != 0 ? by_rank > 0 : a.bound < b.bound;
}

bool has_estimate(const Source& source) noexcept {
  return source.in_use && source.estimator.count() > 0;
}

}  // namespace

std::size_t select(const Sources& sources, std::size_t incumbent, const ListenerConfig& config,
                   const Moment& now) noexcept {
  std::size_t best = kMaxSources;
  Quality best_quality;
  bool loyal = false;
  if (incumbent != kMaxSources && has_estimate(sources[incumbent])) {
    best = incumbent;
    best_quality = judge(sources[incumbent], config, now);
    loyal = !sources[incumbent].silent(now.boot);
  }
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (!has_estimate(sources[i]) || sources[i].silent(now.boot)) continue;
    const Quality quality = judge(sources[i], config, now);
    const bool wins = loyal ? rank(quality) > rank(best_quality) : better(quality, best_quality);
    if (best != kMaxSources && !wins) continue;
    best = i;
    best_quality = quality;
    loyal = false;
  }
  return best;
}

std::size_t place_for_new(const Sources& sources, std::size_t incumbent, const Keyring& keyring,
                          bool pinned, Timestamp<Boot> now) noexcept {
  std::size_t place = kMaxSources;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    const Source& source = sources[i];
    if (!source.in_use) return i;
    if (i == incumbent) continue;
    const bool unproven = !source.proven() && now - source.opened > kProbation;
    const bool outranked = pinned && !keyring.is_pinned(source.id.key);
    if (!unproven && !outranked && !source.silent(now)) continue;
    if (place == kMaxSources || source.arrival.boot < sources[place].arrival.boot) place = i;
  }
  return place;
}

}  // namespace timecast
