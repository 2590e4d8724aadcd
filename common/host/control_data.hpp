// SPDX-License-Identifier: MIT
//
// What the kernel writes beside a datagram: its destination, interface, hop limit and stamp; or, in
// the error queue, whose transmit stamp it is.
//
// Errors:  none; what the kernel does not say is absent.
// Threads: any.
// Source:  ip(7), ipv6(7); kernel documentation, networking/timestamping.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/endpoint.hpp>

#include "common/host/hardware_clock.hpp"

namespace timecast {

struct ReceiveNotes {
  Address to;                   // family none if absent
  std::uint32_t interface = 0;  // 0 if absent
  std::optional<std::uint8_t> hop_limit;
  std::optional<Timestamp<Realtime>> stamp;
  std::optional<Timestamp<Hardware>> hardware;  // raw, of the card's clock
};

[[nodiscard]] ReceiveNotes read_receive_notes(const msghdr& message) noexcept;

struct ErrorNotes {
  struct Transmitted {
    std::uint32_t number = 0;  // the kernel's, of this socket
    // The kernel tells one after the other: at least one is there.
    std::optional<Timestamp<Realtime>> stamp;
    std::optional<Timestamp<Hardware>> hardware;
  };
  std::optional<Transmitted> transmitted;
  int network_error = 0;  // an errno value, if it is an ICMP or local error instead
};

[[nodiscard]] ErrorNotes read_error_notes(const msghdr& message) noexcept;

}  // namespace timecast
