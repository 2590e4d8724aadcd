// SPDX-License-Identifier: MIT
//
// Whether a secret is somewhere in this process's memory. The secret is never whole in who looks:
// it is known by its characters one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace timecast {

inline constexpr std::size_t kSecretDigits = 32;

// One of so many hexadecimal digits.
inline char secret_digit(std::size_t i) {
  const auto nibble = static_cast<unsigned>((i * i * 7 + i * 3 + 5) % 16);
  return static_cast<char>(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
}

inline std::string secret_digits() {
  std::string text;
  for (std::size_t i = 0; i < kSecretDigits; ++i) text += secret_digit(i);
  return text;
}

// A sanitizer knows what was freed; this looks there too. A byte at a time, so that what is found
// is not copied.
__attribute__((no_sanitize("address"))) inline int secrets_between(std::uintptr_t begin,
                                                                   std::uintptr_t end) {
  int found = 0;
  for (std::uintptr_t at = begin; at + kSecretDigits <= end; ++at) {
    std::size_t i = 0;
    while (i < kSecretDigits &&
           *reinterpret_cast<const volatile char*>(at + i) == secret_digit(i)) {
      ++i;
    }
    if (i == kSecretDigits) ++found;
  }
  return found;
}

// In all that can be written, but for a sanitizer's shadow.
inline int secrets_in_memory() {
  constexpr std::uintptr_t kLargest = std::uintptr_t{1} << 26U;
  std::ifstream maps{"/proc/self/maps"};
  std::stringstream all;
  all << maps.rdbuf();
  int found = 0;
  std::string line;
  while (std::getline(all, line)) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::string rights;
    std::istringstream words{line};
    words >> std::hex >> begin >> dash >> end >> rights;
    if (rights.starts_with("rw") && end - begin <= kLargest) found += secrets_between(begin, end);
  }
  return found;
}

}  // namespace timecast
