// SPDX-License-Identifier: MIT
//
// What lies in a timecast_listener: the core, and what the C interface remembers beside it.
//
// Builds:  freestanding.
#pragma once

#include <timecast/listener.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <optional>

#include "listener/core/core.hpp"

namespace timecast::c_api {

struct Instance {
  // What the memory holds after init, and hardly before.
  static constexpr std::uint64_t kMark = 0x7443'4c49'5354'4e01;

  std::uint64_t mark = kMark;
  timecast_listener_config config;
  std::optional<Timestamp<Boot>> first_heard;
  Timestamp<Boot> last_heard;
  std::optional<Timestamp<Boot>> wake;  // since when the receiver is to be on, or from when on
  ListenerCore core;

  // REQUIRES: error_in(given) == 0. The core's configuration points to this copy.
  explicit Instance(const timecast_listener_config& given) noexcept;
};

// A board has one clock: it is not steered, and it counts while the board sleeps.
inline Moment moment_of(std::int64_t counter_ns) noexcept {
  const Duration since = Duration::nanoseconds(counter_ns);
  return {Timestamp<Realtime>{since}, Timestamp<Raw>{since}, Timestamp<Boot>{since}};
}

// nullptr: no listener lies there.
template <class Found, class Memory>
Found* found_in(Memory* memory) noexcept {
  if (memory == nullptr || reinterpret_cast<std::uintptr_t>(memory) % alignof(Instance) != 0) {
    return nullptr;
  }
  auto* const instance = std::launder(reinterpret_cast<Found*>(memory));
  return instance->mark == Instance::kMark ? instance : nullptr;
}
inline Instance* in(timecast_listener* memory) noexcept { return found_in<Instance>(memory); }
inline const Instance* in(const timecast_listener* memory) noexcept {
  return found_in<const Instance>(memory);
}

// There is one version of each struct so far.
template <class Struct>
bool has_size(const Struct* given) noexcept {
  return given != nullptr && given->size == sizeof(Struct);
}

inline void write_address(const Address& from, timecast_listener_address& to) noexcept {
  to.family = static_cast<std::uint32_t>(from.family);
  std::copy_n(from.octets.begin(), from.octets.size(), to.octets);
}

// 0, or why a listener cannot be made of it.
[[nodiscard]] int error_in(const timecast_listener_config& config) noexcept;
// What the core is told. The C configuration must stay where it is.
[[nodiscard]] ListenerConfig core_config(const timecast_listener_config& config) noexcept;

// See timecast_listener_next_wake().
[[nodiscard]] timecast_listener_wake next_wake(Instance& listener, Timestamp<Boot> now) noexcept;

}  // namespace timecast::c_api
