// SPDX-License-Identifier: MIT
#include "listener/core/selection.hpp"

#include <algorithm>

#include <timecast/wire/island.hpp>

#include "listener/core/quality.hpp"

namespace timecast {
namespace {

// How long a source that has not answered may keep a place that others want.
constexpr Duration kProbation = Duration::seconds(10);

constexpr int kSaysNothing = -1;
constexpr int kLost = 0;

// What a source says, and how much that counts. Only the highest rank that is heard does.
struct Word {
  int rank = kSaysNothing;
  Duration ahead;  // announced clock minus CLOCK_MONOTONIC_RAW
  Duration bound;

  [[nodiscard]] bool counts() const noexcept { return rank != kSaysNothing; }
  void exclude() noexcept { rank = kSaysNothing; }
  [[nodiscard]] Duration least() const noexcept { return ahead - bound; }
  [[nodiscard]] bool contains(Duration point) const noexcept {
    return magnitude(point - ahead) <= bound;
  }
  [[nodiscard]] bool meets(const Word& other) const noexcept {
    return magnitude(other.ahead - ahead) <= bound + other.bound;
  }
};
using Words = std::array<Word, kMaxSources>;

Word word_of(const Source& source, const ListenerConfig& config, const Moment& now) noexcept {
  if (source.estimator.count() == 0) return {};
  const Quality q = judge(source, config, now);
  const bool is_signed = config.signatures != SignatureMode::off && !source.id.is_plain();
  const int rank =
      1 + (source.is_island ? 0 : 1) + (is_signed ? 2 : 0) + (q.lateness_bounded ? 4 : 0);
  return {q.state == State::lost ? kLost : rank, q.estimate.ahead, q.bound};
}

// What those say who are heard, or who answer although they are not. Returns the highest rank.
int listen(const Sources& sources, const ListenerConfig& config, const Moment& now, bool heard,
           Words& words) noexcept {
  int highest = kSaysNothing;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    const Source& source = sources[i];
    if (!source.in_use) continue;
    if (heard ? source.silent(now.boot) : !source.answers_in_silence()) continue;
    words[i] = word_of(source, config, now);
    highest = std::max(highest, words[i].rank);
  }
  return highest;
}

// A plain sender is heard where it sends to: its name is that of both. It has one voice all the
// same.
bool are_of_one(const SourceId& a, const SourceId& b) noexcept {
  constexpr std::ptrdiff_t kSenderOctets = 16;
  if (!a.is_plain() || !b.is_plain()) return a.key == b.key;
  return std::equal(a.key.begin(), a.key.begin() + kSenderOctets, b.key.begin());
}

// The first source of the same announcer: its number for all of them.
std::size_t announcer_of(const Sources& sources, std::size_t source) noexcept {
  std::size_t first = 0;
  while (!are_of_one(sources[first].id, sources[source].id)) ++first;
  return first;
}

// Announcers, each counted once.
class Announcers {
 public:
  void add(std::size_t announcer) noexcept {
    const std::uint32_t bit = std::uint32_t{1} << announcer;
    if ((seen_ & bit) == 0) ++count_;
    seen_ |= bit;
  }
  [[nodiscard]] std::uint8_t count() const noexcept { return count_; }

 private:
  static_assert(kMaxSources <= 32);
  std::uint32_t seen_ = 0;
  std::uint8_t count_ = 0;
};

class Vote {
 public:
  Vote(const Sources& sources, Words& words) noexcept : sources_{sources}, words_{words} {}

  // Those who contradict a majority count no more. Where two majorities overlap, that which the
  // incumbent is of is right.
  void exclude_minority(std::size_t incumbent) noexcept {
    if constexpr (kMaxSources < 3) return;
    const int all = how_many([](const Word&) { return true; });
    if (all < 3) return;
    int most = all;  // halves of a vote; no more than half of all is no majority
    Duration where;
    for (const Word& word : words_) {
      if (!word.counts()) continue;
      const Duration point = word.least();
      const int votes = how_many([&](const Word& other) { return other.contains(point); });
      const bool pleases = incumbent != kMaxSources && words_[incumbent].counts() &&
                           words_[incumbent].contains(point);
      const int worth = 2 * votes + (pleases ? 1 : 0);
      if (2 * votes <= all || worth <= most) continue;
      most = worth;
      where = point;
    }
    if (most == all) return;
    for (Word& word : words_) {
      if (!word.contains(where)) word.exclude();
    }
  }

  // All but the island that comes first count no more.
  void exclude_other_islands() noexcept {
    std::size_t first = kMaxSources;
    for (std::size_t i = 0; i < kMaxSources; ++i) {
      if (!words_[i].counts()) continue;
      if (first == kMaxSources || island(i).precedes(island(first))) first = i;
    }
    for (std::size_t i = 0; i < kMaxSources; ++i) {
      if (sources_[i].id.key != sources_[first].id.key) words_[i].exclude();
    }
  }

