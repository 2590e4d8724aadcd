// SPDX-License-Identifier: MIT
#include "listener/clocks/listener_rights.hpp"

#include "listener/clocks/kernel_slew.hpp"

namespace timecast {

namespace {

constexpr int kLeaps = STA_INS | STA_DEL;
// What reads alone is in every status, since it is changed as it was found.
constexpr int kReadOnly = STA_PPSSIGNAL | STA_PPSJITTER | STA_PPSWANDER | STA_PPSERROR |
                          STA_CLOCKERR | STA_NANO | STA_MODE | STA_CLK;
constexpr int kEmptying = STA_PLL | STA_FREQHOLD;  // of a loop, with an offset of none

bool has_only(int status, int bits) noexcept { return (status & ~(bits | kReadOnly)) == 0; }

}  // namespace

bool ListenerRights::allows(const timex& call, Timestamp<Boot> now) noexcept {
  constexpr int kWord = STA_UNSYNC | kLeaps;
  switch (call.modes) {
    case 0:
    case ADJ_FREQUENCY | ADJ_TICK: return true;
    case ADJ_OFFSET_SINGLESHOT:
      return call.offset >= -KernelSlew::kMostInASecondUs &&
             call.offset <= KernelSlew::kMostInASecondUs;
    case ADJ_STATUS:
    case ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR: return has_only(call.status, kWord);
    case ADJ_STATUS | ADJ_OFFSET:
      return call.offset == 0 && has_only(call.status, kWord | kEmptying);
    case ADJ_SETOFFSET | ADJ_NANO: return may_step(now);
    default: return false;
  }
}

bool ListenerRights::may_step(Timestamp<Boot> now) noexcept {
  if (steps_left_ == kStepsAtOnce) since_ = now;
  while (steps_left_ < kStepsAtOnce && now - since_ >= kStepEvery) {
    ++steps_left_;
    since_ = since_ + kStepEvery;
  }
  if (steps_left_ == kStepsAtOnce) since_ = now;
  if (steps_left_ == 0) return false;
  --steps_left_;
  return true;
}

}  // namespace timecast
