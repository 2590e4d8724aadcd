// SPDX-License-Identifier: MIT
//
// A listener that is attacked while it works, and its twin that is left in peace: whatever the
// attack, both must say the same at any later time, ask at the same instants with the same random
// numbers, and each packet of the attack may change one counter, bit for bit.
#pragma once

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {

// For scripts/attack-table: what has been seen, in words.
inline void seen(const std::string& what) {
  if (std::getenv("TIMECAST_ATTACKS") != nullptr) std::printf("seen: %s\n", what.c_str());
}

using Bits = std::vector<unsigned char>;

inline Bits bits_of(const Listener& listener) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(&listener);
  return {begin, begin + sizeof listener};
}

// In how many 32-bit words two states differ.
inline int words_that_differ(const Bits& a, const Bits& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.size(); i += 4) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    count += std::equal(a.begin() + at, a.begin() + at + 4, b.begin() + at) ? 0 : 1;
  }
  return count;
}

inline Datagram cut(Datagram octets, std::size_t to) {
  octets.resize(to);
  return octets;
}
inline Datagram spoilt(Datagram octets, std::size_t at = 110, std::uint8_t by = 1) {
  octets[at] ^= by;
  return octets;
}

struct Siege {
  using Hook = std::function<void(Siege&)>;
  explicit Siege(const ListenerConfig& config = {}) : bench{config} {}

  ListenerBench bench;
  ScriptedAnnouncer announcer;
  std::vector<Datagram> recorded;  // all that was announced
  bool suppressed = false;         // the announcer is kept from the listener
  Hook each_second;                // before its announcement
  Hook each_query;                 // before the reply comes
  std::vector<std::string> said;   // every second

  void live(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      const Timestamp<Boot> end = bench.now.boot + Duration::seconds(1);
      if (each_second) each_second(*this);
      const Datagram octets = announcer.announce(bench.now);
      recorded.push_back(octets);
      if (!suppressed) bench.hear(octets, bench.arrival(announcer.from));
      ask_until(end);
      bench.pass(end - bench.now.boot);
      said.push_back(described(bench.status()));
    }
  }

  // A packet of the attacker's. It is refused, and nothing but a counter knows.
  void strike(const Datagram& octets, const Arrival& arrival) {
    const Bits before = bits_of(bench.core);
    const std::string said_before = described(bench.status());
    const std::uint64_t refused = bench.status().rejected.total();
    bench.hear(octets, arrival);
    CHECK(bench.status().rejected.total() == refused + 1);
    CHECK(words_that_differ(before, bits_of(bench.core)) == 1);
    CHECK(described(bench.status()) == said_before);
  }
  void announce(const Datagram& octets) { strike(octets, bench.arrival(announcer.from)); }
  void reply(const Datagram& octets) { strike(octets, bench.arrival(announcer.from, kSelf)); }

  // What the announcer would send now, but for what the attacker changes. It knows his key.
  Datagram announcement(const std::function<void(ScriptedAnnouncer&)>& change = {}) {
    ScriptedAnnouncer copy = announcer;
    if (change) change(copy);
    return copy.announce(bench.now);
  }
  Datagram answer(const std::function<void(Header&)>& change = {}) {
    ScriptedAnnouncer copy = announcer;
    static_cast<void>(copy.reply(bench.query, bench.now));
    if (change) change(copy.header);
    const Octets query{bench.query};
    if (query.size() == kAnnouncementPacketOctets) {
      return signed_packet(copy.header, copy.announcement, copy.key, query.last(kNonceOctets));
    }
    const HeaderOctets octets = encode(copy.header);
    return {octets.begin(), octets.end()};
  }

 private:
  void ask_until(Timestamp<Boot> end) {
    for (int i = 0; i < 100; ++i) {
      const auto due = bench.core.next_deadline();
      if (!due || *due >= end - announcer.delay * 2) return;
      bench.pass(std::max(*due - bench.now.boot, Duration{}));
      if (bench.deadline().empty()) continue;
      bench.pass(announcer.delay * 2);
      if (each_query) each_query(*this);
      const Datagram genuine = announcer.reply(bench.query, bench.now);
      if (!suppressed) bench.hear(genuine, bench.arrival(announcer.from, kSelf));
    }
  }
};

struct Attack {
  Siege::Hook each_second = {};
  Siege::Hook each_query = {};
  ListenerConfig config = {};
  Siege::Hook prepare = {};  // both, before anything is heard
  bool suppressed = false;   // the announcer, as long as the attack lasts
};

inline constexpr int kWarmUp = 30;
inline constexpr int kAttack = 60;

inline std::string refusals_in_words(const RejectCounters& rejected) {
  std::string text;
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    if (rejected[reason] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(rejected[reason]) + " " + to_string(reason);
  }
  return text;
}

// Runs the attack for a minute, and a minute longer in peace. Returns what was refused.
inline RejectCounters has_no_effect(const Attack& attack) {
  Siege calm{attack.config};
  Siege attacked{attack.config};
  for (Siege* const each : {&calm, &attacked}) {
    if (attack.prepare) attack.prepare(*each);
    each->live(kWarmUp);
    each->suppressed = attack.suppressed;
  }
  attacked.each_second = attack.each_second;
  attacked.each_query = attack.each_query;
  for (Siege* const each : {&calm, &attacked}) {
    each->live(kAttack);
    each->each_second = {};
    each->each_query = {};
    each->suppressed = false;
    each->live(kAttack);
  }
  CHECK(attacked.said == calm.said);
  CHECK(attacked.bench.query == calm.bench.query);
  CHECK(attacked.bench.core.next_deadline() == calm.bench.core.next_deadline());
  CHECK(calm.bench.status().rejected.total() == 0);
  CHECK(attacked.bench.status().state == State::synchronised);
  const RejectCounters rejected = attacked.bench.status().rejected;
  CHECK(rejected.total() > 0);
  seen("refused: " + refusals_in_words(rejected) + "; nothing else differs");
  return rejected;
}

inline ListenerConfig pinned_to(std::initializer_list<std::uint8_t> keys) {
  ListenerConfig config;
  config.signatures = SignatureMode::pinned;
  for (const std::uint8_t key : keys) config.keys[config.key_count++] = sim::toy_signer(key).key;
  return config;
}

}  // namespace timecast::test
