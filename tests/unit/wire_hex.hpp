// SPDX-License-Identifier: MIT
//
// Packets in tests: octets written as hexadecimal text.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/octets.hpp>

namespace timecast::test {

// A type of its own only so that + is found.
struct Bytes : std::vector<std::uint8_t> {
  using vector::vector;
  friend Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
};

inline int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  throw std::invalid_argument("not a hexadecimal digit");
}

// Blanks are ignored.
inline Bytes from_hex(std::string_view text) {
  Bytes octets;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int value = digit_value(c);
    if (high < 0) {
      high = value;
    } else {
      octets.push_back(static_cast<std::uint8_t>(16 * high + value));
      high = -1;
    }
  }
  if (high >= 0) throw std::invalid_argument("an octet has two digits");
  return octets;
}

inline std::string to_hex(Octets octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned octet : octets) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 15U];
  }
  return text;
}

// The protocol's headers: an announcement, the next one in interleaved form, a request.
inline constexpr std::string_view kH5 =
    "250206ec 00000a3d 00000148 c0000201 e9a1b2c300000000 0000000000000000 0000000000000000"
    "e9a1b2d312345678";
inline constexpr std::string_view kH5i =
    "250206ec 00000a3d 00000148 c0000201 e9a1b2c300000000 e9a1b2d312387654 0000000000000000"
    "e9a1b31523456789";
inline constexpr std::string_view kH3 =
    "23000020 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000"
    "0123456789abcdef";
// A field of a type that nobody knows, 28 octets.
inline constexpr std::string_view kField28 =
    "f7e0001c 000102030405060708090a0b0c0d0e0f1011121314151617";

}  // namespace timecast::test
