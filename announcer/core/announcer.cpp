// SPDX-License-Identifier: MIT
#include "announcer/core/announcer.hpp"

#include <algorithm>

#include <timecast/time/frequency.hpp>

namespace timecast {
namespace {

// Further from each other than any slew could take them: the announced clock was stepped.
constexpr Duration kStep = Duration::milliseconds(1);
constexpr FrequencyPpb kMaxSlew{1'000'000};
// A request older than this when it is answered would only teach its sender a wrong delay.
constexpr Duration kStaleRequest = Duration::milliseconds(500);
constexpr std::int64_t kSpreadUnitNs = 100'000'000;
constexpr Duration kFirst = Duration::seconds(1);

Duration phase_of(const PublicKey& key, Duration interval) noexcept {
  const auto word = read_big_endian<std::uint32_t>(key, 0);
  return Duration::nanoseconds(static_cast<std::int64_t>(
      (static_cast<std::uint64_t>(interval.count_ns()) >> 16U) * (word >> 16U)));
}

}  // namespace

Announcer::Announcer(const AnnouncerConfig& config) noexcept
    : config_{config},
      phase_{phase_of(config.signer.key, config.interval)},
      limiter_{config.rate_limit, config.entropy},
      next_sequence_{config.first_sequence} {}

std::optional<StreamId> Announcer::add_stream(StreamKind kind, Timestamp<Boot> now) noexcept {
  for (Stream& stream : streams_) {
    if (stream.in_use) continue;
    stream = Stream{};
    stream.in_use = true;
    stream.kind = kind;
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

Stream* Announcer::earliest() noexcept {
  Stream* earliest = nullptr;
  for (Stream& stream : streams_) {
    if (!stream.in_use) continue;
    if (earliest == nullptr || stream.due < earliest->due) earliest = &stream;
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

std::optional<Transmission> Announcer::on_deadline(const AnnouncedMoment& now,
                                                   const ClockState& clock) noexcept {
  Stream* const stream = earliest();
  if (stream == nullptr || now.host.boot < stream->due) return std::nullopt;
  reference_.observe(clock, now.announced);
  status_.header = describe(clock, config_, reference_.value());
  status_.synchronised = status_.header.leap != Leap::unsynchronised;
  if (stream->kind == StreamKind::plain) {
    stream->due = next_plain(now.host.boot, config_.entropy);
    return status_.synchronised ? announce_plain(*stream, now) : std::nullopt;
  }
  stream->due = next_on_grid(now.host.boot, config_.interval, phase_, config_.entropy);
  return announce_precise(*stream, now);
}

void Announcer::write_header(const Header& header) noexcept {
  copy_octets(encode(header), buffer_);
}

// A stepped clock makes the last packet's transmit time worthless to whoever heard it.
void Announcer::note_step(Stream& stream, const AnnouncedMoment& now) noexcept {
  if (!stream.written_at) return;
  const Duration announced = now.announced - *stream.written_at;
  const Duration elapsed = now.host.boot - stream.sent.boot;
  if (magnitude(announced - elapsed) > kStep + kMaxSlew.over(elapsed)) stream.forget_last();
}

Announcement Announcer::announcement_of(const Stream* stream) const noexcept {
  Announcement a;
  a.key = config_.signer.key;
  a.query_spread = static_cast<std::uint16_t>(config_.query_spread.count_ns() / kSpreadUnitNs);
  a.interval_ms = static_cast<std::uint32_t>(config_.interval.count_ns() / 1'000'000);
  if (stream != nullptr) {
    a.chain = stream->chain;
    a.sequence = stream->sequence;
  }
  return a;
}

std::optional<Transmission> Announcer::announce_precise(Stream& stream,
                                                        const AnnouncedMoment& now) noexcept {
  const bool had_last = stream.written_at.has_value();
  note_step(stream, now);
  const bool stepped = had_last && !stream.written_at;

  Header header = status_.header;
  header.mode = Mode::broadcast;
  header.poll = Log2Seconds::at_most(config_.interval);
  if (stream.left_at) header.origin = to_ntp(*stream.left_at);
  header.transmit = to_ntp(now.announced + lateness(Path::precise).median());
  write_header(header);

  ++stream.sequence;
  next_sequence_ = std::max(next_sequence_, stream.sequence + 1);
  Announcement announcement = announcement_of(&stream);
  announcement.flags = stepped ? kFlagClockStepped : std::uint16_t{0};
  write_announcement(buffer_, kHeaderOctets, announcement);
  if (!sign_packet(buffer_, kHeaderOctets, {}, config_.signer)) return std::nullopt;

  stream.token = ++last_token_;
  stream.written_at = now.announced;
  stream.left_at.reset();
  stream.sent = now.host;
  ++stream.packets;
  ++status_.announcements;
  status_.sequence = stream.sequence;
  return Transmission{stream.id, Octets{buffer_}, stream.token};
}

std::optional<Transmission> Announcer::announce_plain(Stream& stream,
                                                      const AnnouncedMoment& now) noexcept {
  Header header = status_.header;
  header.mode = Mode::broadcast;
  header.poll = Log2Seconds{kPlainPoll};
  header.transmit = to_ntp(now.announced + lateness(Path::plain).median());
  write_header(header);
  stream.token = ++last_token_;
  stream.written_at = now.announced;
  stream.left_at.reset();
  ++stream.packets;
  ++status_.plain;
  return Transmission{stream.id, Octets{buffer_}.first(kHeaderOctets), stream.token};
}

void Announcer::on_transmitted(SendToken token, Timestamp<Announced> at) noexcept {
  if (token == 0) return;
  if (token == pending_reply_.token) {
    lateness(pending_reply_.path).add(at - pending_reply_.written);
    pending_reply_.token = 0;
    return;
  }
  for (Stream& stream : streams_) {
    if (!stream.in_use || stream.token != token || !stream.written_at || stream.left_at) continue;
    stream.left_at = at;
    const bool precise = stream.kind == StreamKind::precise;
    lateness(precise ? Path::precise : Path::plain).add(at - *stream.written_at);
    status_.lateness = lateness(Path::precise).median();
    if (precise) ++status_.stamps;
    return;
  }
}

void Announcer::on_send_failed(SendToken token) noexcept {
  for (Stream& stream : streams_) {
    if (stream.in_use && stream.token == token) stream.forget_last();
  }
}

std::optional<Reject> Announcer::refused(const Query& query, Timestamp<Boot> now) noexcept {
  if (query.to.address.is_multicast()) return Reject::bad_destination;
  if (!answerable(query.from, query.to)) return Reject::bad_source;
  const bool on_link = query.from.address.is_loopback() || access_.allows(query.from.address);
  if (!on_link) return Reject::not_allowed;
  if (!limiter_.admit(query.from.address, now)) return Reject::rate_limited;
  return std::nullopt;
}

std::optional<Transmission> Announcer::on_query(const Query& query, const AnnouncedMoment& now,
                                                const ClockState& clock) noexcept {
  const auto request = read_request(query.octets);
  if (!request) {
    status_.rejected.count(request.error());
    return std::nullopt;
  }
  auto reason = refused(query, now.host.boot);
  if (!reason && now.announced - query.received > kStaleRequest) reason = Reject::stale_request;
  if (reason) {
    status_.rejected.count(*reason);
    return std::nullopt;
  }
  reference_.observe(clock, now.announced);
  status_.header = describe(clock, config_, reference_.value());
  status_.synchronised = status_.header.leap != Leap::unsynchronised;
  return reply(query, *request, now);
}

std::optional<Transmission> Announcer::reply(const Query& query, const Request& request,
                                             const AnnouncedMoment& now) noexcept {
  const bool is_signed = request.nonce.has_value();
  const Path path = is_signed ? Path::signed_reply : Path::reply;
  Header header = status_.header;
  header.version = request.version;
  header.mode = Mode::server;
  header.poll = request.poll;
  header.origin = request.transmit;
  header.receive = to_ntp(query.received);
  header.transmit = to_ntp(now.announced + lateness(path).median());
  write_header(header);
  std::size_t length = kHeaderOctets;
  if (is_signed) {
    write_announcement(buffer_, kHeaderOctets, announcement_of(find(query.stream)));
    if (!sign_packet(buffer_, kHeaderOctets, *request.nonce, config_.signer)) return std::nullopt;
    length = kAnnouncementPacketOctets;
    ++status_.signed_replies;
  }
  ++status_.replies;
  pending_reply_ = {++last_token_, now.announced, path};
  return Transmission{kNoStream, Octets{buffer_}.first(length), pending_reply_.token};
}

}  // namespace timecast