 private:
  template <typename Holds>
  [[nodiscard]] int how_many(const Holds& holds) const noexcept {
    Announcers announcers;
    for (std::size_t i = 0; i < kMaxSources; ++i) {
      if (words_[i].counts() && holds(words_[i])) announcers.add(announcer_of(sources_, i));
    }
    return announcers.count();
  }
  [[nodiscard]] Island island(std::size_t i) const noexcept {
    return {root_distance(sources_[i].header), sources_[i].id.key};
  }

  const Sources& sources_;
  Words& words_;
};

// Two streams of one announcer tell the same time: better by the one that is held up less. It is so
// for good, not at the moment. And if their times are further apart than the delays are, then it is
// the delay that is taken for time, and nobody is quicker.
bool is_quicker(const Source& source, const Source& than) noexcept {
  constexpr std::uint32_t kSettled = 16;
  if (source.agreeing < kSettled || source.id.key != than.id.key) return false;
  const std::int64_t delay = than.estimator.delay().count_ns();
  const std::int64_t less = delay - source.estimator.delay().count_ns();
  if (less <= delay / 4) return false;
  const Timestamp<Raw> when = than.estimator.newest();
  const Duration apart = source.estimator.ahead_at(when) - than.estimator.ahead_at(when);
  return magnitude(apart).count_ns() < less / 2;
}

// The incumbent, unless it counts no more or a stream of the same announcer is quicker; else the
// smallest bound.
std::size_t best_of(const Sources& sources, const Words& words, std::size_t incumbent) noexcept {
  const bool stays = incumbent != kMaxSources && words[incumbent].counts();
  std::size_t best = stays ? incumbent : kMaxSources;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (!words[i].counts()) continue;
    const bool is_better = best == kMaxSources || (stays ? is_quicker(sources[i], sources[best])
                                                         : words[i].bound < words[best].bound);
    if (is_better) best = i;
  }
  return best;
}

// Of those who have this rank; the others count no more.
std::size_t best_of_rank(const Sources& sources, Words& words, int rank,
                         std::size_t incumbent) noexcept {
  bool are_islands = true;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (words[i].rank != rank) words[i].exclude();
    if (words[i].counts()) are_islands = are_islands && sources[i].is_island;
  }
  Vote vote{sources, words};
  are_islands ? vote.exclude_other_islands() : vote.exclude_minority(incumbent);
  return best_of(sources, words, incumbent);
}

// How much a stream counts where there is not room for all.
int standing(const SourceId& id, const Keyring& keyring) noexcept {
  if (id.is_plain()) return 0;
  return keyring.is_pinned(id.key) ? 2 : 1;
}

Company company_of(const Sources& sources, const Words& words, std::size_t followed) noexcept {
  Company company;
  if (followed == kMaxSources) return company;
  Announcers heard;
  Announcers disagreeing;
  const Word& word = words[followed];
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    if (words[i].rank < word.rank || !words[i].counts()) continue;
    heard.add(announcer_of(sources, i));
    if (are_of_one(sources[i].id, sources[followed].id) || word.meets(words[i])) continue;
    disagreeing.add(announcer_of(sources, i));
    const Duration apart = words[i].ahead - word.ahead;
    if (magnitude(apart) <= magnitude(company.apart)) continue;
    company.apart = apart;
    company.furthest = i;
  }
  company.announcers = heard.count();
  company.disagreeing = disagreeing.count();
  return company;
}

std::size_t places_of(const Sources& sources, const PublicKey& key) noexcept {
  return static_cast<std::size_t>(
      std::count_if(sources.begin(), sources.end(),
                    [&](const Source& x) { return x.in_use && x.id.key == key; }));
}

// One of an announcer that has two more than the newcomer's, so that none takes all.
std::size_t place_of_many(const Sources& sources, std::size_t incumbent, const Keyring& keyring,
                          const SourceId& newcomer) noexcept {
  std::size_t place = kMaxSources;
  if constexpr (kMaxSources < 4) return place;
  std::size_t most = places_of(sources, newcomer.key) + 1;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    const SourceId& id = sources[i].id;
    const std::size_t held = places_of(sources, id.key);
    if (i == incumbent || held <= most || standing(newcomer, keyring) < standing(id, keyring)) {
      continue;
    }
    most = held;
    place = i;
  }
  return place;
}

}  // namespace

Selection select(const Sources& sources, std::size_t incumbent, const ListenerConfig& config,
                 const Moment& now) noexcept {
  Words words;
  int highest = listen(sources, config, now, true, words);
  if constexpr (kMaxSources > 2) {
    const bool may_answer = incumbent != kMaxSources && sources[incumbent].inquiry.answers();
    if (highest == kSaysNothing && !may_answer) {
      highest = listen(sources, config, now, false, words);
    }
  }
  Words heard = words;
  if (incumbent != kMaxSources && !words[incumbent].counts()) {
    const Word held = word_of(sources[incumbent], config, now);
    if (held.rank > highest) {
      heard[incumbent] = held;
      return {incumbent, company_of(sources, heard, incumbent)};
    }
  }
  if (highest == kSaysNothing) return {};
  const std::size_t chosen = best_of_rank(sources, words, highest, incumbent);
  return {chosen, company_of(sources, heard, chosen)};
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
  return place != kMaxSources ? place : place_of_many(sources, incumbent, keyring, newcomer);
}

}  // namespace timecast
