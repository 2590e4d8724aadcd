// SPDX-License-Identifier: MIT
//
// Sums up what one kind of call has cost, and prints it: a name and a number a line.
#pragma once

#include <stdio.h>

#include <algorithm>

#include "tests/embedded/firmware/cortex_m.hpp"

namespace timecast::test {

inline void print_figure(const char* what, const char* of, std::uint64_t figure) noexcept {
  printf("%s %s %lu\n", what, of, static_cast<unsigned long>(figure));
}

class Cost {
 public:
  template <class Call>
  void add(const InstructionCounter& counter, Call call) noexcept {
    std::uint32_t instructions = 0;
    const std::size_t stack = stack_of([&] { instructions = counter.count(call); });
    ++calls_;
    sum_ += instructions;
    worst_ = std::max(worst_, instructions);
    stack_ = std::max(stack_, stack);
  }
  void print(const char* name) const noexcept {
    print_figure(name, "calls", calls_);
    print_figure(name, "mean", calls_ == 0 ? 0 : sum_ / calls_);
    print_figure(name, "worst", worst_);
    print_figure(name, "stack", stack_);
  }

 private:
  std::uint32_t calls_ = 0;
  std::uint64_t sum_ = 0;
  std::uint32_t worst_ = 0;
  std::size_t stack_ = 0;
};

// What is measured of a thousand instructions.
inline void print_check(const InstructionCounter& counter) noexcept {
  print_figure("check", "instructions",
               counter.count([] { asm volatile(".rept 1000\n nop\n .endr"); }));
}

}  // namespace timecast::test
