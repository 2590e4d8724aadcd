// SPDX-License-Identifier: MIT
//
// An inquiry and the announcer that it asks.
#pragma once

#include <algorithm>

#include "listener/core/inquiry.hpp"
#include "tests/unit/listener_bench.hpp"

namespace timecast::test {

inline Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
inline Duration s(std::int64_t n) { return Duration::seconds(n); }

struct InquiryScene {
  sim::Random random{1};
  Entropy entropy = random.entropy();
  Verifier verifier = sim::toy_verifier();
  Inquiry inquiry;
  Inquiry::Buffer buffer{};
  ScriptedAnnouncer announcer;
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
  QueryToken token = 0;

  Octets ask(bool challenge = true) {
    now = shifted(now, std::max(inquiry.next_deadline().value() - now.boot, Duration{}));
    REQUIRE(inquiry.query_due(now.boot));
    const std::size_t length = inquiry.write_query(buffer, now, ++token, challenge, entropy);
    return Octets{buffer}.first(length);
  }
  Expected<Inquiry::Reply, Reject> examine(const Datagram& octets) const {
    const auto packet = decode(octets);
    REQUIRE(packet.has_value());
    Inquiry::Reply reply;
    const Reject reason = inquiry.examine(*packet, sim::toy_signer(1).key, verifier, reply);
    if (reason != kNotRejected) return because(reason);
    return reply;
  }
  // A signed reply to the query with these octets as its origin.
  Datagram reply_with_origin(Octets query, Octets origin) {
    Datagram echoed{query.begin(), query.end()};
    copy_octets(origin, MutableOctets{echoed}.subspan(kTransmitOffset, 8));
    return announcer.reply(echoed, now);
  }
  bool in_pairs = false;
  // How long after an answer the next query comes.
  Duration answered(Eagerness eagerness, NtpTimestamp received = {}) {
    Header reply;
    reply.receive = received;
    inquiry.answered(reply, now.boot, eagerness, in_pairs, entropy);
    return inquiry.next_deadline().value() - now.boot;
  }
};

}  // namespace timecast::test
