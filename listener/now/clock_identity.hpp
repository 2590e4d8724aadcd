// SPDX-License-Identifier: MIT
//
// Which clocks a process reads: CLOCK_BOOTTIME and CLOCK_MONOTONIC_RAW begin anew with every boot,
// and a time namespace shifts them.
//
// Errors:  zero if this process cannot know (it has no /proc).
// Threads: any.
// Source:  random(4), time_namespaces(7).
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace timecast {

inline constexpr std::uint64_t kUnknownClocks = 0;

// FNV-1a, which needs no library.
inline std::uint64_t mixed_in(std::uint64_t hash, const unsigned char* octets,
                              std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) hash = (hash ^ octets[i]) * 0x100000001B3U;
  return hash;
}

inline std::uint64_t clock_identity() noexcept {
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return kUnknownClocks;
  std::array<unsigned char, 36> boot{};
  const ssize_t got = ::read(file, boot.data(), boot.size());
  ::close(file);
  if (got != static_cast<ssize_t>(boot.size())) return kUnknownClocks;
  std::uint64_t hash = mixed_in(0xCBF29CE484222325U, boot.data(), boot.size());
  struct stat space {};
  if (::stat("/proc/self/ns/time", &space) != 0) return hash;  // older than Linux 5.6: there is one
  std::array<unsigned char, 8> number{};
  for (unsigned i = 0; i < number.size(); ++i) {
    number[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(space.st_ino) >> (8 * i));
  }
  return mixed_in(hash, number.data(), number.size());
}

}  // namespace timecast
