// SPDX-License-Identifier: MIT
#include "listener/core/selection.hpp"

#include "listener/core/quality.hpp"

namespace timecast {
namespace {

// How long a source that has not answered may keep a place that others want.
constexpr Duration kProbation = Duration::seconds(10);

struct Merit {
  int rank;
  Duration bound;
  [[nodiscard]] bool exceeds(const Merit& other) const noexcept {
    return rank > other.rank || (rank == other.rank && bound < other.bound);
  }
};

// Measured time before assumed time, then signed before unsigned, and any before what is too
// uncertain to speak of.
Merit merit_of(const Source& source, const ListenerConfig& config, const Moment& now) noexcept {
  const Quality q = judge(source, config, now);
  const bool is_signed = config.signatures != SignatureMode::off && !source.id.is_plain();
  const int rank = 1 + (is_signed ? 1 : 0) + (q.lateness_bounded ? 2 : 0);
  return {q.state == State::lost ? 0 : rank, q.bound};
}

// Two streams of one announcer tell the same time: better by the one that is held up less. It is so
// for good, not at the moment.
bool is_quicker(const Source& source, const Source& than) noexcept {
  constexpr std::uint32_t kSettled = 16;
  if (source.agreeing < kSettled || source.id.key != than.id.key) return false;
  const std::int64_t delay = than.estimator.delay().count_ns();
  return source.estimator.delay().count_ns() < delay - delay / 4;
}

// How much a stream counts where there is not room for all.
int standing(const SourceId& id, const Keyring& keyring) noexcept {
  if (id.is_plain()) return 0;
  return keyring.is_pinned(id.key) ? 2 : 1;
}

}  // namespace

std::size_t select(const Sources& sources, std::size_t incumbent, const ListenerConfig& config,
                   const Moment& now) noexcept {
  std::size_t chosen = kMaxSources;
  Merit best{-1, {}};
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    // The incumbent first, if there is one: while it is heard, none is better that is as good.
    const std::size_t index = (incumbent + i) % kMaxSources;
    const Source& source = sources[index];
    const bool silent = source.silent(now.boot);
    if (source.estimator.count() == 0 || (silent && index != incumbent)) continue;
    Merit other = merit_of(source, config, now);
    if (index == incumbent) {
      other.bound = silent ? Duration::max() : Duration{};
    } else if (best.rank >= 0 && chosen == incumbent && is_quicker(source, sources[chosen])) {
      other.bound = -Duration::nanoseconds(1);
    }
    if (!other.exceeds(best)) continue;
    best = other;
    chosen = index;
  }
  return chosen;
}

std::size_t place_for_new(const Sources& sources, std::size_t incumbent, const Keyring& keyring,
                          const SourceId& newcomer, Timestamp<Boot> now) noexcept {
  std::size_t place = kMaxSources;
  const int deserved = standing(newcomer, keyring);
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    const Source& source = sources[i];
    if (!source.in_use) return i;
    if (i == incumbent) continue;
    const bool unproven = !source.proven() && now - source.opened > kProbation;
    const int claim = deserved + (unproven ? 1 : 0);
    if (claim <= standing(source.id, keyring) && !source.silent(now)) continue;
    if (place == kMaxSources || source.arrival.boot < sources[place].arrival.boot) place = i;
  }
  return place;
}

}  // namespace timecast
