// SPDX-License-Identifier: MIT
//
// What one question to one server says about its time.
//
// Errors:  a Reject for what does not answer the question; why_refused() has it in words.
// Threads: any; pure functions.
// Source:  RFC 5905 section 8 (on-wire protocol); draft-ietf-ntp-data-minimization for the request;
//          docs/protocol.md for the challenge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/entropy.hpp>
#include <timecast/wire/packet.hpp>

namespace timecast {

// A request that tells nothing of this host: its transmit field is random.
[[nodiscard]] std::vector<std::uint8_t> plain_request(const Entropy& entropy);

// The same, with a nonce that an announcer signs.
[[nodiscard]] std::vector<std::uint8_t> challenge_request(const Entropy& entropy);

struct QueryResult {
  Header header;                 // the reply's
  Duration offset;               // the server's clock minus ours
  Duration round_trip;           // without the time the server took
  Duration bound;                // half of it, and what the server says of itself
  std::optional<PublicKey> key;  // that signed the reply to a challenge
};

// When the request left this host and the reply came to it.
struct TimesHere {
  Timestamp<Realtime> sent;
  Timestamp<Realtime> received;
};

[[nodiscard]] Expected<QueryResult, Reject> read_reply(Octets request, Octets reply,
                                                       const TimesHere& here,
                                                       const Verifier& verifier);

// What read_reply() found, and what to do: a sentence about "its packet" without a full stop.
[[nodiscard]] std::string why_refused(Reject reason);

// Why an answer tells no time, and what to do: a sentence about "it" without a full stop. Nothing
// if it does tell one.
[[nodiscard]] std::optional<std::string> why_no_time(const Header& header);

// Whether an answer has the stamps that an offset is made of, be its clock synchronised or not.
[[nodiscard]] bool tells_offset(const Header& header) noexcept;

}  // namespace timecast
