// SPDX-License-Identifier: MIT
//
// Estimates the announcer's clock against this host's raw clock from announcements and exchanges,
// told nothing: offset, rate, the base delay of both paths, and how wrong all of it may be.
//
// Each packet is an observation of the state (filter.hpp), with noise that is learnt
// (delay_noise.hpp). Three filters differ in how far they believe the oscillators to wander; the
// evidence moves the three up or down, and the middle one speaks.
//
// Units:   samples on CLOCK_MONOTONIC_RAW; doubles only for differences, in nanoseconds.
// Errors:  none.
// Builds:  freestanding.
// Source:  docs/accuracy.md has the derivation, and what else was tried.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <timecast/time/duration.hpp>
#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

#include "listener/core/bounds.hpp"
#include "listener/core/delay_noise.hpp"
#include "listener/core/doubt.hpp"
#include "listener/core/filter.hpp"
#include "listener/core/hard_limits.hpp"
#include "listener/core/held_up.hpp"
#include "listener/core/misfits.hpp"

namespace timecast {

// By how much stamps of different hosts and calls may disagree.
constexpr Duration kStampNoise = Duration::microseconds(20);

struct Sample {
  Timestamp<Raw> at;     // when it arrived here, or left
  Duration ahead;        // the announcer's stamp minus `at`
  Duration uncertainty;  // of both stamps together: they are late
  Duration deviation;    // of the announcer's stamp, if it was written before it was known
};

// How often exchanges are worth their packets.
enum class Eagerness : std::uint8_t { rare, brisk, quick };

// The announcer's clock minus this host's raw clock.
struct Estimate {
  Duration ahead;
  Duration sigma;  // one standard deviation
  Duration error;  // 99.9 %
};

class Estimator {
 public:
  // REQUIRED before all else. Forgets everything. `delay` is assumed of all packets until
  // exchanges have measured it.
  void restart(Duration delay, Duration delay_uncertainty) noexcept;
  // Behind restart(): what is known of the rate from before, to 99.9 %.
  void expect_rate(FrequencyPpb rate, FrequencyPpb error) noexcept;
  // The announcer's clock or ours has jumped: rate, delays and noise are what they were, but for
  // what a rate may have changed while this host slept.
  void forget_offset(Duration slept = {}) noexcept;

  void add_announcement(const Sample& sample) noexcept;
  // Both ways of one. Returns whether it was believed.
  bool add_exchange(const Sample& there, const Sample& back) noexcept;
  // Announcements are stamped in another way from now on: they may seem to take another time.
  void doubt_announcements(Duration deviation) noexcept {
    doubt(kDetourDelay, static_cast<double>(deviation.count_ns()));
  }

  // Announcements since the beginning or the last jump.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t exchanges() const noexcept { return exchanges_; }
  // All began with an exchange whose departure was written before it was known: the same one,
  // told exactly, counts too.
  [[nodiscard]] bool begun_roughly() const noexcept { return begun_roughly_; }
  // Whether there was an exchange since then. Before it, all announcements may be late alike.
  [[nodiscard]] bool confirmed() const noexcept { return confirmed_; }
  // Announcements contradict what is believed, and only an exchange can tell why.
  [[nodiscard]] bool in_doubt() const noexcept { return doubt_.pending(); }
  // So much that an answer with a stamp that is `deviation` off decides it.
  [[nodiscard]] bool in_doubt_by_far(Duration deviation) const noexcept {
    return doubt_.is_far(static_cast<double>(deviation.count_ns()));
  }
  [[nodiscard]] Eagerness eagerness() const noexcept;

  // REQUIRES of all below: count() > 0.
  [[nodiscard]] Estimate at(Timestamp<Raw> when) const noexcept;
  // That alone, for much less.
  [[nodiscard]] Duration ahead_at(Timestamp<Raw> when) const noexcept;
  // No more than so much the offset can be off. Unless there was an exchange nothing is known: it
  // is the assumed delay.
  [[nodiscard]] Duration hard_error(Timestamp<Raw> when) const noexcept;
  [[nodiscard]] Timestamp<Raw> newest() const noexcept { return newest_; }
  // How much faster the announcer's clock runs than this host's raw clock.
  [[nodiscard]] FrequencyPpb frequency() const noexcept;
  [[nodiscard]] FrequencyPpb frequency_error() const noexcept;  // 99.9 %
  // The base delay, one way: of announcements, and of unicast packets.
  [[nodiscard]] Duration delay() const noexcept;
  [[nodiscard]] Duration unicast_delay() const noexcept;
  // The span whose samples count: the deviation of the offset over that of the rate.
  [[nodiscard]] Duration memory() const noexcept;
  // The walk of the rate, as learnt: ppb per square root of a second.
  [[nodiscard]] double wander() const noexcept { return wander_; }
  [[nodiscard]] DelayNoise noise(Way way) const noexcept;

