// SPDX-License-Identifier: MIT
#include <cstdint>
#include <initializer_list>
#include <random>

#include <doctest/doctest.h>
#include <timecast/time/ntp_time.hpp>

namespace timecast {
namespace {

template <class T>
concept Ordered = requires(T a, T b) {
  a < b;
};

constexpr std::int64_t kEra1AtUnix = 2'085'978'496;  // 2036-02-07T06:28:16Z

Timestamp<Announced> unix_ns(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return Timestamp<Announced>{Duration::seconds(seconds) + Duration::nanoseconds(nanoseconds)};
}

std::uint64_t bits_at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return to_ntp(unix_ns(seconds, nanoseconds)).bits();
}

NtpTimestamp wire_seconds(std::uint32_t seconds) {
  return NtpTimestamp{std::uint64_t{seconds} << 32U};
}

TEST_CASE("unix time becomes wire time") {
  struct Row {
    std::int64_t seconds;
    std::int64_t nanoseconds;
    std::uint64_t bits;
  };
  constexpr Row kRows[] = {
      {0, 0, 0x83AA'7E80'0000'0000U},
      {1'700'000'000, 500'000'000, 0xE8FE'6F80'8000'0000U},
      {2'085'978'495, 999'999'999, 0xFFFF'FFFF'FFFF'FFFBU},
      {kEra1AtUnix, 1, 0x0000'0000'0000'0004U},
      {2'147'483'647, 0, 0x03AA'7E7F'0000'0000U},
      {4'102'444'800, 0, 0x7830'D580'0000'0000U},
      {4'294'967'296, 0, 0x83AA'7E80'0000'0000U},  // 2106: the wire repeats itself
      {-1, 0, 0x83AA'7E7F'0000'0000U},
      {-1, 999'999'999, 0x83AA'7E7F'FFFF'FFFBU},
      {-2'208'988'800, 1, 0x0000'0000'0000'0004U},  // 1900
      {-2'208'988'801, 0, 0xFFFF'FFFF'0000'0000U},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.seconds);
    CAPTURE(row.nanoseconds);
    CHECK(bits_at(row.seconds, row.nanoseconds) == row.bits);
  }
}

TEST_CASE("the wire's word for unknown is never sent as a time") {
  CHECK(NtpTimestamp{}.is_unknown());
  CHECK(!NtpTimestamp{1}.is_unknown());
  CHECK(!NtpTimestamp{0x8000'0000'0000'0000U}.is_unknown());
  CHECK(bits_at(kEra1AtUnix) == 1);
  CHECK(bits_at(-kNtpSecondsAtUnixEpoch) == 1);
  CHECK(bits_at(kEra1AtUnix + (std::int64_t{1} << 32U)) == 1);
}

TEST_CASE("the fraction on the wire is the greatest that is not later than the time") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t ns = random() % 1'000'000'000;
    const std::uint64_t fraction = bits_at(1, static_cast<std::int64_t>(ns)) & 0xFFFF'FFFFU;
    REQUIRE(fraction * 1'000'000'000 <= ns << 32U);
    REQUIRE((fraction + 1) * 1'000'000'000 > ns << 32U);
  }
}

TEST_CASE("every nanosecond survives the way over the wire") {
  std::mt19937_64 random{2};
  const Timestamp<Announced> pivot = unix_ns(1'735'689'600);
  for (int i = 0; i < 20'000; ++i) {
    const auto seconds = static_cast<std::int64_t>(random() % (std::uint64_t{1} << 32U));
    const auto ns = static_cast<std::int64_t>(random() % 1'000'000'000);
    const Timestamp<Announced> sent =
        pivot + Duration::seconds(seconds) + Duration::nanoseconds(ns);
    REQUIRE(unfold(to_ntp(sent), pivot) == sent);
  }
  for (const Timestamp<Announced> edge :
       {pivot, pivot + Duration::nanoseconds(1), unix_ns(kEra1AtUnix) - Duration::nanoseconds(1),
        unix_ns(kEra1AtUnix), unix_ns(kEra1AtUnix, 1),
        pivot + Duration::seconds(std::int64_t{1} << 32U) - Duration::nanoseconds(1)}) {
    CAPTURE(edge.since_epoch().count_ns());
    CHECK(unfold(to_ntp(edge), pivot) == edge);
  }
}

TEST_CASE("a wire time unfolds into the window that begins at the pivot") {
  struct Row {
    std::uint32_t wire;
    std::int64_t window;   // from 2025-01-01
    std::int64_t nearest;  // to 2025-01-01
  };
  constexpr std::int64_t kPivot = 1'735'689'600;
  constexpr Row kRows[] = {
      {0xE9A1'B2D3U, 6'005'666'899, 1'710'699'603},  // 2160 against 2024
      {0xFFFF'FFFFU, 2'085'978'495, 2'085'978'495}, {0x0000'0000U, 2'085'978'496, 2'085'978'496},
      {0x2000'0000U, 2'622'849'408, 2'622'849'408}, {0x83AA'7E80U, 4'294'967'296, 0},
  };
  const NtpTimestamp wire_pivot = to_ntp(unix_ns(kPivot));
  for (const Row& row : kRows) {
    CAPTURE(row.wire);
    const NtpTimestamp wire = wire_seconds(row.wire);
    CHECK(unfold(wire, unix_ns(kPivot)) == unix_ns(row.window));
    CHECK(unix_ns(kPivot) + difference(wire, wire_pivot) == unix_ns(row.nearest));
  }
}

TEST_CASE("the window follows its pivot") {
  struct Row {
    std::uint64_t bits;
    Timestamp<Announced> pivot;
    Timestamp<Announced> expected;
  };
  const std::int64_t era = std::int64_t{1} << 32U;
  const Row rows[] = {
      {0xE9A1'B2D3'0000'0000U, unix_ns(1'710'699'603), unix_ns(1'710'699'603)},
      {0xE9A1'B2D3'0000'0000U, unix_ns(1'710'699'604), unix_ns(1'710'699'603 + era)},
      {0xE9A1'B2D3'0000'0000U, unix_ns(0), unix_ns(1'710'699'603)},
      {0xE9A1'B2D3'0000'0000U, unix_ns(-kNtpSecondsAtUnixEpoch), unix_ns(1'710'699'603)},
      {0xE9A1'B2D3'0000'0000U, unix_ns(1'710'699'604 + era), unix_ns(1'710'699'603 + 2 * era)},
      // Whole seconds decide: what is earlier within the pivot's own second stays there.
      {0xE9A1'B2D3'4000'0000U, unix_ns(1'710'699'603, 750'000'000),
       unix_ns(1'710'699'603, 250'000'000)},
      {0x0000'0000'0000'0000U, unix_ns(kEra1AtUnix), unix_ns(kEra1AtUnix)},
      {0xFFFF'FFFF'0000'0000U, unix_ns(kEra1AtUnix), unix_ns(kEra1AtUnix - 1 + era)},
      {0x83AA'7E7F'0000'0000U, unix_ns(-1), unix_ns(-1)},
      {0x83AA'7E7F'0000'0000U, unix_ns(-2, 999'999'999), unix_ns(-1)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bits);
    CAPTURE(row.pivot.since_epoch().count_ns());
    CHECK(unfold(NtpTimestamp{row.bits}, row.pivot) == row.expected);
  }
}

TEST_CASE("a wire fraction becomes the nearest nanosecond, and may carry into the second") {
  const Timestamp<Announced> epoch = unix_ns(0);
  const auto ns_of = [&](std::uint32_t fraction) {
    return unfold(NtpTimestamp{0x83AA'7E80'0000'0000U | fraction}, epoch).since_epoch().count_ns();
  };
  CHECK(ns_of(0) == 0);
  CHECK(ns_of(1) == 0);
  CHECK(ns_of(2) == 0);
  CHECK(ns_of(3) == 1);
  CHECK(ns_of(0x8000'0000U) == 500'000'000);
  CHECK(ns_of(0xFFFF'FFFBU) == 999'999'999);
  CHECK(ns_of(0xFFFF'FFFDU) == 999'999'999);
  CHECK(ns_of(0xFFFF'FFFEU) == 1'000'000'000);
  CHECK(ns_of(0xFFFF'FFFFU) == 1'000'000'000);
}

TEST_CASE("a pivot at the end of all time does not wrap") {
  CHECK(unfold(wire_seconds(5), Timestamp<Announced>{Duration::max()}) ==
        Timestamp<Announced>{Duration::max()});
  const Timestamp<Announced> far = unfold(wire_seconds(5), Timestamp<Announced>{Duration::min()});
  CHECK(far - Timestamp<Announced>{Duration::min()} < Duration::seconds(std::int64_t{1} << 32U));
}

TEST_CASE("the difference of two wire times has the sign of the first minus the second") {
  struct Row {
    std::uint64_t a;
    std::uint64_t b;
    std::int64_t ns;
  };
  constexpr std::int64_t kHalfEraNs = (std::int64_t{1} << 31U) * 1'000'000'000;
  constexpr Row kRows[] = {
      {5, 5, 0},
      {0xE9A1'B2D3'1238'7654U, 0xE9A1'B2D3'1234'5678U, 62'934},  // a transmit stamp, 62.9 us late
      {0xE9A1'B2D3'1234'5678U, 0xE9A1'B2D3'1238'7654U, -62'934},
      {0xE9A1'B315'2345'6789U, 0xE9A1'B2D3'1234'5678U, 66'066'666'667},
      {0x0000'0001'0000'0000U, 0x0000'0000'8000'0000U, 500'000'000},
      {0x0000'0000'8000'0000U, 0x0000'0001'0000'0000U, -500'000'000},
      {0x0000'0000'0000'0000U, 0xFFFF'FFFF'0000'0000U, 1'000'000'000},  // across the eras
      {0xFFFF'FFFF'0000'0000U, 0x0000'0000'0000'0000U, -1'000'000'000},
      {1, 0, 0},
      {0, 1, 0},
      {0, 3, -1},
      {0x7FFF'FFFF'0000'0000U, 0, kHalfEraNs - 1'000'000'000},
      {0x8000'0000'0000'0000U, 0, -kHalfEraNs},  // 68 years: the sign is a guess from here on
      {0x8000'0001'0000'0000U, 0, -kHalfEraNs + 1'000'000'000},
      {0x7FFF'FFFF'FFFF'FFFFU, 0, kHalfEraNs},
      {0, 0x7FFF'FFFF'FFFF'FFFFU, -kHalfEraNs},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    CHECK(difference(NtpTimestamp{row.a}, NtpTimestamp{row.b}).count_ns() == row.ns);
  }
}

TEST_CASE("wire times are equal or not, and have no order") {
  CHECK(NtpTimestamp{7} == NtpTimestamp{7});
  CHECK(NtpTimestamp{7} != NtpTimestamp{8});
  static_assert(!Ordered<NtpTimestamp>);
  static_assert(Ordered<Timestamp<Announced>>);
}

}  // namespace
}  // namespace timecast
