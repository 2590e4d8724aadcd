// SPDX-License-Identifier: MIT
//
// A listener that lives through the traffic and checks no signatures: the whole way of a packet,
// for one announcer. What it does can be watched, call by call.
//
// Builds:  freestanding.
#pragma once

#include <algorithm>
#include <array>

#include <timecast/listener.hpp>
#include <timecast/wire/announcement.hpp>

#include "tests/embedded/firmware/traffic.hpp"

namespace timecast::test {

inline constexpr int kDeadlinesOfTurn = 8;
inline constexpr Duration kEpoch = Duration::seconds(1'793'491'200);
inline constexpr Endpoint kServer{Address::ipv4(192, 0, 2, 1), 11'123, 2};
inline constexpr Address kGroup = Address::ipv4(239, 255, 123, 124);
inline constexpr Address kSelf = Address::ipv4(192, 0, 2, 100);

using Datagram = std::array<std::uint8_t, kAnnouncementPacketOctets>;

inline Moment moment_at(Timestamp<Raw> raw) noexcept {
  return {Timestamp<Realtime>{kEpoch + raw.since_epoch()}, raw, Timestamp<Boot>{raw.since_epoch()}};
}

inline NtpTimestamp stamp_of(Timestamp<Raw> raw, Duration ahead) noexcept {
  return to_ntp(Timestamp<Announced>{kEpoch + raw.since_epoch() + ahead});
}

// What an announcer writes that goes by the traffic's clock and signs nothing.
class Announcer {
 public:
  explicit Announcer(std::uint8_t key = 1) noexcept {
    header_.stratum = 3;
    header_.precision = Log2Seconds{-20};
    header_.root_dispersion = NtpShort{2};
    announcement_.key.fill(key);
    announcement_.chain = 7;
    announcement_.query_spread = 5;
    announcement_.interval_ms = 1'000;
  }
  Datagram announce(const Sample& sample) noexcept {
    header_.mode = Mode::broadcast;
    header_.receive = {};
    header_.origin = last_;
    header_.transmit = header_.reference = last_ = stamp_of(sample.at, sample.ahead);
    ++announcement_.sequence;
    return written();
  }
  Datagram reply(Octets query, NtpTimestamp received, NtpTimestamp left) noexcept {
    header_.mode = Mode::server;
    header_.origin = NtpTimestamp{read_big_endian<std::uint64_t>(query, kTransmitOffset)};
    header_.receive = received;
    header_.transmit = left;
    return written();
  }

 private:
  Datagram written() const noexcept {
    Datagram octets{};
    copy_octets(encode(header_), octets);
    write_announcement(octets, kHeaderOctets, announcement_);
    return octets;
  }

  Header header_;
  Announcement announcement_;
  NtpTimestamp last_;
};

enum class Deed : std::uint8_t { announcement, reply, deadline, status };
inline constexpr std::array<const char*, 4> kDeedNames{
    "on_datagram(announcement)", "on_datagram(reply)", "on_deadline()", "status()"};

// `watch(deed, call)` calls `call`.
template <class Watch>
class ListenerLife {
 public:
  explicit ListenerLife(Watch& watch) noexcept : watch_{watch} {}

  void live(int turns) noexcept {
    for (int turn = 0; turn < turns; ++turn) live(traffic_.next(Eagerness::brisk));
  }
  [[nodiscard]] ListenerStatus status() const noexcept { return listener_.status(moment_at(now_)); }

 private:
  static ListenerConfig config() noexcept {
    ListenerConfig config;
    config.entropy = {[](void*, MutableOctets out) noexcept {
                        static std::uint8_t next = 0;
                        for (std::uint8_t& octet : out) octet = next += 101;
                      },
                      nullptr};
    config.signatures = SignatureMode::off;
    config.steer = true;
    return config;
  }

  void live(const Turn& turn) noexcept {
    if (turn.anew) listener_.restart(config());
    now_ = turn.announcement.at;
    if (turn.heard) {
      hear(Deed::announcement, announcer_.announce(turn.announcement), kGroup);
    }
    const Timestamp<Raw> end = now_ + Duration::milliseconds(900);
    for (int i = 0; i < kDeadlinesOfTurn; ++i) {
      const auto due = listener_.next_deadline();
      if (!due || due->since_epoch() > end.since_epoch()) break;
      now_ = std::max(now_, Timestamp<Raw>{due->since_epoch()});
      let_deadline_come(turn);
    }
    watch_(Deed::status, [&] { static_cast<void>(status()); });
  }

  void let_deadline_come(const Turn& turn) noexcept {
    Effects effects;
    watch_(Deed::deadline, [&] { effects = listener_.on_deadline(moment_at(now_)); });
    for (const Effect& effect : effects) {
      if (effect.kind != EffectKind::send_query) continue;
      listener_.on_query_sent(effect.token, moment_at(now_));
      const NtpTimestamp received = stamp_of(now_, turn.there.ahead);
      now_ = now_ + (turn.there.ahead - turn.back.ahead);
      const NtpTimestamp left = stamp_of(now_, turn.back.ahead);
      hear(Deed::reply, announcer_.reply(effect.octets, received, left), kSelf);
    }
  }

  void hear(Deed deed, const Datagram& octets, const Address& to) noexcept {
    const Arrival arrival{moment_at(now_), Duration{}, kServer, to, std::uint8_t{255}};
    watch_(deed, [&] { static_cast<void>(listener_.on_datagram(octets, arrival)); });
  }

  Watch& watch_;
  Traffic traffic_;
  Announcer announcer_;
  Listener listener_{config()};
  Timestamp<Raw> now_;
};

}  // namespace timecast::test
