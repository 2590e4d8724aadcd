// SPDX-License-Identifier: MIT
//
// A listener on a host whose clocks a test moves by hand, and announcers whose packets it may
// spoil.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <timecast/listener.hpp>
#include <timecast/wire/announcement.hpp>

#include "listener/core/source.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/toy_signer.hpp"

namespace timecast::test {

using Datagram = std::vector<std::uint8_t>;

inline constexpr std::size_t kOriginOffset = 24;  // of the header
inline constexpr std::size_t kReceiveOffset = 32;
inline constexpr Duration kEpoch = Duration::seconds(1'793'491'200);
inline constexpr Address kGroup = Address::ipv4(239, 255, 123, 124);
inline constexpr Address kSelf = Address::ipv4(192, 0, 2, 100);

inline Datagram signed_packet(const Header& header, Announcement announcement, std::uint8_t key,
                              Octets nonce = {}) {
  Datagram octets(kAnnouncementPacketOctets);
  copy_octets(encode(header), octets);
  announcement.key = sim::toy_signer(key).key;
  write_announcement(octets, kHeaderOctets, announcement);
  REQUIRE(sign_packet(octets, kHeaderOctets, nonce, sim::toy_signer(key)));
  return octets;
}

// What an announcer with a perfect clock writes. Its packets take `delay`.
struct ScriptedAnnouncer {
  std::uint8_t key = 1;
  Endpoint from{Address::ipv4(192, 0, 2, 1), 11'123, 2};
  Duration ahead = Duration::milliseconds(250);  // of the listener's CLOCK_REALTIME
  Duration delay = Duration::microseconds(100);
  bool answers = true;
  bool interleaves = true;
  Duration written_ahead{};  // what a reply claims of its own departure, minus the truth
  Header header = [] {
    Header h;
    h.mode = Mode::broadcast;
    h.stratum = 3;
    h.precision = Log2Seconds{-20};
    h.root_dispersion = NtpShort{2};
    return h;
  }();
  Announcement announcement = [] {
    Announcement a;
    a.chain = 7;
    a.query_spread = 5;
    a.interval_ms = 1'000;
    a.sequence = 100;
    return a;
  }();
  NtpTimestamp last;
  NtpTimestamp replied;     // receive stamp of the last reply
  NtpTimestamp reply_left;  // and its departure

  // The packet that arrives at `now`.
  Datagram announce(const Moment& now) {
    write_stamps(now, -delay);
    header.mode = Mode::broadcast;
    header.receive = {};
    header.origin = interleaves ? last : NtpTimestamp{};
    last = header.transmit;
    ++announcement.sequence;
    return signed_packet(header, announcement, key);
  }
  // The reply that arrives at `now` to a query that left two delays before.
  Datagram reply(Octets query, const Moment& now) {
    write_stamps(now, -delay);
    header.mode = Mode::server;
    header.origin = NtpTimestamp{read_big_endian<std::uint64_t>(query, kTransmitOffset)};
    header.receive = header.transmit;
    const NtpTimestamp asks{read_big_endian<std::uint64_t>(query, kOriginOffset)};
    if (interleaves && !asks.is_unknown() && asks == replied) {
      header.origin = NtpTimestamp{read_big_endian<std::uint64_t>(query, kReceiveOffset)};
      std::swap(header.transmit, reply_left);
    } else {
      reply_left = header.transmit;
      const Duration claimed = now.realtime.since_epoch() + ahead - delay + written_ahead;
      header.transmit = to_ntp(Timestamp<Announced>{claimed});
    }
    replied = header.receive;
    if (query.size() == kAnnouncementPacketOctets) {
      return signed_packet(header, announcement, key, query.last(kNonceOctets));
    }
    const HeaderOctets octets = encode(header);
    return {octets.begin(), octets.end()};
  }

 private:
  void write_stamps(const Moment& now, Duration shift) {
    const Duration announced = now.realtime.since_epoch() + ahead + shift;
    header.transmit = to_ntp(Timestamp<Announced>{announced});
    header.reference = to_ntp(Timestamp<Announced>{announced - Duration::seconds(20)});
  }
};

inline ScriptedAnnouncer announcer_of(std::uint8_t key, std::uint16_t chain = 7) {
  ScriptedAnnouncer announcer;
  announcer.key = key;
  announcer.announcement.chain = chain;
  announcer.from.address.octets[3] = key;
  return announcer;
}

// Every field but the counters of what was refused, in words.
inline std::string described(const ListenerStatus& s) {
  std::ostringstream out;
  out << to_string(s.state) << '/' << static_cast<int>(s.reason) << " offset "
      << s.offset.count_ns() << " error " << s.error.count_ns() << " bound " << s.bound.count_ns()
      << " ppb " << s.frequency.count_ppb() << " delay " << s.delay.count_ns() << " rtt "
      << s.round_trip.count_ns() << " bounded " << s.lateness_bounded << " until "
      << s.valid_until.since_epoch().count_ns() << " from ";
  for (const auto octet : s.announcer.address.octets) out << int{octet} << '.';
  out << s.announcer.port << '%' << s.announcer.interface << " key " << int{s.key[0]} << " leap "
      << to_string(s.leap) << " stratum " << int{s.stratum} << " root "
      << s.root_distance.count_ns() << " interval " << s.interval.count_ns() << " interleaved "
      << s.interleaved << " counts " << s.announcements << ' ' << s.exchanges << ' ' << s.queries
      << ' ' << s.sources;
  return out.str();
}

class ListenerBench {
 public:
  explicit ListenerBench(ListenerConfig config = {}, std::uint64_t seed = 1)
      : random{seed}, core{completed(config)} {}

  void restart(const ListenerConfig& config) { core.restart(completed(config)); }
  void pass(Duration span) { now = shifted(now, span); }
  [[nodiscard]] ListenerStatus status() const { return core.status(now); }
  [[nodiscard]] Arrival arrival(const Endpoint& from, const Address& to = kGroup) const {
    return {now, Duration{}, from, to, std::uint8_t{255}};
  }
  void hear(const Datagram& octets, const Arrival& arrival) {
    CHECK(core.on_datagram(octets, arrival).empty());
  }
  void hear(ScriptedAnnouncer& announcer) {
    hear(announcer.announce(now), arrival(announcer.from));
  }

  // Lets the next deadline come; returns the query that goes out then, if one does.
  std::vector<Effect> next_deadline() {
    pass(std::max(core.next_deadline().value() - now.boot, Duration{}));
    return deadline();
  }
  std::vector<Effect> deadline() {
    const Effects effects = core.on_deadline(now);
    for (const Effect& effect : effects) {
      if (effect.kind != EffectKind::send_query) {
        steered.push_back(effect);
        continue;
      }
      query.assign(effect.octets.begin(), effect.octets.end());
      core.on_query_sent(effect.token, now);
    }
    return {effects.begin(), effects.end()};
  }

  // A span in which announcers announce every second and answer what they are asked.
  void live(std::vector<ScriptedAnnouncer*> announcers, Duration span) {
    const Timestamp<Boot> end = now.boot + span;
    Timestamp<Boot> announce = now.boot;
    for (int i = 0; i < 200'000 && now.boot < end; ++i) {
      const auto due = core.next_deadline();
      const Timestamp<Boot> next = due ? std::min(std::max(*due, now.boot), announce) : announce;
      pass(std::min(next, end) - now.boot);
      if (now.boot >= end) break;
      if (now.boot >= announce) {
        announce = announce + Duration::seconds(1);
        for (ScriptedAnnouncer* const each : announcers) hear(*each);
      }
      for (const Effect& effect : deadline()) answer(effect, announcers);
    }
  }

  // Waits for the next query and returns it; the announcer's reply would arrive now.
  Datagram next_query(const ScriptedAnnouncer& announcer) {
    for (int i = 0; i < 50; ++i) {
      if (next_deadline().empty()) continue;
      pass(announcer.delay * 2);
      return query;
    }
    FAIL("no query comes");
    return {};
  }

  sim::Random random;
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{Duration::seconds(3'000)},
             Timestamp<Boot>{Duration::seconds(5'000)}};
  Datagram query;               // the last one
  std::vector<Effect> steered;  // all that its clock was told
  Listener core;

 private:
  void answer(const Effect& effect, const std::vector<ScriptedAnnouncer*>& announcers) {
    for (ScriptedAnnouncer* const each : announcers) {
      if (!each->answers || each->from != effect.to) continue;
      pass(each->delay * 2);
      hear(each->reply(query, now), arrival(each->from, kSelf));
    }
  }
  ListenerConfig completed(ListenerConfig config) {
    config.entropy = random.entropy();
    config.verifier = sim::toy_verifier();
    config.pivot = Timestamp<Announced>{kEpoch - Duration::seconds(86'400)};
    return config;
  }
};

}  // namespace timecast::test
