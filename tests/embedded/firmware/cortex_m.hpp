// SPDX-License-Identifier: MIT
//
// What a call costs on a Cortex-M4 under QEMU, where each instruction takes the same time
// (machine.py): instructions by the system timer, octets of stack by paint.
#pragma once

#include <cstddef>
#include <cstdint>

namespace timecast::test {

// REQUIRES: each call takes less than ten million instructions.
class InstructionCounter {
 public:
  InstructionCounter() noexcept {
    at(kReload) = kMask;
    at(kValue) = 0;
    at(kControl) = 5;  // on, by the processor's clock, without interrupt
    overhead_ = ticks_of([] {});
  }

  template <class Call>
  std::uint32_t count(Call call) const noexcept {
    const std::uint32_t ticks = ticks_of(call) - overhead_;
    return (ticks * kTickNs + kInstructionNs / 2) / kInstructionNs;
  }

 private:
  static constexpr std::uint32_t kMask = 0xff'ffff;
  static constexpr std::uint32_t kTickNs = 40;
  static constexpr std::uint32_t kInstructionNs = 64;
  static constexpr std::uintptr_t kControl = 0xe000'e010;
  static constexpr std::uintptr_t kReload = 0xe000'e014;
  static constexpr std::uintptr_t kValue = 0xe000'e018;

  static volatile std::uint32_t& at(std::uintptr_t address) noexcept {
    return *reinterpret_cast<volatile std::uint32_t*>(address);
  }
  // It counts down.
  template <class Call>
  static std::uint32_t ticks_of(Call call) noexcept {
    const std::uint32_t before = at(kValue);
    asm volatile("" ::: "memory");
    call();
    asm volatile("" ::: "memory");
    return (before - at(kValue)) & kMask;
  }

  std::uint32_t overhead_ = 0;
};

// How deep below its caller a call reaches.
template <class Call>
[[gnu::noinline]] std::size_t stack_of(Call call) noexcept {
  constexpr std::size_t kWords = 2'048;
  constexpr std::uint32_t kPaint = 0xa5a5'5a5a;
  std::uintptr_t top;
  asm volatile("mov %0, sp" : "=r"(top)::"memory");
  auto* const bottom = reinterpret_cast<volatile std::uint32_t*>(top) - kWords;
  for (std::size_t i = 0; i < kWords; ++i) bottom[i] = kPaint;
  call();
  asm volatile("" ::: "memory");
  std::size_t untouched = 0;
  while (untouched < kWords && bottom[untouched] == kPaint) ++untouched;
  return (kWords - untouched) * sizeof(std::uint32_t);
}

}  // namespace timecast::test
