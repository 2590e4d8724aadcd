// SPDX-License-Identifier: MIT
//
// An estimator between two clocks and a network of which everything is known.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include <timecast/time/duration.hpp>
#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

#include "listener/core/estimator.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/random.hpp"

namespace timecast::test {

inline Duration ns(std::int64_t n) { return Duration::nanoseconds(n); }
inline Duration us(std::int64_t n) { return Duration::microseconds(n); }
inline Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
inline Duration s(std::int64_t n) { return Duration::seconds(n); }

struct Network {
  sim::Delay announcement;
  sim::Delay there;
  sim::Delay back;
};
inline Network alike(const sim::Delay& delay) { return {delay, delay, delay}; }

class EstimatorBench {
 public:
  explicit EstimatorBench(Network between, std::uint64_t seed = 1)
      : network{std::move(between)}, random{seed} {
    estimator.restart(Duration{}, ms(100));
  }

  Estimator estimator;
  Network network;
  sim::Random random;
  double ppb = 20'000;            // how much faster the announcer's clock runs than ours
  Duration ahead = s(1'000'000);  // how far it is ahead at zero of our clock
  Timestamp<Raw> now{s(5'000)};
  Duration interval = s(1);
  Duration uncertainty = ns(100);
  std::uint32_t asked = 0;
  double exchanges_lost = 0;  // a share
  Duration told_later;        // exchanges are, by up to so much

  [[nodiscard]] Duration truth(Timestamp<Raw> when) const {
    return ahead + FrequencyPpb{ppb}.over(when.since_epoch());
  }
  [[nodiscard]] Duration error() const { return estimator.at(now).ahead - truth(now); }
  [[nodiscard]] Duration delay(const sim::Delay& way) { return way(random, now.since_epoch()); }

  // From now on.
  void change_rate(double by) {
    const Duration before = truth(now);
    ppb += by;
    ahead = ahead + (before - truth(now));
  }

  // What an announcement that arrives now says.
  [[nodiscard]] Sample announcement() {
    return {now, truth(now) - delay(network.announcement), uncertainty};
  }
  void announce() { estimator.add_announcement(announcement()); }
  void announce_later(Duration by) {
    now = now + by;
    announce();
  }

  struct Exchange {
    Sample there;
    Sample back;
  };
  // One that begins now; the answer leaves at once.
  [[nodiscard]] Exchange exchange() {
    const Duration there = delay(network.there);
    const Duration back = delay(network.back);
    const Timestamp<Raw> end = now + there + back;
    ++asked;
    return {{now, truth(now) + there, uncertainty}, {end, truth(end) - back, uncertainty}};
  }
  bool ask() { return tell(exchange()); }

  // Announcements, and between them the exchanges that the estimator wants. `each` is called just
  // before each announcement but the first.
  template <class Each>
  void live(int announcements, Each each) {
    for (int i = 0; i < announcements; ++i) {
      const Timestamp<Raw> next = now + interval;
      if (estimator.count() > 0) ask_until(next);
      now = next;
      tell_what_is_due();
      if (estimator.count() > 0) each();
      announce();
    }
  }
  void live(int announcements) {
    live(announcements, [] {});
  }

 private:
  void ask_until(Timestamp<Raw> next) {
    while (true) {
      const Timestamp<Raw> due = std::max(last_asked_ + pause(), now);
      if (due + ms(50) > next) return;
      now = last_asked_ = due;
      rare_pause_ = s(16) + Duration::from_seconds(16 * random.uniform());
      if (exchanges_lost > 0 && random.uniform() < exchanges_lost) continue;
      if (told_later > Duration{}) {
        untold_.push_back(
            {now + Duration::from_seconds(told_later.to_seconds() * random.uniform()), exchange()});
      } else {
        static_cast<void>(ask());
      }
    }
  }
  bool tell(const Exchange& e) {
    now = std::max(now, e.back.at);
    return estimator.add_exchange(e.there, e.back);
  }
  void tell_what_is_due() {
    while (!untold_.empty() && untold_.front().due <= now) {
      static_cast<void>(tell(untold_.front().exchange));
      untold_.pop_front();
    }
  }
  [[nodiscard]] Duration pause() const {
    switch (estimator.eagerness()) {
      case Eagerness::quick: return ms(250);
      case Eagerness::brisk: return s(1);
      case Eagerness::rare: break;
    }
    return rare_pause_;
  }

  struct Untold {
    Timestamp<Raw> due;
    Exchange exchange;
  };

  std::deque<Untold> untold_;
  Timestamp<Raw> last_asked_;
  Duration rare_pause_;
};

}  // namespace timecast::test
