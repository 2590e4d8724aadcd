// SPDX-License-Identifier: MIT
//
// Message authentication codes by keys that both sides have, behind an interface, so that the
// layers below the sans-I/O line need no crypto library.
//
//     key id (4) | digest (16 or 20), behind header and extension fields; both are covered, the key
//     id and the addresses are not
//
// Errors:  a Reject that says why a MAC does not hold; a MAC that cannot be made is zero octets.
// Threads: the functions are called on the thread that calls the core.
// Builds:  freestanding.
// Source:  RFC 5905 section 7.3, RFC 7822, RFC 8573.
#pragma once

#include <cstddef>
#include <cstdint>

#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/octets.hpp>
#include <timecast/wire/reject.hpp>

namespace timecast {

inline constexpr std::size_t kKeyIdOctets = 4;
inline constexpr std::size_t kMaxMacOctets = 24;

// The keys that a server has.
struct MacKeys {
  // Whether a MAC holds for these octets, made with a key that the server at this address may use.
  Reject (*check_function)(const void* context, Octets message, Octets mac,
                           const Address& server) noexcept = nullptr;
  // Writes key id and digest; returns how many octets. REQUIRES: room for kMaxMacOctets.
  std::size_t (*write_function)(const void* context, std::uint32_t key, Octets message,
                                MutableOctets mac) noexcept = nullptr;
  const void* context = nullptr;

  [[nodiscard]] Reject check(Octets message, Octets mac, const Address& server) const noexcept {
    if (check_function == nullptr) return Reject::unknown_mac;
    return check_function(context, message, mac, server);
  }
  [[nodiscard]] std::size_t write(std::uint32_t key, Octets message,
                                  MutableOctets mac) const noexcept {
    return write_function == nullptr ? 0 : write_function(context, key, message, mac);
  }
};

// Which key is wanted; the id is 0 where none is.
struct MacUse {
  std::uint32_t key = 0;
  bool legacy = false;  // it may be an MD5 key
  friend constexpr bool operator==(const MacUse&, const MacUse&) noexcept = default;
};

// Where packets are authenticated by a key, or, as at any other endpoint, need not be.
struct KeyedEndpoint : Endpoint {
  constexpr KeyedEndpoint() noexcept = default;
  constexpr KeyedEndpoint(const Endpoint& to, const MacUse& use = {}) noexcept
      : Endpoint{to}, mac{use} {}
  constexpr KeyedEndpoint(const Address& to, std::uint16_t at_port,
                          std::uint32_t by_interface = 0) noexcept
      : Endpoint{to, at_port, by_interface} {}

  MacUse mac;
  friend constexpr bool operator==(const KeyedEndpoint&, const KeyedEndpoint&) noexcept = default;
};

}  // namespace timecast
