// SPDX-License-Identifier: MIT
#include <initializer_list>

#include <doctest/doctest.h>
#include <timecast/wire/entropy.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

// Gives the octets of one 64-bit word again and again.
Entropy always(std::uint64_t& word) {
  return {[](void* context, MutableOctets out) noexcept {
            const std::uint64_t value = *static_cast<const std::uint64_t*>(context);
            for (std::size_t i = 0; i < out.size(); ++i) {
              out[i] = static_cast<std::uint8_t>(value >> (8U * (7U - i % 8U)));
            }
          },
          &word};
}

TEST_CASE("entropy fills what it is given") {
  std::uint64_t word = 0x0123'4567'89AB'CDEF;
  const Entropy entropy = always(word);
  test::Bytes octets(10);
  entropy(octets);
  CHECK(test::to_hex(octets) == "0123456789abcdef0123");
  CHECK(entropy.word() == word);
}

TEST_CASE("a random span reaches its lower end and stays below its upper end") {
  std::uint64_t word = 0;
  const Entropy entropy = always(word);
  const Duration low = -Duration::milliseconds(10);
  const Duration high = Duration::milliseconds(10);
  CHECK(entropy.between(low, high) == low);
  word = 19'999'999;
  CHECK(entropy.between(low, high) == high - Duration::nanoseconds(1));
  word = 20'000'000;
  CHECK(entropy.between(low, high) == low);
  for (const std::uint64_t extreme : {~std::uint64_t{0}, std::uint64_t{1} << 63U}) {
    word = extreme;
    CHECK(entropy.between(low, high) >= low);
    CHECK(entropy.between(low, high) < high);
    CHECK(entropy.between(Duration::min(), Duration::max()) < Duration::max());
  }
}

TEST_CASE("there is one choice within an empty span") {
  std::uint64_t word = 12'345;
  const Entropy entropy = always(word);
  const Duration one = Duration::seconds(1);
  CHECK(entropy.between(one, one) == one);
  CHECK(entropy.between(one, Duration{}) == one);
}

}  // namespace
}  // namespace timecast
