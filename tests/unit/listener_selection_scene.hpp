// SPDX-License-Identifier: MIT
//
// For tests of selection: sources that have been heard and measured, in any place.
#pragma once

#include "listener/core/selection.hpp"

#include <doctest/doctest.h>

#include "tests/simulation/toy_signer.hpp"

namespace timecast::selection_test {

inline Duration us(std::int64_t n) { return Duration::microseconds(n); }
inline Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
inline Duration s(std::int64_t n) { return Duration::seconds(n); }

inline Moment at(Duration since) {
  return {Timestamp<Realtime>{s(1'793'491'200) + since}, Timestamp<Raw>{s(3'000) + since},
          Timestamp<Boot>{s(5'000) + since}};
}

struct Scene {
  ListenerConfig config;
  Sources sources{};
  Scene() { config.signatures = SignatureMode::pinned; }

  // A source that has been heard every second until `last`, with an announcer this far from truth.
  Source& follow(std::size_t i, std::uint8_t key, Duration last, Duration dispersion = ms(1)) {
    Source& source = sources[i];
    source = Source{};
    source.in_use = true;
    source.id = {sim::toy_signer(key).key, static_cast<std::uint16_t>(i), 2};
    source.interval = s(1);
    source.opened = at(last - s(9)).boot;
    source.arrived(at(last));
    source.agreeing = 10;
    source.header.root_dispersion = NtpShort::at_least(dispersion);
    source.estimator.restart(us(100), ms(10));
    for (int k = 9; k >= 0; --k) {
      source.estimator.add_announcement({at(last - s(k)).raw, s(77), Duration{}});
    }
    return source;
  }
  static void measure(Source& source, Duration ahead = s(77)) {
    const Timestamp<Raw> when = source.arrival.raw;
    REQUIRE(source.learn({when, ahead + us(100), when + us(200), ahead - us(100), Duration{}}));
  }
  // Announces this much ahead of the others, and has answered.
  static void say(Source& source, Duration ahead) {
    for (int k = 9; k >= 0; --k) {
      const Timestamp<Raw> when = source.arrival.raw - s(k);
      source.estimator.add_announcement({when, s(77) + ahead - us(100), Duration{}});
    }
    measure(source, s(77) + ahead);
  }
  [[nodiscard]] std::size_t selected(std::size_t incumbent, Duration now) const {
    return select(sources, incumbent, config, at(now)).followed;
  }
};

inline constexpr std::size_t kNone = kMaxSources;

}  // namespace timecast::selection_test