 private:
  // By the wander that they believe in.
  static constexpr std::size_t kCopies = 3;
  static constexpr std::size_t kSteady = 0;
  static constexpr std::size_t kMiddle = 1;
  static constexpr std::size_t kLively = 2;
  static constexpr double kConvincing = 2;    // so much evidence moves them
  static constexpr double kMostDoubt = 1e11;  // ns: more would not be believed at all
  static constexpr double kMostRate = 1'000'000;
  static constexpr double kFirstRate = 100'000;  // crystals are within 100 ppm of each other
  // How many exchanges come briskly after a jump, after another wander or way, and after other
  // noise.
  static constexpr std::uint32_t kAfterDoubt = 4;
  static constexpr std::uint32_t kAfterWander = 32;
  static constexpr std::uint32_t kAfterNoise = 16;
  // Deviations within which the truth lies in 99.9 % of all seconds: found by simulation, because
  // neither the noise nor its model is Gaussian.
  static constexpr double kTail = 8;

  struct Copy {
    Filter filter;
    double evidence = 0;  // log p of what was seen, forgetting
  };
  // Unicast packets: as announcements, but so much later on each way.
  struct UnicastNoise {
    double late = 0;
    double samples = 0;
  };
  static constexpr std::size_t index(Way way) noexcept { return way == Way::back ? 0 : 1; }
  void begin(const Sample& there, const Sample& back, double least_noise) noexcept;
  [[nodiscard]] bool is_astray(const Limits& said) noexcept;
  void begin_offset(const Sample& announcement) noexcept;
  // How far the offset may have gone in so many seconds.
  [[nodiscard]] Limits drift_in(double span) const noexcept;
  void advance_to(Timestamp<Raw> when) noexcept;
  [[nodiscard]] Observation observe(Way way, const Sample& sample) noexcept;
  void absorb(const Observation& o, const DelayNoise& believed) noexcept;
  [[nodiscard]] bool is_held_up(Timestamp<Raw> sent, double there, double back,
                                double deviation) noexcept;
  [[nodiscard]] bool explains_held_up() noexcept;
  [[nodiscard]] bool contradicts(const Innovation& there, const Innovation& back) const noexcept;
  void doubt_course(double jump) noexcept;
  void confirm(const Limits& said) noexcept;
  void absorb_exchange_way(const Observation& o) noexcept;
  void expect_other_exchanges() noexcept;
  void learn_unicast(Way way, double certain, const Response& response) noexcept;
  void keep_humble(std::size_t state, double deviation) noexcept;
  void keep_base_humble() noexcept;
  void weigh() noexcept;
  [[nodiscard]] bool convinces(std::size_t outer) const noexcept {
    return copies_[outer].evidence - copies_[kMiddle].evidence > kConvincing;
  }
  void expect_wander(double wander) noexcept;
  void follow(std::size_t outer) noexcept;
  [[nodiscard]] bool fits(const Innovation& seen, Timestamp<Raw> when) noexcept;
  void doubt_exchanges_way(double longer) noexcept;
  void doubt_announcements_way() noexcept;
  void blur() noexcept;
  [[nodiscard]] bool believes(Timestamp<Raw> sent, const Innovation& there,
                              const Innovation& back) noexcept;
  void resolve(double there, double back) noexcept;
  void end_doubt() noexcept {
    doubt_.forget();
    misfits_ = {};
  }
  // Of all copies.
  void set(std::size_t state, double value, double deviation) noexcept;
  void doubt(std::size_t state, double deviation) noexcept;
  // Of unicast packets.
  [[nodiscard]] double factor_of(Way way) const noexcept;
  [[nodiscard]] double usual_excess() const noexcept;
  [[nodiscard]] double ambiguity() const noexcept;
  // How far the offset that is believed lies outside of its limits; and that, plus the way on to
  // their other end, at most as far again.
  [[nodiscard]] double outside() const noexcept;
  [[nodiscard]] double refuted_by() const noexcept;
  [[nodiscard]] const Filter& filter() const noexcept { return copies_[kMiddle].filter; }
  [[nodiscard]] double wander_of(std::size_t copy) const noexcept;

  std::array<Copy, kCopies> copies_{};
  DelayNoise noise_;  // of announcements
  std::array<UnicastNoise, 2> unicast_{};
  double wander_ = 0;
  double told_rate_ = 0;  // deviation of what was told of the rate
  double stamp_error_ns_ = 0;
  HeldUp held_up_;  // exchanges
  Doubt doubt_;
  Misfits misfits_;
  HardLimits limits_;
  Timestamp<Raw> newest_;
  Timestamp<Raw> heard_;  // the last announcement
  Duration better_than_;  // an exchange with so short a round trip makes all begin anew
  Timestamp<Raw> begun_;  // since when the rate has been learnt without a contradiction
  Duration reference_;    // what offsets in the filters are relative to
  std::uint32_t count_ = 0;
  std::uint32_t total_ = 0;
  std::uint32_t exchanges_ = 0;
  std::uint32_t disbelieved_ = 0;  // exchanges in a row
  std::uint32_t wanted_ = 0;       // exchanges to be had briskly
  bool begun_roughly_ = false;     // see the functions of these names
  bool confirmed_ = false;
  bool astray_ = false;  // by the last exchange
};

}  // namespace timecast
