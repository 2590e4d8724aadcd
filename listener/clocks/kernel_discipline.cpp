// SPDX-License-Identifier: MIT
#include "listener/clocks/kernel_discipline.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

#include "common/host/clock_keeper.hpp"
#include "common/host/error.hpp"
#include "common/host/seconds_text.hpp"
#include "listener/clocks/kernel_step.hpp"

namespace timecast {

namespace {

// ADJ_FREQUENCY goes to 500 ppm; the phase's part of it must still fit.
constexpr double kMostByFrequencyPpb = 495'000;
constexpr long kMostTicks = 1'000;  // the kernel's limit: a tenth

constexpr int kLeaps = STA_INS | STA_DEL;

// A correction lasts as long; the next one comes sooner.
constexpr Duration kCorrection = Duration::milliseconds(1'500);

}  // namespace

KernelDiscipline::KernelDiscipline(Settings settings, LogSink log, const KernelCalls& calls)
    : settings_{std::move(settings)}, log_{std::move(log)}, calls_{calls} {}

KernelDiscipline::Rate KernelDiscipline::rate_for(FrequencyPpb frequency) noexcept {
  Rate rate;
  double ppb = frequency.count_ppb();
  if (std::abs(ppb) > kMostByFrequencyPpb) {
    const long ticks = std::clamp(std::lround(ppb / kPpbPerTickUs), -kMostTicks, kMostTicks);
    rate.tick_us = kNominalTickUs + ticks;
    ppb -= static_cast<double>(ticks) * kPpbPerTickUs;
  }
  const FrequencyPpb rest = FrequencyPpb{ppb}.clamped(FrequencyPpb{kMostByFrequencyPpb});
  rate.frequency = std::lround(rest.count_ppb() / kPpbPerScaledPpm);
  return rate;
}

std::string KernelDiscipline::in_words(const Rate& rate) {
  timex held{};
  held.freq = rate.frequency;
  held.tick = rate.tick_us;
  return frequency_text(rate_in_force(kernel_clock_from(TIME_OK, held)));
}

// ---- Effects ----

Discipline::Outcome KernelDiscipline::carry_out(const Effect& effect, const Moment& now) {
  switch (effect.kind) {
    case EffectKind::set_frequency:
      frequency_ = effect.frequency;
      steers_now_ = may_steer(now);
      return steers_now_ ? Outcome::done : Outcome::failed;
    case EffectKind::slew:
      return steers_now_ && slew(effect, now) ? Outcome::done : Outcome::failed;
    case EffectKind::step:
      return steers_now_ && step(effect.amount, now) ? Outcome::stepped : Outcome::failed;
    case EffectKind::send_query: break;
  }
  return Outcome::failed;
}

bool KernelDiscipline::may_steer(const Moment& now) {
  if (is_anothers_) return false;
  timex found{};
  if (!ask(found, now)) return false;
  if (held_) return is_still_ours(found);
  return has_no_rival() && take_over(found, now);
}

bool KernelDiscipline::has_no_rival() {
  if (!settings_.rival) return true;
  const auto why = settings_.rival();
  if (!why) return false;
  settings_.rival = nullptr;
  if (!why->empty()) leave_to_another(*why);
  return why->empty();
}

bool KernelDiscipline::is_still_ours(const timex& found) {
  const Rate rate{found.freq, found.tick};
  settle_lost_answer(rate);
  if (rate != *held_) {
    leave_to_another("its rate was set from " + in_words(*held_) + " to " + in_words(rate));
  } else if ((found.status & kKernelLoops) != 0) {
    leave_to_another("a loop of the kernel's was switched on");
  }
  return !is_anothers_;
}

// A keeper of the clock that dies may have done what it was asked. The kernel rounds the last
// digit.
void KernelDiscipline::settle_lost_answer(const Rate& found) {
  if (!perhaps_held_) return;
  const bool was_done = std::abs(found.frequency - perhaps_held_->frequency) <= 1 &&
                        found.tick_us == perhaps_held_->tick_us;
  if (was_done) held_ = found;
  perhaps_held_.reset();
}

// A loop that steers the clock by an offset of somebody who is gone is emptied and switched off.
bool KernelDiscipline::take_over(const timex& found, const Moment& now) {
  if ((found.status & kKernelLoops) != 0 || found.offset != 0) {
    timex empty{};
    empty.modes = ADJ_STATUS | ADJ_OFFSET;
    empty.status = (found.status & ~kKernelLoops) | STA_PLL | STA_FREQHOLD;
    if (!ask(empty, now)) return false;
    timex off{};
    off.modes = ADJ_STATUS;
    off.status = found.status & ~kKernelLoops;
    if (!ask(off, now)) return false;
  }
  if (!set_rate(rate_for(frequency_), now)) return false;
  log_(Level::info, "steering this host's clock, which ran at " +
                        in_words({found.freq, found.tick}) + ", now at " + in_words(*held_));
  return true;
}

void KernelDiscipline::leave_to_another(const std::string& why) {
  is_anothers_ = true;
  owns_word_ = false;
  slew_.forget();
  log_(Level::warning,
       "another program steers this host's clock: " + why +
           "; it is left to that one. Stop chronyd, ntpd or systemd-timesyncd, whichever runs, and "
           "start this one anew");
}

bool KernelDiscipline::slew(const Effect& effect, const Moment& now) {
  if (KernelSlew::unclear_for(now.realtime) > Duration{}) return false;  // the next one comes soon
  slewed_ = now.boot;
  const KernelSlew::Plan plan = slew_.plan(effect.amount, effect.over, now.realtime);
  if (!set_rate(rate_for(frequency_ + plan.by_rate), now)) return false;
  timex once{};
  once.modes = ADJ_OFFSET_SINGLESHOT;
  once.offset = plan.whole_us;
  if (!ask(once, now)) return false;
  slew_.accepted(plan.whole_us, now.realtime);
  return true;
}

bool KernelDiscipline::step(Duration amount, const Moment& now) {
  timex jump = step_request(amount);
  if (!ask(jump, now)) return false;
  slew_.forget();
  forgets_leap_ = true;
  log_(Level::warning, "stepped this host's clock by " + signed_seconds_text(amount));
  set_rate(rate_for(frequency_), now);
  return true;
}

timex KernelDiscipline::request_of(const Rate& rate) noexcept {
  timex wish{};
  wish.modes = ADJ_FREQUENCY | ADJ_TICK;
  wish.freq = rate.frequency;
  wish.tick = rate.tick_us;
  return wish;
}

bool KernelDiscipline::set_rate(const Rate& rate, const Moment& now) {
  timex wish = request_of(rate);
  if (!ask(wish, now)) {
    if (attempts_.error().errno_value == kKeeperSilent) perhaps_held_ = rate;
    return false;
  }
  perhaps_held_.reset();
  held_ = Rate{wish.freq, wish.tick};  // as the kernel rounds them
  return true;
}

// What is left of it, and its part of the rate. The frequency stays.
void KernelDiscipline::take_back_correction() {
  timex found{};
  if (!held_ || is_anothers_ || calls_.adjtimex(&found) == -1 || !is_still_ours(found)) return;
  timex none{};
  none.modes = ADJ_OFFSET_SINGLESHOT;
  calls_.adjtimex(&none);
  timex plain = request_of(rate_for(frequency_));
  calls_.adjtimex(&plain);
  held_.reset();
}

void KernelDiscipline::end_correction(const Moment& now) {
  const Rate plain = rate_for(frequency_);
  if (now.boot - slewed_ > kCorrection && held_ != plain) set_rate(plain, now);
}

// ---- Word ----

void KernelDiscipline::vouch(const ListenerStatus& status, const Moment& now) {
  // Whether there is a clock to steer is known, and told, before there is time to steer it by.
  timex looked{};
  if (settings_.rival && ask(looked, now)) has_no_rival();
  if (!held_ || is_anothers_) return;
  const auto word = kernel_word(status, now.realtime, settings_.trust_tentative);
  if (!word) return;
  timex found{};
  const auto state = ask(found, now);
  if (!state || !is_still_ours(found)) return;
  end_correction(now);
  timex wish{};
  wish.modes = ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS;
  wish.maxerror = word->max_error_us;
  wish.esterror = word->estimated_error_us;
  wish.status = found.status;
  if (word->synchronised == true) {
    wish.status = (wish.status & ~(STA_UNSYNC | kLeaps)) | leap_bits(word->leap, found, *state);
  } else if (word->synchronised == false) {
    wish.status = (wish.status & ~kLeaps) | STA_UNSYNC;
  }
  if (ask(wish, now) && word->synchronised == true) owns_word_ = true;
}

// Whoever sets the clock has the kernel forget when a second leaps; it plans that again only when
// it has seen that none does.
int KernelDiscipline::leap_bits(Leap leap, const timex& found, int state) noexcept {
  if ((found.status & STA_UNSYNC) != 0) forgets_leap_ = true;
  if (state == TIME_OK && (found.status & kLeaps) == 0) forgets_leap_ = false;
  if (forgets_leap_) return 0;
  if (leap == Leap::insert_second) return STA_INS;
  return leap == Leap::delete_second ? STA_DEL : 0;
}

// ---- The kernel ----

std::optional<int> KernelDiscipline::ask(timex& request, const Moment& now) {
  const bool writes = request.modes != 0;
  const int state = calls_.adjtimex(&request);
  if (state != -1) {
    // Who may not write may read; a keeper that answers at all is there again.
    const bool is_back = writes || attempts_.error().errno_value == kKeeperSilent;
    if (is_back && attempts_.succeeded()) {
      log_(Level::info, "this host's clock can be steered again");
    }
    return state;
  }
  const int reason = errno;
  std::string text = "cannot steer this host's clock: " + clock_failure_text(reason);
  if (reason == EPERM) text += "; give it CAP_SYS_TIME, or choose --clock none";
  if (reason == kKeeperSilent) text += "; " + std::string{kKeeperWayOut};
  const Error error{std::move(text), kExitFailed, reason};
  if (attempts_.failed(error, now.boot)) log_(Level::warning, error.text);
  return std::nullopt;
}

std::string KernelDiscipline::describe() const {
  if (is_anothers_) return "kernel: left to another program that steers it";
  if (!attempts_.error().text.empty()) return "kernel: " + attempts_.error().text;
  return held_ ? "kernel: steered" : "kernel: not steered yet";
}

}  // namespace timecast
