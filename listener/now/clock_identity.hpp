// SPDX-License-Identifier: MIT
//
// Which clocks a process reads: CLOCK_BOOTTIME and CLOCK_MONOTONIC_RAW begin anew with every boot,
// and a time namespace shifts them.
//
// Errors:  a word is zero if this process cannot know: a service that sees nothing of /proc but
//          processes does not know the boot.
// Threads: any.
// Source:  random(4), time_namespaces(7).
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace timecast {

// FNV-1a, which needs no library.
inline std::uint64_t mixed_in(std::uint64_t hash, const unsigned char* octets,
                              std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) hash = (hash ^ octets[i]) * 0x100000001B3U;
  return hash;
}

// Never zero.
inline std::uint32_t boot_word(const char* boot_id) noexcept {
  const int file = ::open(boot_id, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<unsigned char, 36> boot{};
  const ssize_t got = ::read(file, boot.data(), boot.size());
  ::close(file);
  if (got != static_cast<ssize_t>(boot.size())) return 0;
  const std::uint64_t hash = mixed_in(0xCBF29CE484222325U, boot.data(), boot.size());
  const auto word = static_cast<std::uint32_t>(hash ^ hash >> 32U);
  return word == 0 ? 1 : word;
}

// Before Linux 5.6 there is one, without a name.
inline std::uint32_t time_namespace_word(const char* name) noexcept {
  struct stat space {};
  return ::stat(name, &space) == 0 ? static_cast<std::uint32_t>(space.st_ino) : 0;
}

// The time namespace in the low word, the boot in the high one.
inline std::uint64_t clock_identity() noexcept {
  const std::uint64_t boot = boot_word("/proc/sys/kernel/random/boot_id");
  return boot << 32U | time_namespace_word("/proc/self/ns/time");
}

// As far as both know.
inline bool are_other_clocks(std::uint64_t ours, std::uint64_t theirs) noexcept {
  const auto differ = [](std::uint32_t a, std::uint32_t b) { return a != 0 && b != 0 && a != b; };
  return differ(static_cast<std::uint32_t>(ours), static_cast<std::uint32_t>(theirs)) ||
         differ(static_cast<std::uint32_t>(ours >> 32U), static_cast<std::uint32_t>(theirs >> 32U));
}

}  // namespace timecast
