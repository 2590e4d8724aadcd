// SPDX-License-Identifier: MIT
#include "tests/fuzz/listener_world.hpp"

#include <algorithm>
#include <cmath>

#include "tests/simulation/toy_signer.hpp"

namespace timecast::fuzz {
namespace {

constexpr Duration kEpoch = Duration::seconds(1'793'491'200);
constexpr Address kGroup = Address::ipv4(239, 255, 123, 124);
constexpr Address kSelf = Address::ipv4(192, 0, 2, 100);
constexpr double kMostPpb = 2'000'000;
constexpr int kMostEvents = 400;
constexpr int kMostDeadlines = 64;

Address address_of(std::uint8_t key) { return Address::ipv4(192, 0, 2, key); }

ListenerConfig config_from(Source& source, sim::Random& random) {
  ListenerConfig config;
  const std::uint8_t choice = source.octet();
  config.entropy = random.entropy();
  config.verifier = sim::toy_verifier();
  config.signatures = static_cast<SignatureMode>(choice % 3);
  config.listen_only = (choice & 4U) != 0;
  config.steer = (choice & 8U) != 0;
  if ((choice & 16U) != 0) config.step_over = Duration::milliseconds(100);
  if (config.signatures == SignatureMode::pinned) {
    config.keys[0] = sim::toy_signer(1).key;
    config.key_count = 1;
  }
  config.pivot = Timestamp<Announced>{kEpoch - Duration::seconds(86'400)};
  return config;
}

// What a refused packet may not change. (The counters apart; and a timeline may be in the making.)
std::string lasting(const ListenerStatus& s) {
  std::string text;
  for (const std::int64_t number :
       {static_cast<std::int64_t>(s.state), s.offset.count_ns(), s.error.count_ns(),
        s.bound.count_ns(), s.delay.count_ns(), s.round_trip.count_ns(),
        s.valid_until.since_epoch().count_ns(), std::int64_t{s.announcements},
        std::int64_t{s.exchanges}, std::int64_t{s.sources}, std::int64_t{s.lateness_bounded}}) {
    text += std::to_string(number) + ' ';
  }
  return text;
}

// Whoever is refused for these has shown that he is who he says.
std::uint32_t of_known(const RejectCounters& rejected) {
  return rejected[Reject::unsynchronised] + rejected[Reject::timeline_break] +
         rejected[Reject::implausible_exchange];
}

}  // namespace

ListenerWorld::ListenerWorld(Source& source)
    : source_{source},
      now_{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{Duration::seconds(3'000)},
           Timestamp<Boot>{Duration::seconds(5'000)}},
      config_{config_from(source, random_)},
      core_{config_} {
  for (std::uint8_t i = 0; i < 3; ++i) {
    senders_[i].key = static_cast<std::uint8_t>(i + 1);
    senders_[i].ahead = Duration::milliseconds(250 * i);
  }
}

void ListenerWorld::run() {
  for (int i = 0; i < kMostEvents && !source_.empty(); ++i) {
    event();
    check_status(core_.status(now_));
  }
}

Duration ListenerWorld::span() { return Duration::microseconds(std::int64_t{source_.word()} * 60); }

void ListenerWorld::event() {
  const std::uint8_t choice = source_.octet();
  Sender& sender = senders_[choice >> 4U & 1U ? 1 : 0];
  switch (choice % 12) {
    case 0: return pass(span());
    case 1: return pass(Duration::seconds(source_.octet()));
    case 2: return announce(sender, false);
    case 3: return announce(sender, true);
    case 4: return reply(false);
    case 5: return reply(true);
    case 6: return raw();
    case 7: return hear(last_, address_of(1), kGroup);
    case 8: sender.ahead += Duration::microseconds(std::int64_t{source_.word()} * 100); return;
    case 9: sender.ahead = sender.ahead - span(); return;
    case 10: return sleep(Duration::seconds(source_.octet()));
    default: return set_clock();
  }
}

void ListenerWorld::set_clock() {
  const Duration forward = span();
  const Duration back = Duration::seconds(source_.octet() % 4);
  now_.realtime = now_.realtime + forward - back;
}

// Time that passes without a word makes nothing surer, once the delay is measured. (Before that,
// and within a second, it may by a little: what is heard first is known best somewhat later.)
void ListenerWorld::pass(Duration span) {
  const ListenerStatus before = core_.status(now_);
  now_ = shifted(now_, span);
  const ListenerStatus after = core_.status(now_);
  const bool is_sure = before.lateness_bounded && before.state != State::tentative;
  if (is_sure && span >= Duration::seconds(1) && after.state != State::searching) {
    must(after.bound >= before.bound, "the bound never shrinks without a word");
  }
  deadlines();
}

void ListenerWorld::sleep(Duration span) {
  now_.realtime = now_.realtime + span;
  now_.boot = now_.boot + span;
  check(core_.on_deadline(now_));  // whose host wakes up is called soon
  deadlines();
}

void ListenerWorld::deadlines() {
  for (int i = 0; i < kMostDeadlines; ++i) {
    const auto due = core_.next_deadline();
    if (!due || *due > now_.boot) return;
    const Effects effects = core_.on_deadline(now_);
    check(effects);
    for (const Effect& effect : effects) {
      if (effect.kind != EffectKind::send_query) continue;
      query_.assign(effect.octets.begin(), effect.octets.end());
      asked_ = effect.to;
      core_.on_query_sent(effect.token, now_);
    }
  }
  must(false, "no deadline comes for ever");
}

Header ListenerWorld::header_of(const Sender& sender, Mode mode) const {
  Header h;
  h.mode = mode;
  h.stratum = 3;
  h.precision = Log2Seconds{-20};
  h.root_dispersion = NtpShort{2};
  const Duration announced = now_.realtime.since_epoch() + sender.ahead;
  h.transmit = to_ntp(Timestamp<Announced>{announced - Duration::microseconds(100)});
  h.reference = to_ntp(Timestamp<Announced>{announced - Duration::seconds(20)});
  return h;
}

ListenerWorld::Datagram ListenerWorld::signed_by(const Sender& sender, const Header& header,
                                                 Octets nonce) {
  Datagram octets(kAnnouncementPacketOctets);
  copy_octets(encode(header), octets);
  Announcement a;
  a.key = sim::toy_signer(sender.key).key;
  a.chain = 7;
  a.query_spread = source_.octet() % 8;
  a.interval_ms = 1'000;
  a.sequence = sender.sequence;
  a.flags = source_.octet() % 8 == 1 ? kFlagClockStepped : std::uint16_t{0};
  write_announcement(octets, kHeaderOctets, a);
  must(sign_packet(octets, kHeaderOctets, nonce, sim::toy_signer(sender.key)), "toys sign");
  return octets;
}

void ListenerWorld::spoil(Datagram& octets) {
  if (octets.empty()) return;
  for (int i = source_.octet() % 3; i >= 0; --i) {
    octets[source_.word() % octets.size()] ^= source_.octet();
  }
}

void ListenerWorld::announce(Sender& sender, bool spoils) {
  Header header = header_of(sender, Mode::broadcast);
  header.origin = sender.last;
  sender.last = header.transmit;
  sender.sequence += source_.octet() % 4U;
  last_ = signed_by(sender, header, {});
  if (spoils) spoil(last_);
  hear(last_, address_of(sender.key), kGroup);
}

void ListenerWorld::reply(bool spoils) {
  if (query_.size() < kHeaderOctets) return;
  const std::uint8_t choice = source_.octet();
  const Sender& sender = senders_[choice % 3];
  Header header = header_of(sender, Mode::server);
  const bool interleaves = (choice & 8U) != 0;
  header.origin = NtpTimestamp{
      read_big_endian<std::uint64_t>(Octets{query_}, interleaves ? 32 : kTransmitOffset)};
  header.receive = header.transmit;
  header.transmit = NtpTimestamp{header.transmit.bits() + source_.word()};
  const Octets query{query_};
  Datagram octets =
      signed_by(sender, header,
                query.size() == kAnnouncementPacketOctets ? query.last(kNonceOctets) : Octets{});
  if (query.size() == kHeaderOctets) octets.resize(kHeaderOctets);
  if (spoils) spoil(octets);
  hear(octets, asked_.address, kSelf);
}

void ListenerWorld::raw() {
  const Octets octets = source_.octets(source_.octet());
  hear({octets.begin(), octets.end()}, address_of(1), source_.octet() % 2 == 0 ? kGroup : kSelf);
}

void ListenerWorld::hear(const Datagram& octets, const Address& from, const Address& to) {
  const ListenerStatus before = core_.status(now_);
  Arrival arrival{now_, {}, {from, 11'123, 2}, to, std::uint8_t{255}};
  check(core_.on_datagram(octets, arrival));
  const ListenerStatus after = core_.status(now_);
  const std::uint64_t refused = after.rejected.total() - before.rejected.total();
  must(refused <= 1, "a packet is refused once");
  if (refused == 1 && of_known(after.rejected) == of_known(before.rejected)) {
    must(lasting(after) == lasting(before), "what is refused changes nothing");
  }
}

void ListenerWorld::check(const Effects& effects) const {
  must(effects.size() <= Effects::kCapacity, "effects have room");
  for (const Effect& effect : effects) {
    const bool is_query = effect.kind == EffectKind::send_query;
    must(is_query || config_.steer, "only who steers is told to");
    must(!is_query || !config_.listen_only, "who only listens sends nothing");
    must(effect.octets.size() <= kAnnouncementPacketOctets, "a query fits its buffer");
    must(std::isfinite(effect.frequency.count_ppb()), "a frequency is a number");
    must(std::abs(effect.frequency.count_ppb()) <= kMostPpb, "a frequency is within its limit");
    must(effect.over >= Duration{}, "a slew goes forward in time");
  }
}

void ListenerWorld::check_status(const ListenerStatus& status) const {
  if (status.state == State::searching) return;
  must(status.error >= Duration{}, "an error is not negative");
  must(status.bound >= status.error, "the bound holds the error");
  must(std::isfinite(status.raw_frequency.count_ppb()), "the rate is a number");
  must(std::abs(status.raw_frequency.count_ppb()) <= kMostPpb, "the rate is within its limit");
  must(status.valid_until >= now_.boot, "what is valid is valid now");
  must(!status.lateness_bounded || !config_.listen_only, "nobody vouches for who only listens");
  must(status.state != State::synchronised || status.lateness_bounded, "synchronised by an answer");
  const bool pinned = config_.signatures == SignatureMode::pinned;
  must(!pinned || status.key == config_.keys[0], "with a pin nobody else is followed");
  must(status.disagreeing == 0 || status.disagreeing < status.announcers, "the followed agrees");
}

}  // namespace timecast::fuzz
