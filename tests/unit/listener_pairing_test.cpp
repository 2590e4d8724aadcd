// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

#include "listener/core/pairing.hpp"

namespace timecast {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

constexpr Duration kEpoch = Duration::seconds(1'793'491'200);
constexpr Duration kDelay = Duration::microseconds(100);
constexpr Duration kOffset = kEpoch - Duration::seconds(1'000);  // announced minus raw

bool near(Duration a, Duration b) { return magnitude(a - b) <= Duration::nanoseconds(2); }

// Packet `k` is written at k seconds, leaves `late` after, and arrives a delay later.
HeardStamps packet(int k, Duration late, NtpTimestamp origin) {
  const Duration written = kEpoch + s(k);
  return {Timestamp<Announced>{written}, to_ntp(Timestamp<Announced>{written}), origin,
          Timestamp<Raw>{written + late + kDelay - kOffset}, us(3)};
}
NtpTimestamp left(int k, Duration late) {
  return to_ntp(Timestamp<Announced>{kEpoch + s(k) + late});
}

}  // namespace

TEST_CASE("pairing: a first packet gives a basic sample, at once") {
  Pairing pairing;
  const auto sample = pairing.on_announcement(packet(0, us(40), {}), false);
  REQUIRE(sample.has_value());
  CHECK(near(sample->ahead, kOffset - us(40) - kDelay));
  CHECK(sample->uncertainty == us(3) + us(20));
  CHECK_FALSE(pairing.interleaved());
  CHECK_FALSE(pairing.series_changed());
}

TEST_CASE("pairing: basic packets give a sample each") {
  Pairing pairing;
  for (int k = 0; k < 10; ++k) {
    const auto sample = pairing.on_announcement(packet(k, us(40), {}), k > 0);
    REQUIRE(sample.has_value());
    CHECK(near(sample->ahead, kOffset - us(40) - kDelay));
    CHECK_FALSE(pairing.series_changed());
  }
}

TEST_CASE("pairing: an origin tells when the packet before truly left") {
  Pairing pairing;
  static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
  for (int k = 1; k < 10; ++k) {
    const auto sample = pairing.on_announcement(packet(k, us(40), left(k - 1, us(40))), true);
    REQUIRE(sample.has_value());
    CHECK(near(sample->ahead, kOffset - kDelay));
    CHECK(sample->at == packet(k - 1, us(40), {}).arrival);
    CHECK(sample->uncertainty == us(3));
    CHECK(pairing.interleaved());
    CHECK(pairing.series_changed() == (k == 1));
  }
}

TEST_CASE("pairing: a lost packet costs the samples around it and nothing else") {
  Pairing pairing;
  static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
  static_cast<void>(pairing.on_announcement(packet(1, us(40), left(0, us(40))), true));
  // Packet 2 is lost; the origin of 3 speaks of it.
  CHECK_FALSE(pairing.on_announcement(packet(3, us(40), left(2, us(40))), false).has_value());
  CHECK(pairing.interleaved());
  CHECK_FALSE(pairing.series_changed());
  const auto sample = pairing.on_announcement(packet(4, us(40), left(3, us(40))), true);
  REQUIRE(sample.has_value());
  CHECK(near(sample->ahead, kOffset - kDelay));
  CHECK_FALSE(pairing.series_changed());
}

TEST_CASE("pairing: however many packets are lost, one by one, it waits for the next pair") {
  Pairing pairing;
  static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
  static_cast<void>(pairing.on_announcement(packet(1, us(40), left(0, us(40))), true));
  for (int k = 3; k < 20; k += 2) {
    CHECK_FALSE(pairing.on_announcement(packet(k, us(40), left(k - 1, us(40))), false));
    CHECK(pairing.interleaved());
  }
  CHECK(pairing.on_announcement(packet(20, us(40), left(19, us(40))), true).has_value());
}

TEST_CASE("pairing: an origin that cannot be of the packet before is not used") {
  struct Row {
    std::string_view name;
    NtpTimestamp origin;
    bool used;
  };
  const Row rows[] = {
      {"none", {}, false},
      {"the packet before, as written", left(4, {}), true},
      {"100 ms late", left(4, ms(100)), true},
      {"later than any packet leaves", left(4, ms(101)), false},
      {"early by what is written ahead", left(4, -ms(5)), true},
      {"earlier than that", left(4, -ms(6)), false},
      {"of the one before that", left(3, us(40)), false},
      {"of this packet itself", left(5, us(40)), false},
      {"of another era", NtpTimestamp{left(4, us(40)).bits() ^ (std::uint64_t{1} << 63U)}, false},
      {"the least", NtpTimestamp{1}, false},
      {"the most", NtpTimestamp{~std::uint64_t{0}}, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Pairing pairing;
    static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
    for (int k = 1; k < 5; ++k) {
      static_cast<void>(pairing.on_announcement(packet(k, us(40), left(k - 1, us(40))), true));
    }
    CHECK(pairing.on_announcement(packet(5, us(40), row.origin), true).has_value() == row.used);
    // It is never sticky: the next pair decides for itself.
    const auto next = pairing.on_announcement(packet(6, us(40), left(5, us(40))), true);
    REQUIRE(next.has_value());
    CHECK(near(next->ahead, kOffset - kDelay));
  }
}

TEST_CASE("pairing: an announcer that has lost its stamps is followed by what it writes") {
  Pairing pairing;
  static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
  static_cast<void>(pairing.on_announcement(packet(1, us(40), left(0, us(40))), true));
  CHECK_FALSE(pairing.on_announcement(packet(2, us(40), {}), true).has_value());
  CHECK_FALSE(pairing.on_announcement(packet(3, us(40), {}), true).has_value());
  const auto basic = pairing.on_announcement(packet(4, us(40), {}), true);
  REQUIRE(basic.has_value());
  CHECK(near(basic->ahead, kOffset - us(40) - kDelay));
  CHECK_FALSE(pairing.interleaved());
  CHECK(pairing.series_changed());
  CHECK(pairing.on_announcement(packet(5, us(40), {}), true).has_value());
  CHECK_FALSE(pairing.series_changed());
}

TEST_CASE("pairing: after a restart nothing is paired with what was before") {
  Pairing pairing;
  static_cast<void>(pairing.on_announcement(packet(0, us(40), {}), false));
  static_cast<void>(pairing.on_announcement(packet(1, us(40), left(0, us(40))), true));
  pairing.restart();
  const auto sample = pairing.on_announcement(packet(2, us(40), left(1, us(40))), true);
  REQUIRE(sample.has_value());
  CHECK(near(sample->ahead, kOffset - us(40) - kDelay));
  CHECK_FALSE(pairing.interleaved());
  CHECK_FALSE(pairing.series_changed());
}

}  // namespace timecast
