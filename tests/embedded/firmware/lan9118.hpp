// SPDX-License-Identifier: MIT
//
// What comes in by the Ethernet controller of the boards mps2-an385 and an386, frame by frame.
//
// Source:  SMSC LAN9118 data sheet; the boards' memory map (ARM application notes 385, 386).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace timecast::test {

class Lan9118 {
 public:
  // All frames on the wire: the board hears as a switch floods.
  Lan9118() noexcept {
    at(kHwConfig) = kSoftReset;
    at(kHwConfig) = kStoreAndForward;
    at(kRxConfig) = 0;
    at(kMacData) = kPromiscuous | kReceive | kTransmit;
    at(kMacCommand) = kBusy | kMacControl;
  }

  // 0: there is none. What is longer than the room is read and dropped.
  std::size_t read(std::span<std::uint8_t> room) noexcept {
    if (((at(kRxFifo) >> 16U) & 0xffU) == 0) return 0;
    const std::size_t length = (at(kRxStatus) >> 16U) & 0x3fffU;  // with four octets of checksum
    const std::size_t words = (length + 3) / 4;
    for (std::size_t word = 0; word < words; ++word) {
      const std::uint32_t octets = at(kRxData);
      for (std::size_t i = 0; i < 4 && word * 4 + i < room.size(); ++i) {
        room[word * 4 + i] = static_cast<std::uint8_t>(octets >> (8 * i));
      }
    }
    return length < 4 || length - 4 > room.size() ? 0 : length - 4;
  }

 private:
  static constexpr std::uintptr_t kBase = 0x4020'0000;
  static constexpr std::uintptr_t kRxData = 0x00;
  static constexpr std::uintptr_t kRxStatus = 0x40;
  static constexpr std::uintptr_t kRxConfig = 0x6c;
  static constexpr std::uintptr_t kHwConfig = 0x74;
  static constexpr std::uintptr_t kRxFifo = 0x7c;
  static constexpr std::uintptr_t kMacCommand = 0xa4;
  static constexpr std::uintptr_t kMacData = 0xa8;
  static constexpr std::uint32_t kSoftReset = 1;
  static constexpr std::uint32_t kStoreAndForward = 0x5'0000;
  static constexpr std::uint32_t kPromiscuous = 1U << 18U;
  static constexpr std::uint32_t kTransmit = 1U << 3U;
  static constexpr std::uint32_t kReceive = 1U << 2U;
  static constexpr std::uint32_t kBusy = 1U << 31U;
  static constexpr std::uint32_t kMacControl = 1;

  static volatile std::uint32_t& at(std::uintptr_t offset) noexcept {
    return *reinterpret_cast<volatile std::uint32_t*>(kBase + offset);
  }
};

}  // namespace timecast::test
