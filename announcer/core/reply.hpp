// SPDX-License-Identifier: MIT
//
// What of a request decides about its reply.
//
// Errors:  a Reject for everything that is not answered: other modes, groups, broken packets,
//          MACs of another kind than ours.
// Builds:  freestanding.
// Source:  RFC 5905 section 9.2 (fast transmit); RFC 9769 section 2 (interleaved); docs/protocol.md
// (what is answered).
#pragma once

#include <optional>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/endpoint.hpp>

namespace timecast {

struct Request {
  std::uint8_t version = kNtpVersion;
  Log2Seconds poll;
  NtpTimestamp origin;         // interleaved: the receive stamp of an earlier reply
  NtpTimestamp receive;        // interleaved: opaque, echoed bit for bit
  NtpTimestamp transmit;       // opaque, echoed bit for bit by a basic reply
  std::optional<Nonce> nonce;  // present in a signed challenge
  Octets mac;                  // key id and digest of one that has a MAC; not checked yet
};

[[nodiscard]] Expected<Request, Reject> read_request(Octets octets) noexcept;

// Whether requests from this sender may be answered at all: never to groups, to port 0, to other
// services' ports, or to `self` (two servers would talk to each other for ever).
[[nodiscard]] bool answerable(const Endpoint& from, const Endpoint& self) noexcept;

}  // namespace timecast
