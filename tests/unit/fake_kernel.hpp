// SPDX-License-Identifier: MIT
//
// A kernel's clock as adjtimex(2) steers it: second_overflow() and process_adjtimex_modes() of
// Linux 6.1 as far as a discipline uses them, on a raw clock that a test lets pass.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <vector>

#include <timecast/time/timestamp.hpp>

#include "common/host/clock_keeper.hpp"
#include "listener/clocks/listener_rights.hpp"

namespace timecast {

class FakeKernel {
 public:
  static constexpr std::int64_t kSecond = 1'000'000'000;

  explicit FakeKernel(Timestamp<Realtime> start) : realtime_ns_{start.since_epoch().count_ns()} {
    present() = this;
  }
  ~FakeKernel() { present() = nullptr; }
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;

  [[nodiscard]] static KernelCalls calls() {
    return {[](timex* request) { return present()->adjtimex_of_listener(*request); }};
  }

  [[nodiscard]] Moment now() const {
    return {Timestamp<Realtime>{Duration::nanoseconds(realtime_ns_)},
            Timestamp<Raw>{Duration::nanoseconds(raw_ns_)},
            Timestamp<Boot>{Duration::nanoseconds(raw_ns_)}};
  }

  void pass(Duration raw) {
    std::int64_t left = raw.count_ns();
    while (left > 0) {
      // To the tick after the next second of the clock, where what was told begins.
      const std::int64_t to_second = kSecond - (realtime_ns_ - lag_ns) % kSecond;
      const double rate = 1 + rate_now();
      const auto raw_to_second =
          static_cast<std::int64_t>(static_cast<double>(to_second) / rate) + 1;
      const std::int64_t span = std::min(left, raw_to_second);
      const std::int64_t second = (realtime_ns_ - lag_ns) / kSecond;
      raw_ns_ += span;
      realtime_ns_ += span + gained(static_cast<double>(span) * rate_now());
      if ((realtime_ns_ - lag_ns) / kSecond != second) begin_second();
      left -= span;
    }
  }

  // How fast it gains on the raw clock.
  [[nodiscard]] double rate_now() const {
    return base_rate() + static_cast<double>(applied_us_) * 1e-6;
  }
  // The same, without a correction that ends by itself.
  [[nodiscard]] double base_rate() const {
    return static_cast<double>(frequency) / 65'536.0 * 1e-6 +
           static_cast<double>(tick - 10'000) * 1e-4;
  }

  // No more than its keeper would let it do.
  int adjtimex_of_listener(timex& request) {
    if (keeper_is_gone) {
      errno = kKeeperSilent;
      return -1;
    }
    if (!rights_.allows(request, now().boot)) {
      ++refused;
      errno = EACCES;
      return -1;
    }
    const bool loses = (request.modes & lost_mode) != 0;
    const int state = adjtimex(request);
    if (!loses) return state;
    lost_mode = 0;
    errno = kKeeperSilent;
    return -1;
  }

  int adjtimex(timex& request) {
    ++calls_made;
    if (request.modes != 0) ++writes;
    if (fail_call == calls_made || (forbidden && request.modes != 0)) {
      errno = forbidden ? EPERM : EIO;
      return -1;
    }
    if ((request.modes & ADJ_OFFSET_SINGLESHOT) == ADJ_OFFSET_SINGLESHOT) {
      told_us = request.offset;
    } else {
      take(request);
    }
    request.offset = loop_offset;
    request.freq = frequency;
    request.tick = tick;
    request.status = status;
    request.maxerror = max_error;
    request.esterror = estimated_error;
    return (status & STA_UNSYNC) != 0 ? TIME_ERROR : leap_state;
  }

  long frequency = 0;  // 2^-16 ppm
  long tick = 10'000;
  long told_us = 0;  // time_adjust
  int status = STA_UNSYNC;
  long max_error = 16'000'000;
  long estimated_error = 16'000'000;
  std::int64_t loop_offset = 0;  // time_offset, of a loop that another program left
  std::vector<std::int64_t> steps_ns;
  std::int64_t lag_ns = 4'000'000;  // from a second of the clock to the kernel's
  int leap_state = TIME_OK;
  bool leap_is_planned = false;
  int calls_made = 0;
  int writes = 0;
  int refused = 0;         // of the listener
  unsigned lost_mode = 0;  // the next call with it is done, and its keeper dies before it says so
  int fail_call = 0;       // this one fails; the first is 1
  bool forbidden = false;
  bool keeper_is_gone = false;  // nobody answers the listener

 private:
  static FakeKernel*& present() {
    static FakeKernel* kernel = nullptr;
    return kernel;
  }
  void begin_second() {
    applied_us_ = std::clamp(told_us, -500L, 500L);
    told_us -= applied_us_;
    max_error += 500;
    const bool told_of_leap = (status & STA_INS) != 0;
    if (leap_state == TIME_OK && told_of_leap) {
      leap_state = TIME_INS;
      leap_is_planned = true;
    } else if (leap_state == TIME_INS && !told_of_leap) {
      leap_state = TIME_OK;
      leap_is_planned = false;
    }
  }
  // Whole nanoseconds; the rest is kept.
  std::int64_t gained(double ns) {
    fraction_ns_ += ns;
    const auto whole = static_cast<std::int64_t>(fraction_ns_);
    fraction_ns_ -= static_cast<double>(whole);
    return whole;
  }
  void take(const timex& request) {
    if ((request.modes & ADJ_STATUS) != 0) {
      const bool leaves_loop = (status & STA_PLL) != 0 && (request.status & STA_PLL) == 0;
      status = request.status & ~STA_RONLY;
      if (leaves_loop) status |= STA_UNSYNC;
    }
    if ((request.modes & ADJ_FREQUENCY) != 0) frequency = request.freq;
    if ((request.modes & ADJ_TICK) != 0) tick = request.tick;
    if ((request.modes & ADJ_MAXERROR) != 0) max_error = request.maxerror;
    if ((request.modes & ADJ_ESTERROR) != 0) estimated_error = request.esterror;
    if ((request.modes & ADJ_OFFSET) != 0 && (status & STA_PLL) != 0) {
      loop_offset = request.offset;
      if ((status & STA_FREQHOLD) == 0) frequency += 1;  // the loop learns from it
    }
    if ((request.modes & ADJ_SETOFFSET) != 0) jump(request);
  }
  void jump(const timex& request) {
    const std::int64_t ns = request.time.tv_sec * kSecond + request.time.tv_usec;
    realtime_ns_ += ns;
    steps_ns.push_back(ns);
    // ntp_clear()
    leap_is_planned = false;
    told_us = 0;
    applied_us_ = 0;
    status |= STA_UNSYNC;
    max_error = estimated_error = 16'000'000;
  }

  ListenerRights rights_;
  std::int64_t realtime_ns_ = 0;
  std::int64_t raw_ns_ = 0;
  double fraction_ns_ = 0;
  long applied_us_ = 0;
};

}  // namespace timecast
