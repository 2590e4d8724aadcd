// SPDX-License-Identifier: MIT
//
// A listener in the middle of its work, and everything that may come in then, good or spoilt.
#pragma once

#include <functional>

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {

inline constexpr Endpoint kElsewhere{Address::ipv4(192, 0, 2, 66), 11'123, 2};

struct Incoming {
  Datagram octets;
  Arrival arrival;
};

// A listener that has followed announcer 1 for a while and waits for its reply.
struct Scene {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  Datagram recorded;  // of long ago
  Datagram query;

  explicit Scene(const ListenerConfig& config = {}) : bench{config} {
    recorded = announcer.announce(bench.now);
    bench.hear(recorded, bench.arrival(announcer.from));
    bench.pass(Duration::seconds(1));
    bench.live({&announcer}, Duration::seconds(30));
    while (bench.core.next_deadline().value() - bench.now.boot > Duration::seconds(1)) {
      bench.pass(Duration::seconds(1));
      bench.hear(announcer);
    }
    query = bench.next_query(announcer);
  }
  Incoming announcement(const std::function<void(ScriptedAnnouncer&)>& spoil = {}) {
    ScriptedAnnouncer copy = announcer;
    if (spoil) spoil(copy);
    return {copy.announce(bench.now), bench.arrival(announcer.from)};
  }
  // As announced, but with a header that announce() would not write.
  Incoming with_header(const std::function<void(Header&)>& spoil) {
    ScriptedAnnouncer copy = announcer;
    static_cast<void>(copy.announce(bench.now));
    spoil(copy.header);
    return {signed_packet(copy.header, copy.announcement, copy.key), bench.arrival(announcer.from)};
  }
  Incoming reply(const std::function<void(ScriptedAnnouncer&)>& spoil = {}) {
    ScriptedAnnouncer copy = announcer;
    if (spoil) spoil(copy);
    return {copy.reply(query, bench.now), bench.arrival(announcer.from, kSelf)};
  }
  Incoming reply_with_header(const std::function<void(Header&)>& spoil) {
    ScriptedAnnouncer copy = announcer;
    static_cast<void>(copy.reply(query, bench.now));
    spoil(copy.header);
    return {
        signed_packet(copy.header, copy.announcement, copy.key, Octets{query}.last(kNonceOctets)),
        bench.arrival(announcer.from, kSelf)};
  }
};

inline Incoming changed(Incoming in, std::size_t at, std::uint8_t by) {
  in.octets[at] ^= by;
  return in;
}
inline Incoming resized(Incoming in, std::size_t octets) {
  in.octets.resize(octets);
  return in;
}
inline Incoming by_way_of(Incoming in, const std::function<void(Arrival&)>& spoil) {
  spoil(in.arrival);
  return in;
}

}  // namespace timecast::test
