// SPDX-License-Identifier: MIT
//
// Packets for people: every octet in hex, field by field, with what it means.
//
//        0  25                       leap none, version 4, mode broadcast
//        1  02                       stratum 2
//        ...
//       16  e9 a1 b2 c3 00 00 00 00  reference 2024-03-17T18:19:47.000000000Z
//
// Threads: any; pure functions.
// Source:  RFC 5905 section 7.3; docs/protocol.md.
#pragma once

#include <string>
#include <string_view>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/packet.hpp>

#include "common/host/reference_id.hpp"

namespace timecast {

// Anything that came in a datagram. What is no NTP packet is said to be none, with its octets.
// `now` chooses the era of its stamps; `asked` is the random number that it may answer.
[[nodiscard]] std::string packet_text(Octets octets, Timestamp<Realtime> now,
                                      NtpTimestamp asked = {});

// Sixteen octets a line, with what they are as ASCII.
[[nodiscard]] std::string hex_dump(Octets octets);

// A stamp as ISO 8601 with nanoseconds; "none" if it is zero; "no time" if it lies more than ten
// years off, as a random number does.
[[nodiscard]] std::string stamp_text(NtpTimestamp stamp, Timestamp<Realtime> now);

[[nodiscard]] std::string hex_text(Octets octets);  // 25 02 06 ...

// An enumerator for people: "bad_mode" as "bad mode".
[[nodiscard]] std::string in_words(std::string_view name);

}  // namespace timecast
