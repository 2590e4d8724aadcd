// SPDX-License-Identifier: MIT
//
// Addresses as the kernel has them and as people write them.
//
//   192.0.2.1   2001:db8::1   10.0.0.0/8   192.0.2.1:123   [2001:db8::1]:123   [fe80::1%eth0]:123
//
// Errors:  a text that is none of these, with the form that is expected.
// Threads: any.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"

namespace timecast {

// The endpoint in the kernel's form; returns its length, behind which nothing is written, 0 if the
// endpoint has no family.
socklen_t to_socket_address(const Endpoint& endpoint, sockaddr_storage& out) noexcept;

// Family none if it is neither IPv4 nor IPv6. An IPv4-mapped IPv6 address comes out as IPv4.
[[nodiscard]] Endpoint endpoint_from(const sockaddr_storage& in) noexcept;

// fe80::/10 and the multicast scopes of one interface or link: an interface must be named.
[[nodiscard]] bool needs_interface(const Address& address) noexcept;

[[nodiscard]] std::string to_string(const Address& address);
[[nodiscard]] std::string to_string(const Prefix& prefix);
// Names the interface where the address needs one.
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

[[nodiscard]] Result<Address> parse_address(std::string_view text);
// An address alone is a prefix of its full length. Bits after the prefix must be zero.
[[nodiscard]] Result<Prefix> parse_prefix(std::string_view text);
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port);

}  // namespace timecast
