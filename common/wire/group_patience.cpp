// SPDX-License-Identifier: MIT
#include <timecast/wire/group_patience.hpp>

namespace timecast {
namespace {

// Of a silence, or between two reminders: at most each 32nd tick counts.
constexpr unsigned kMostDoublings = 5;
// Reports are sent twice within a second, and a switch may count by either.
constexpr Duration kReportSpan = Duration::seconds(1);
// Forgetting takes 260 s by the standard (RFC 3376 section 8.4). What takes longer has another
// cause: somebody switches a machine off at night.
constexpr Duration kMostRhythm = Duration::seconds(1'800);
constexpr Duration kMostInterval = Duration::seconds(1'024);

std::int64_t ticks(Duration span) noexcept {
  return span.count_ns() / GroupPatience::kTick.count_ns();
}

// How many doublings of `least` a span has room for.
unsigned doublings(Duration span, Duration least) noexcept {
  unsigned count = 0;
  for (Duration step = least + least; step <= span && count < kMostDoublings; step = step + step) {
    ++count;
  }
  return count;
}

// The first tick behind `when` whose number is a multiple of 2^`doublings`.
Timestamp<Boot> tick_behind(Timestamp<Boot> when, unsigned doublings) noexcept {
  const std::int64_t step = std::int64_t{1} << doublings;
  const std::int64_t number = (ticks(when.since_epoch()) / step + 1) * step;
  return Timestamp<Boot>{Duration::nanoseconds(GroupPatience::kTick.count_ns() * number)};
}

}  // namespace

bool GroupPatience::heard(Timestamp<Boot> now, Duration interval) noexcept {
  const bool ends_silence = attempts_ > 0;
  if (ends_silence) {
    note_cure(now);
    begun_ = joined_;
  }
  attempts_ = 0;
  interval_ = shorter(longer(interval, Duration{}), kMostInterval);
  heard_ = now;
  ever_heard_ = true;
  return ends_silence;
}

// Whether the join has brought the announcements back, and whether they had come for as long after
// the one before as they did the time before that.
void GroupPatience::note_cure(Timestamp<Boot> now) noexcept {
  const bool cured =
      period_ > Duration{} && period_ <= kMostRhythm && now - joined_ <= interval_ + kReportSpan;
  const Duration tolerance = (interval_ + kReportSpan) * 2 + period_ / 8;
  const bool same = before_ > Duration{} && magnitude(period_ - before_) <= tolerance;
  if (cured && same) rhythm_ = period_;
  before_ = cured ? period_ : Duration{};
}

GroupPatience::Step GroupPatience::on_deadline(Timestamp<Boot> now) noexcept {
  if (now < next_deadline()) return Step::none;
  if (is_out_) {
    is_out_ = false;
    joined_ = now;
    return Step::join;
  }
  const bool is_silent = now - heard_ >= patience();
  if (is_silent && attempts_ == 0) period_ = ever_heard_ ? heard_ - begun_ : Duration{};
  if (is_silent) ++attempts_;
  ++rejoins_;
  is_out_ = true;
  left_ = now;
  return Step::leave;
}

Timestamp<Boot> GroupPatience::next_deadline() const noexcept {
  if (is_out_) return left_ + kGap;
  const Timestamp<Boot> attempt = next_attempt();
  if (rhythm_ == Duration{} || attempts_ > 0) return attempt;
  const Timestamp<Boot> reminder = next_reminder();
  return reminder < attempt ? reminder : attempt;
}

Duration GroupPatience::patience() const noexcept { return longer(interval_ * 3, kLeastSilence); }

Timestamp<Boot> GroupPatience::next_attempt() const noexcept {
  const Timestamp<Boot> impatient = heard_ + patience();
  if (attempts_ == 0) return tick_behind(impatient, 0);
  return tick_behind(left_, doublings(left_ - heard_, kLeastSilence));
}

// Twice in the time after which this host is forgotten.
Timestamp<Boot> GroupPatience::next_reminder() const noexcept {
  return tick_behind(joined_, doublings(rhythm_ / 2, kTick));
}

}  // namespace timecast
