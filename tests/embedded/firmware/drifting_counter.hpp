// SPDX-License-Identifier: MIT
//
// A cheap oscillator for an emulated board, whose own is the host's: 60 ppm fast, and its rate
// walks.
#pragma once

#include <cstdint>

namespace timecast::test {

class DriftingCounter {
 public:
  DriftingCounter() noexcept {
    at(kReload) = kAll;
    at(kValue) = kAll;
    at(kControl) = 1;
  }

  // REQUIRES: asked at least once a minute.
  std::int64_t now_ns() noexcept {
    const std::uint32_t value = at(kValue);
    const std::int64_t passed = std::int64_t{last_ - value} * kTickNs;  // it counts down
    last_ = value;
    now_ns_ += passed;
    walk(passed);
    parts_ += passed * rate_ppb_;
    now_ns_ += parts_ / kBillion;
    parts_ %= kBillion;
    return now_ns_;
  }

 private:
  static constexpr std::uint32_t kAll = 0xffff'ffff;
  static constexpr std::int64_t kTickNs = 40;  // 25 MHz
  static constexpr std::int64_t kBillion = 1'000'000'000;
  static constexpr std::uintptr_t kControl = 0x4000'0000;  // the first CMSDK timer
  static constexpr std::uintptr_t kValue = 0x4000'0004;
  static constexpr std::uintptr_t kReload = 0x4000'0008;

  static volatile std::uint32_t& at(std::uintptr_t address) noexcept {
    return *reinterpret_cast<volatile std::uint32_t*>(address);
  }

  // Ten ppb up or down each second.
  void walk(std::int64_t passed) noexcept {
    since_step_ += passed;
    while (since_step_ >= kBillion) {
      since_step_ -= kBillion;
      random_ = random_ * 1'664'525U + 1'013'904'223U;
      rate_ppb_ += (random_ >> 31U) != 0 ? 10 : -10;
    }
  }

  std::uint32_t last_ = kAll;
  std::uint32_t random_ = 1;
  std::int64_t now_ns_ = 0;
  std::int64_t since_step_ = 0;
  std::int64_t rate_ppb_ = 60'000;
  std::int64_t parts_ = 0;
};

}  // namespace timecast::test
