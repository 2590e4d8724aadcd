// SPDX-License-Identifier: MIT
//
// Disciplines CLOCK_REALTIME through the kernel: `--clock kernel`.
//
// Its rate is the announcer's, by ADJ_FREQUENCY; phase corrections end by themselves (kernel_slew),
// so that a process that dies at any instant leaves a rate that is at most 1 ppm off, and maxerror
// grows until the kernel itself calls the clock unsynchronised. It steps when the core says so.
//
// Before each correction it looks whether the kernel still holds what it wrote. If not, somebody
// else steers: the clock is left to them for good, since two who steer are worse than either.
//
// Errors:  see Discipline. Without CAP_SYS_TIME nothing is steered, and the log says so.
// Threads: one.
// Source:  adjtimex(2), clock_adjtime(2).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/host/attempts.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/kernel_calls.hpp"
#include "listener/clocks/discipline.hpp"
#include "listener/clocks/kernel_slew.hpp"
#include "listener/clocks/kernel_word.hpp"

namespace timecast {

class KernelDiscipline final : public Discipline {
 public:
  // Why the clock is another program's; empty if nobody else keeps it, nothing if that cannot be
  // told yet.
  using Rival = std::function<std::optional<std::string>()>;
  struct Settings {
    bool trust_tentative = false;  // --trust-listening
    // Asked before the clock is touched, each second until it tells; none where that is known.
    Rival rival{};
  };
  KernelDiscipline(Settings settings, LogSink log, const KernelCalls& calls = kKernelCalls);
  ~KernelDiscipline() override { take_back_correction(); }

  [[nodiscard]] bool steers() const noexcept override { return true; }
  Outcome carry_out(const Effect& effect, const Moment& now) override;
  void vouch(const ListenerStatus& status, const Moment& now) override;
  [[nodiscard]] std::optional<bool> owns_word() const noexcept override { return owns_word_; }
  [[nodiscard]] Duration postponed(const Moment& due) const noexcept override {
    return KernelSlew::unclear_for(due.realtime);
  }
  [[nodiscard]] std::string describe() const override;

 private:
  // As the kernel counts them.
  struct Rate {
    long frequency = 0;  // 2^-16 ppm
    long tick_us = kNominalTickUs;
    friend bool operator==(const Rate&, const Rate&) = default;
  };
  static Rate rate_for(FrequencyPpb frequency) noexcept;
  static timex request_of(const Rate& rate) noexcept;
  static std::string in_words(const Rate& rate);

  // Whether there is a clock to steer: ours, and nobody else's.
  bool may_steer(const Moment& now);
  // Whether the kernel still holds what we left there. REQUIRES: held_.
  bool is_still_ours(const timex& found);
  void settle_lost_answer(const Rate& found);
  bool take_over(const timex& found, const Moment& now);
  bool has_no_rival();
  void leave_to_another(const std::string& why);
  bool slew(const Effect& effect, const Moment& now);
  bool step(Duration amount, const Moment& now);
  bool set_rate(const Rate& rate, const Moment& now);
  void take_back_correction();
  // After a second without a correction: its part of the rate.
  void end_correction(const Moment& now);
  int leap_bits(Leap leap, const timex& found, int state) noexcept;
  // The kernel's state, TIME_OK and so on; nothing if it refused. What it answers stays in
  // `request`.
  std::optional<int> ask(timex& request, const Moment& now);

  Settings settings_;
  LogSink log_;
  KernelCalls calls_;
  Attempts attempts_;
  FrequencyPpb frequency_;            // as last wished for
  std::optional<Rate> held_;          // by the kernel, as we left it; nothing before the first time
  std::optional<Rate> perhaps_held_;  // instead, if only the answer was lost
  KernelSlew slew_;
  Timestamp<Boot> slewed_;  // when it was last corrected
  // A clock that is set forgets a leap second, and only one that was not told of it learns it anew.
  bool forgets_leap_ = false;
  bool steers_now_ = false;  // the last look allowed it
  bool is_anothers_ = false;
  std::optional<bool> owns_word_;
};

}  // namespace timecast
