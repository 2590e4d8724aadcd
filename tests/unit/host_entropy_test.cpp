// SPDX-License-Identifier: MIT
#include "common/host/host_entropy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

using namespace timecast;

// An octet that stays zero in 16 random fills is one case in 2^128.
TEST_CASE("host entropy: every octet asked for is filled, and none beyond") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{1000}}) {
    CAPTURE(size);
    std::vector<std::uint8_t> seen(size);
    for (int round = 0; round < 16; ++round) {
      std::vector<std::uint8_t> octets(size + 1);
      host_entropy()(MutableOctets{octets}.first(size));
      CHECK(octets[size] == 0);
      for (std::size_t i = 0; i < size; ++i) seen[i] |= octets[i];
    }
    CHECK(std::count(seen.begin(), seen.end(), 0) == 0);
  }
}

TEST_CASE("host entropy: words do not repeat") {
  std::array<std::uint64_t, 64> words{};
  for (std::uint64_t& word : words) word = host_entropy().word();
  std::sort(words.begin(), words.end());
  CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
}
