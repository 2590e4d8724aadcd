// SPDX-License-Identifier: MIT
//
// What every fuzz target has: its one function, what must hold, and octets to draw from.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <timecast/wire/octets.hpp>

// libFuzzer's, and replay.cpp's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace timecast::fuzz {

// Ends the program where an invariant is broken, in any build.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Zeros when there is nothing left, so that each input is a whole sequence of events.
class Source {
 public:
  explicit Source(Octets octets) : left_{octets} {}
  [[nodiscard]] bool empty() const { return left_.empty(); }
  std::uint8_t octet() {
    if (left_.empty()) return 0;
    const std::uint8_t first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  // Drawn one by one: which operand of an operator, or argument of a call, comes first is the
  // compiler's choice, and an input must mean the same to each.
  std::uint16_t word() {
    const unsigned high = octet();
    const unsigned low = octet();
    return static_cast<std::uint16_t>(high << 8U | low);
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8U | octet();
    return value;
  }
  Octets octets(std::size_t most) {
    const Octets taken = left_.first(most < left_.size() ? most : left_.size());
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  Octets left_;
};

}  // namespace timecast::fuzz
