// SPDX-License-Identifier: MIT
#include "announcer/core/announcer.hpp"

#include <algorithm>

#include <timecast/time/frequency.hpp>

namespace timecast {
namespace {

// Further from each other than any slew could take them: the announced clock was stepped.
constexpr Duration kStep = Duration::milliseconds(1);
constexpr FrequencyPpb kMaxSlew{1'000'000};
// Of what replies say about the clock.
constexpr Duration kObservationLife = Duration::milliseconds(100);
constexpr SendToken kTokens = 0x7FFF'FFFFU;  // those above are the answers'
// A stamp further from the clock reading than this was made by another clock than it.
constexpr Duration kMaxLateStamp = Duration::milliseconds(100);
constexpr Duration kSpreadUnit = Duration::milliseconds(100);
constexpr Duration kFirst = Duration::seconds(1);

Duration phase_of(const PublicKey& key, Duration interval) noexcept {
  const auto word = read_big_endian<std::uint32_t>(key, 0);
  return Duration::nanoseconds(static_cast<std::int64_t>(
      (static_cast<std::uint64_t>(interval.count_ns()) >> 16U) * (word >> 16U)));
}

// A stepped clock makes the last packet's transmit time worthless to whoever heard it.
bool stepped_between(const AnnouncedMoment& a, const AnnouncedMoment& b) noexcept {
  const Duration elapsed = b.host.boot - a.host.boot;
  return magnitude((b.announced - a.announced) - elapsed) > kStep + kMaxSlew.over(elapsed);
}

}  // namespace

Announcer::Announcer(const AnnouncerConfig& config) noexcept
    : config_{config},
      phase_{phase_of(config.signer.key, config.interval)},
      next_sequence_{config.first_sequence},
      answers_{config} {}

void Announcer::change(const AnnouncerConfig& config, Timestamp<Boot> now) noexcept {
  if (config.rate_limit != config_.rate_limit) answers_.set_limit(config.rate_limit);
  config_.rate_limit = config.rate_limit;
  config_.island = config.island;
  config_.stratum = config.stratum;
  config_.macs = config.macs;
  answers_.set_macs(config.macs);
  changed_ = true;
  if (config.interval == config_.interval) return;
  config_.interval = config.interval;
  phase_ = phase_of(config_.signer.key, config_.interval);
  next_tick_ = Timestamp<Boot>{};
  for (Stream& stream : streams_) {
    if (stream.kind != StreamKind::precise) continue;
    // No later than it was expected: a listener must not take a longer interval for silence.
    stream.due = std::min(stream.due, next_precise(now));
  }
}

std::optional<StreamId> Announcer::add_stream(StreamKind kind, Timestamp<Boot> now,
                                              std::uint32_t key) noexcept {
  for (Stream& stream : streams_) {
    if (stream.in_use) continue;
    stream = Stream{};
    stream.in_use = true;
    stream.kind = kind;
    stream.key = key;
    stream.id = ++last_id_;
    stream.chain = unused_chain();
    stream.sequence = next_sequence_ - 1;
    // Anywhere within the first interval, so that hosts that boot together do not speak together.
    stream.due = now + config_.entropy.between(Duration{}, std::min(config_.interval, kFirst));
    return stream.id;
  }
  return std::nullopt;
}

std::uint16_t Announcer::unused_chain() const noexcept {
  // More chains than streams, so this ends.
  auto chain = static_cast<std::uint16_t>(config_.entropy.word());
  const auto taken = [&](const Stream& s) { return s.in_use && s.chain == chain; };
  while (std::any_of(streams_.begin(), streams_.end(), taken)) ++chain;
  return chain;
}

void Announcer::remove_stream(StreamId id) noexcept {
  for (Stream& stream : streams_) {
    if (stream.in_use && stream.id == id) stream.in_use = false;
  }
}

const Stream* Announcer::find(StreamId id) const noexcept {
  for (const Stream& stream : streams_) {
    if (stream.in_use && stream.id == id) return &stream;
  }
  return nullptr;
}

Stream* Announcer::due_stream(Timestamp<Boot> now) noexcept {
  Stream* earliest = nullptr;
  for (Stream& stream : streams_) {
    if (!stream.in_use || now < stream.due) continue;
    // Of those that are due together the last one first: on a host with both families that is
    // IPv6, behind which IPv4, which has more listeners, finds all awake.
    if (earliest == nullptr || stream.due <= earliest->due) earliest = &stream;
  }
  return earliest;
}

std::optional<Timestamp<Boot>> Announcer::next_deadline() const noexcept {
  std::optional<Timestamp<Boot>> due;
  for (const Stream& stream : streams_) {
    if (stream.in_use && (!due || stream.due < *due)) due = stream.due;
  }
  return due;
}

bool Announcer::observation_is_due(const AnnouncedMoment& now) const noexcept {
  return !last_seen_ || changed_ || now.host.boot - last_seen_->host.boot >= kObservationLife ||
         stepped_between(*last_seen_, now);
}

void Announcer::observe(const ClockState& clock, const AnnouncedMoment& now) noexcept {
  if (last_seen_ && stepped_between(*last_seen_, now)) answers_.begin_timeline();
  last_seen_ = now;
  changed_ = false;
  reference_.observe(clock, now.announced);
  // Nothing ever corrects an island's clock: it is right by definition, at any time.
  status_.header = describe(clock, config_, config_.island ? now.announced : reference_.value());
  status_.synchronised = status_.header.leap != Leap::unsynchronised;
  answers_.set_header(status_.header);
}

std::optional<Transmission> Announcer::on_deadline(const AnnouncedMoment& now,
                                                   const ClockState& clock) noexcept {
  Stream* stream = due_stream(now.host.boot);
  if (stream != nullptr) observe(clock, now);
  for (; stream != nullptr; stream = due_stream(now.host.boot)) {
    std::optional<Transmission> packet;
    status_.late = now.host.boot - stream->due;
    if (stream->kind == StreamKind::precise) {
      stream->due = next_precise(now.host.boot);
      packet = announce_precise(*stream, now);
    } else {
      stream->due = next_plain(now.host.boot, config_.entropy);
      if (status_.synchronised) packet = announce_plain(*stream, now);
    }
    if (packet) return packet;  // one that has nothing to say must not hide the others
  }
  return std::nullopt;
}

// All leave together, in one order: the first packet after a pause takes longer through hosts that
// slept than those behind it, and a stream that was first at times would have two delays.
Timestamp<Boot> Announcer::next_precise(Timestamp<Boot> now) noexcept {
  if (next_tick_ - now < config_.interval / 2) {
    next_tick_ = next_on_grid(now, config_.interval, phase_, config_.entropy);
  }
  return next_tick_;
}

void Announcer::write_header(const Header& header) noexcept {
  copy_octets(encode(header), buffer_);
}

std::size_t Announcer::with_mac(std::uint32_t key) noexcept {
  if (key == 0) return kHeaderOctets;
  const MutableOctets buffer{buffer_};
  const std::size_t mac =
      config_.macs.write(key, buffer.first(kHeaderOctets), buffer.subspan(kHeaderOctets));
  return mac == 0 ? 0 : kHeaderOctets + mac;
}

Announcement Announcer::announcement_of(const Stream* stream) const noexcept {
  Announcement a;
  a.key = config_.signer.key;
  if (config_.island) a.flags = kFlagIsland;
  const std::int64_t spread = status_.query_spread.count_ns() / kSpreadUnit.count_ns();
  a.query_spread = static_cast<std::uint16_t>(std::min<std::int64_t>(spread, 0xFFFF));
  a.interval_ms = static_cast<std::uint32_t>(config_.interval.count_ns() / 1'000'000);
  if (stream != nullptr) {
    a.chain = stream->chain;
    a.sequence = stream->sequence;
  }
  return a;
}

std::optional<Transmission> Announcer::announce_precise(Stream& stream,
                                                        const AnnouncedMoment& now) noexcept {
  const bool stepped =
      stream.owes_step || (stream.written && stepped_between(*stream.written, now));
  Header header = status_.header;
  header.mode = Mode::broadcast;
  header.poll = Log2Seconds::at_most(config_.interval);
  if (stream.left_at && !stepped) header.origin = to_ntp(*stream.left_at);
  header.transmit = to_ntp(now.announced + precise_lateness_.median());
  write_header(header);

  status_.query_spread =
      config_.query_spread.value_or(answers_.audience().query_spread(now.host.boot));
  status_.askers = answers_.audience().count();
  Announcement announcement = announcement_of(&stream);
  ++announcement.sequence;
  if (stepped) announcement.flags |= kFlagClockStepped;
  std::size_t field = kHeaderOctets;
  if (config_.successor) {
    write_successor(buffer_, field, *config_.successor);
    field += kSuccessorOctets;
  }
  write_announcement(buffer_, field, announcement);
  if (!sign_packet(buffer_, field, {}, config_.signer)) return std::nullopt;

  stream.sequence = announcement.sequence;
  next_sequence_ = std::max(next_sequence_, stream.sequence + 1);
  stream.said_stepped = stepped;
  stream.owes_step = false;
  ++status_.announcements;
  status_.sequence = stream.sequence;
  return sent(stream, now, field + kAnnouncementOctets);
}

std::optional<Transmission> Announcer::announce_plain(Stream& stream,
                                                      const AnnouncedMoment& now) noexcept {
  Header header = status_.header;
  header.mode = Mode::broadcast;
  header.poll = Log2Seconds{kPlainPoll};
  header.transmit = to_ntp(now.announced + plain_lateness_.median());
  write_header(header);
  const std::size_t octets = with_mac(stream.key);
  if (octets == 0) return std::nullopt;
  ++status_.plain;
  return sent(stream, now, octets);
}

Transmission Announcer::sent(Stream& stream, const AnnouncedMoment& now,
                             std::size_t octets) noexcept {
  last_token_ = last_token_ % kTokens + 1;
  stream.token = last_token_;
  stream.written = now;
  stream.left_at.reset();
  return {stream.id, Octets{buffer_}.first(octets), stream.token};
}

void Announcer::on_transmitted(SendToken token, Timestamp<Announced> at) noexcept {
  if (token == 0 || answers_.on_transmitted(token, at)) return;
  for (Stream& stream : streams_) {
    if (!stream.in_use || stream.token != token || stream.left_at) continue;
    const Duration late = at - stream.written->announced;
    if (magnitude(late) > kMaxLateStamp) return;
    stream.left_at = at;
    lateness(stream.kind).add(late);
    status_.lateness = precise_lateness_.median();
    if (stream.kind == StreamKind::precise) ++status_.stamps;
    return;
  }
}

void Announcer::on_send_failed(SendToken token) noexcept {
  answers_.on_send_failed(token);
  for (Stream& stream : streams_) {
    if (!stream.in_use || stream.token != token) continue;
    stream.token = 0;
    stream.left_at.reset();
    stream.owes_step = stream.said_stepped;
  }
}

std::optional<Transmission> Announcer::on_query(const Query& query, const AnnouncedMoment& now,
                                                const ClockState& clock) noexcept {
  observe(clock, now);
  if (!answer(query, now, reply_) || !stamp(reply_, now.announced)) return std::nullopt;
  return Transmission{kNoStream, reply_.packet(), reply_.token};
}

bool Announcer::answer(const Query& query, const AnnouncedMoment& now, Reply& reply) noexcept {
  const auto request = read_request(query.octets);
  const auto reason =
      request ? answers_.answer(query, *request, now, reply) : std::optional{request.error()};
  if (reason) {
    status_.rejected.count(*reason);
    return false;
  }
  if (request->nonce) {
    Announcement announcement = announcement_of(find(query.stream));
    announcement.signature = *request->nonce;
    write_announcement(reply.octets, kHeaderOctets, announcement);
  }
  return true;
}

bool Announcer::stamp(Reply& reply, Timestamp<Announced> now) noexcept {
  if (!answers_.stamp(reply, now, config_.signer)) return false;
  ++status_.replies;
  if (reply.is_signed) ++status_.signed_replies;
  if (reply.mac_key != 0) ++status_.authenticated_replies;
  if (reply.is_interleaved) ++status_.interleaved_replies;
  return true;
}

}  // namespace timecast
