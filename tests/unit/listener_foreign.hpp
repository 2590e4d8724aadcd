// SPDX-License-Identifier: MIT
//
// Foreign senders for a listener on a bench: they sign nothing.
#pragma once

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {

inline constexpr Address kPlainGroup = Address::ipv4(239, 255, 123, 123);
inline constexpr Address kSubnetBroadcast = Address::ipv4(192, 0, 2, 255);

inline ListenerConfig config_with(SignatureMode mode) {
  ListenerConfig config;
  config.signatures = mode;
  if (mode != SignatureMode::pinned) return config;
  config.key_count = 1;
  config.keys[0] = sim::toy_signer(1).key;
  return config;
}

// A chronyd, say: no field, no origin, hop limit 1, answers on the port it announces from.
inline ScriptedAnnouncer sender_of(std::uint8_t last_octet) {
  ScriptedAnnouncer sender;
  sender.from = {Address::ipv4(192, 0, 2, last_octet), 123, 2};
  sender.interleaves = false;
  sender.header.stratum = 2;
  return sender;
}

inline Datagram plain(ScriptedAnnouncer& sender, const Moment& now) {
  Datagram octets = sender.announce(now);
  octets.resize(kHeaderOctets);
  return octets;
}

inline Arrival told(const ListenerBench& bench, const ScriptedAnnouncer& sender,
                    const Address& to = kPlainGroup) {
  Arrival arrival = bench.arrival(sender.from, to);
  arrival.hop_limit = 1;
  arrival.may_be_plain = true;
  return arrival;
}

inline void hear(ListenerBench& bench, ScriptedAnnouncer& sender) {
  bench.hear(plain(sender, bench.now), told(bench, sender));
}

// The sender announces every `interval`, the first time at once, and answers what it is asked.
inline void live(ListenerBench& bench, ScriptedAnnouncer& sender, Duration span,
                 Duration interval = Duration::seconds(1)) {
  const Timestamp<Boot> end = bench.now.boot + span;
  Timestamp<Boot> announce = bench.now.boot;
  for (int i = 0; i < 100'000 && bench.now.boot < end; ++i) {
    const auto due = bench.core.next_deadline();
    const auto next = due ? std::min(std::max(*due, bench.now.boot), announce) : announce;
    bench.pass(std::min(next, end) - bench.now.boot);
    if (bench.now.boot >= end) break;
    if (bench.now.boot >= announce) {
      announce = announce + interval;
      hear(bench, sender);
    }
    for (const Effect& effect : bench.deadline()) {
      if (!sender.answers || effect.to != sender.from) continue;
      bench.pass(sender.delay * 2);
      bench.hear(sender.reply(bench.query, bench.now), bench.arrival(sender.from, kSelf));
    }
  }
}

}  // namespace timecast::test
