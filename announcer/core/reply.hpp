// SPDX-License-Identifier: MIT
//
// What of a request decides about its reply.
//
// Errors:  a Reject for everything that is not answered: other modes, groups, broken packets,
//          unknown MACs.
// Builds:  freestanding.
// Source:  RFC 5905 section 9.2 (fast transmit); docs/protocol.md (what is answered).
#pragma once

#include <optional>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/endpoint.hpp>

namespace timecast {

struct Request {
  std::uint8_t version = kNtpVersion;
  Log2Seconds poll;
  NtpTimestamp transmit;       // opaque: echoed bit for bit
  std::optional<Nonce> nonce;  // present in a signed challenge
};

[[nodiscard]] Expected<Request, Reject> read_request(Octets octets) noexcept;

// Whether requests from this sender may be answered at all: never to groups, to port 0, to other
// services' ports, or to `self` (two servers would talk to each other for ever).
[[nodiscard]] bool answerable(const Endpoint& from, const Endpoint& self) noexcept;

}  // namespace timecast
