// SPDX-License-Identifier: MIT
#include "listener/core/core.hpp"

#include <algorithm>

namespace timecast {
namespace {

// How far the announced time may move against ours between two packets: network jitter and two
// clocks that were never steered.
constexpr Duration kPaceJitter = Duration::milliseconds(150);
constexpr FrequencyPpb kPaceRate{500'000};
// This many packets in a row must agree before a contradicting timeline is followed.
constexpr std::uint8_t kLastingTimeline = 4;
// How far ahead of its departure a basic reply's transmit time may have been written, and how far
// from it that time usually is.
constexpr Duration kMaxWrittenAhead = Duration::milliseconds(5);
constexpr Duration kBasicReplyDeviation = Duration::microseconds(50);
// How much later than written announcements may have left, as a rule.
constexpr Duration kBasicLateness = Duration::microseconds(20);
constexpr Duration kHostRateSpan = Duration::seconds(4);
constexpr Duration kRemarkFor = Duration::seconds(10);
constexpr Duration kAfterwards = Duration::nanoseconds(1);

// Whether the announcement lies on the source's timeline; restarts it when another has lasted.
TIMECAST_SHARED_WHEN_SMALL bool on_timeline(Source& source, const Heard& heard,
                                            const Arrival& arrival) noexcept {
  const Duration ahead = offset_between(heard.transmit, arrival.at.raw);
  const Duration tolerance = kPaceJitter + kPaceRate.over(arrival.at.raw - source.arrival.raw);
  const Duration slept = source.slept_by(arrival.at);
  if (source.agreeing == 0 || heard.announcement.clock_stepped() || slept > Duration{}) {
    source.restart_timeline(slept);
    return true;
  }
  if (magnitude(ahead - source.expected(arrival.at.raw)) <= tolerance) {
    source.candidate = {};
    return true;
  }
  const bool continues =
      source.candidate.agreeing > 0 && magnitude(ahead - source.candidate.ahead) <= tolerance;
  source.candidate.agreeing =
      continues ? static_cast<std::uint8_t>(source.candidate.agreeing + 1) : std::uint8_t{1};
  source.candidate.ahead = ahead;
  if (source.candidate.agreeing < kLastingTimeline) return false;
  source.restart_timeline();
  return true;
}

TIMECAST_SHARED_WHEN_SMALL std::optional<Sample> paired(Source& source, const Heard& heard,
                                                        const Header& header,
                                                        const Arrival& arrival,
                                                        bool consecutive) noexcept {
  return source.pairing.on_announcement(
      {heard.transmit, header.transmit, header.origin, arrival.at.raw, arrival.uncertainty},
      consecutive);
}

TIMECAST_SHARED_WHEN_SMALL void commit(Source& source, const Heard& heard, const Header& header,
                                       const Arrival& arrival) noexcept {
  source.interval = source.agreeing > 0 && heard.id.is_plain()
                        ? source.learnt_interval(arrival.at.boot)
                        : heard.announcement.interval();
  source.missed = false;
  source.address = arrival.from;
  source.transmit = heard.transmit;
  source.arrived(arrival.at);
  source.header = header;
  source.is_island = heard.announcement.is_island();
  ++source.agreeing;
}

}  // namespace

Reject ListenerCore::receive(Octets octets, const Arrival& arrival) noexcept {
  const auto packet = decode(octets);
  const bool is_reply = packet && packet->header.mode == Mode::server;
  return settle(is_reply ? on_reply(*packet, arrival) : examine(packet, arrival), arrival.at);
}

// Apart, so that firmware that has no receive() is linked without all that asking needs.
Reject ListenerCore::hear(Octets octets, const Arrival& arrival) noexcept {
  return settle(examine(decode(octets), arrival), arrival.at);
}

Reject ListenerCore::examine(const Expected<Packet, Reject>& packet,
                             const Arrival& arrival) noexcept {
  if (!packet) return packet.error();
  if (packet->header.mode == Mode::broadcast) return on_announcement(*packet, arrival);
  return packet->header.mode == Mode::server ? Reject::unsolicited : Reject::bad_mode;
}

Reject ListenerCore::settle(Reject reason, const Moment& now) noexcept {
  if (reason == kNotRejected) {
    choose(now);
  } else {
    rejected_.count(reason);
  }
  return reason;
}

Reject ListenerCore::on_announcement(const Packet& packet, const Arrival& arrival) noexcept {
  Heard heard;
  const Reject reason = Admission{config_, keyring_, sources_}.examine(packet, arrival, heard);
  if (reason == Reject::unsynchronised) heard_unsynchronised_ = arrival.at.boot;
  if (reason != kNotRejected) return reason;
  Source* const source = open_source(heard.id, arrival.at.boot);
  if (source == nullptr) return Reject::table_full;
  // Plain ones are not counted by their sender: what pairs are their times must tell alone.
  const bool plain = heard.id.is_plain();
  const bool consecutive = plain || heard.announcement.sequence == source->sequence + 1;
  if (!plain) keyring_.on_announcement(arrival.at.boot);
  const bool fits = on_timeline(*source, heard, arrival);
  // Anybody can write a plain one that lies far ahead: it shall not shut out the true ones.
  if (fits || !plain) source->sequence = heard.announcement.sequence;
  if (!fits) {
    // Which of the two times holds an answer tells, before the other has lasted. Not for plain
    // ones: anybody could have their sender asked as often as he likes.
    if (!plain && !config_.listen_only)
      source->inquiry.begin_soon(arrival.at.boot, config_.entropy);
    return Reject::timeline_break;
  }

  ++announcements_;
  watch_host_rate(arrival.at);
  const auto sample = paired(*source, heard, packet.header, arrival, consecutive);
  if (source->pairing.series_changed()) source->estimator.doubt_announcements(kBasicLateness);
  if (sample) source->estimator.add_announcement(*sample);
  commit(*source, heard, packet.header, arrival);
  learn_more(*source, heard.announcement, arrival.at.boot);
  return kNotRejected;
}

// By asking, where somebody can be asked and there is something to learn.
void ListenerCore::learn_more(Source& source, const Announcement& announcement,
                              Timestamp<Boot> now) noexcept {
  if (config_.listen_only) {
    // Nobody can be asked, so agreement must do.
    if (source.agreeing >= kAgreeingPackets) prove(source, now);
    return;
  }
  const bool wanted = source.estimator.eagerness() != Eagerness::rare;
  if (source.confirmed() && source.agreeing > 1 && !wanted) return;
  // Where little is in doubt, the exact word of this exchange, with the next one, is worth waiting
  // for.
  if (source.estimator.in_doubt_by_far(kBasicReplyDeviation)) source.inquiry.forget_reply();
  source.inquiry.begin(now, announcement.query_spread_duration(), config_.entropy);
}

Source* ListenerCore::open_source(const SourceId& id, Timestamp<Boot> now) noexcept {
  if (const Source* const known = find_source(sources_, id)) {
    return &sources_[static_cast<std::size_t>(known - sources_.data())];
  }
  const std::size_t place = place_for_new(sources_, selected_, keyring_, id, now);
  if (place == kMaxSources) return nullptr;
  Source& source = sources_[place];
  source = Source{};
  source.in_use = true;
  source.id = id;
  source.opened = now;
  source.estimator.restart(config_.delay, config_.delay_uncertainty);
  source.estimator.expect_rate(config_.frequency, config_.frequency_error);
  return &source;
}

void ListenerCore::prove(const Source& source, Timestamp<Boot> now) noexcept {
  if (!source.id.is_plain()) keyring_.on_proof(source.id.key, now);
}

Reject ListenerCore::on_reply(const Packet& packet, const Arrival& arrival) noexcept {
  if (!arrival.to.is_unicast()) return Reject::bad_destination;
  Reject reason = Reject::unsolicited;
  for (Source& source : sources_) {
    if (source.address != arrival.from) continue;
    Inquiry::Reply reply;
    Reject verdict = source.inquiry.examine(packet, source.id.key, config_.verifier, reply);
    if (verdict == kNotRejected) verdict = arrival.mac;
    if (verdict == kNotRejected) return learn(source, packet.header, reply, arrival);
    if (verdict != Reject::unsolicited) reason = verdict;
    // Another source may share the address (two chains of one announcer).
    if (reason != Reject::unsolicited && reason != Reject::origin_mismatch) break;
  }
  return reason;
}

// A reply tells the departure of itself, as it was meant, or of the reply before, as it was.
Reject ListenerCore::learn(Source& source, const Header& h, const Inquiry::Reply& reply,
                           const Arrival& arrival) noexcept {
  const Moment& sent = source.inquiry.sent();
  OpenExchange now{true,
                   false,
                   {sent.raw, source.ahead_of(sent.raw, h.receive), arrival.at.raw, Duration{},
                    arrival.uncertainty, Duration{}},
                   h.receive};
  const OpenExchange& told = reply.interleaved ? source.last_exchange : now;
  Exchange exchange = told.exchange;
  exchange.back = source.ahead_of(exchange.received, h.transmit);
  if (!reply.interleaved) exchange.deviation = kBasicReplyDeviation;
  const Duration round_trip = exchange.forward - exchange.back;
  if (!told.open || difference(h.transmit, told.received) < Duration{} ||
      round_trip < -kMaxWrittenAhead || round_trip > kMaxDelay ||
      slept_between(sent, arrival.at) > Duration{}) {
    return Reject::implausible_exchange;
  }
  if (source.both_delays(exchange) > kMaxDelay) {
    source.refute();
    return Reject::implausible_exchange;
  }
  ++exchanges_;
  if (source.candidate.agreeing > 0) source.defend_timeline(sent.raw, h.receive, arrival.at.raw);
  prove(source, arrival.at.boot);
  if (reply.chain == source.id.chain) source.hear_of(reply.sequence);
  if (source.silent(arrival.at.boot)) source.hear_of_clock(h);
  const bool is_new = !told.counted || source.estimator.begun_roughly();
  const bool counts = is_new && round_trip >= -kStampNoise && source.learn(exchange);
  source.refuted &= !counts;
  if (counts && selected_ != kMaxSources && &source == &sources_[selected_]) {
    steering_.on_exchange(exchange.sent);
  }
  now.counted = counts && !reply.interleaved;
  source.last_exchange = now;
  // Where no announcement comes there is no noise to learn: what is asked keeps the time.
  const Eagerness eagerness =
      source.silent(arrival.at.boot) ? Eagerness::rare : source.estimator.eagerness();
  source.inquiry.answered(h, arrival.at.boot, eagerness, !source.id.is_plain(), config_.entropy);
  return kNotRejected;
}

void ListenerCore::on_query_sent(QueryToken token, const Moment& at) noexcept {
  for (Source& source : sources_) source.inquiry.on_sent(token, at);
}

// One query a call: there is one packet buffer. The next deadline is then already past.
Effects ListenerCore::on_deadline(const Moment& now) noexcept {
  watch_host_rate(now);
  Effects effects;
  for (Source& source : sources_) {
    source.count_sleep(now);
    if (can_be_missed(source) && source.silent(now.boot)) {
      source.missed = true;
      source.inquiry.begin_missed(now.boot, config_.entropy);
    }
    source.inquiry.expire(now.boot, config_.entropy);
    if (!effects.empty() || !source.inquiry.query_due(now.boot)) continue;
    const bool challenge = config_.signatures != SignatureMode::off && !source.id.is_plain();
    const std::size_t length =
        source.inquiry.write_query(buffer_, now, ++last_token_, challenge, config_.entropy);
    Effect& query = effects.add(EffectKind::send_query);
    query.to = source.address;
    query.octets = Octets{buffer_}.first(length);
    query.token = last_token_;
    ++queries_;
  }
  choose(now);
  if (config_.steer) steer(now, effects);
  return effects;
}

void ListenerCore::choose(const Moment& now) noexcept {
  const std::size_t before = selected_;
  const Selection selection = select(sources_, selected_, config_, now);
  selected_ = selection.followed;
  company_ = selection.company;
  chosen_at_ = now.boot;
  if (before == kMaxSources || selected_ == kMaxSources || selected_ == before) return;
  if (sources_[before].id.key != sources_[selected_].id.key) steering_.on_other_announcer(now.boot);
}

void ListenerCore::steer(const Moment& now, Effects& effects) noexcept {
  if (!has_estimate() || now.boot < steering_.due()) return;
  Source& source = sources_[selected_];
  const Quality q = judge(source, config_, now);
  const Course course{
      q.state, source.refuted,
      // What has slept since the last packet is not where the estimate takes it to be.
      source.estimator.in_doubt() || source.slept_by(now) > Duration{},
      q.estimate.ahead - offset_between(now.realtime, now.raw), q.estimate.sigma,
      source.estimator.memory(), source.estimator.frequency(), source.opened};
  const bool must_be_confirmed = steering_.update(course, now, config_, effects);
  if (must_be_confirmed && !config_.listen_only) {
    source.inquiry.forget_reply();  // an interleaved one would tell of the exchange before
    source.inquiry.begin_soon(now.boot, config_.entropy);
  }
}

std::optional<Timestamp<Boot>> ListenerCore::next_deadline() const noexcept {
  std::optional<Timestamp<Boot>> earliest;
  const auto consider = [&](Timestamp<Boot> due) {
    if (!earliest || due < *earliest) earliest = due;
  };
  bool has_another = false;
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    has_another = has_another || (i != selected_ && sources_[i].in_use);
    if (const auto due = sources_[i].inquiry.next_deadline()) consider(*due);
    if (can_be_missed(sources_[i])) consider(sources_[i].silent_from() + kAfterwards);
  }
  if (!has_estimate()) return earliest;
  if (config_.steer) consider(steering_.due());
  // Another one takes over at once when the followed has fallen silent.
  const Timestamp<Boot> silent = sources_[selected_].silent_from() + kAfterwards;
  if (has_another && silent > chosen_at_) consider(silent);
  return earliest;
}

void ListenerCore::watch_host_rate(const Moment& now) noexcept {
  const Duration raw = now.raw - rate_base_.raw;
  if (raw < kHostRateSpan) return;
  const Duration gained = (now.realtime - rate_base_.realtime) - raw;
  const bool stepped = magnitude(gained) > kMaxSteering.over(raw);  // also true of the first call
  if (!stepped) host_rate_ = FrequencyPpb::from_ratio(gained.to_seconds() / raw.to_seconds());
  rate_base_ = now;
}

ListenerStatus ListenerCore::status(const Moment& now) const noexcept {
  ListenerStatus s;
  s.announcements = announcements_;
  s.exchanges = exchanges_;
  s.queries = queries_;
  s.rejected = rejected_;
  s.sources = static_cast<std::uint32_t>(
      std::count_if(sources_.begin(), sources_.end(),
                    [&](const Source& x) { return x.in_use && !x.silent(now.boot); }));
  const bool unsynchronised = now.boot - heard_unsynchronised_ < kRemarkFor;
  if (!has_estimate()) {
    if (rejected_.total() > 0) s.reason = Reason::everything_refused;
    if (unsynchronised) s.reason = Reason::announcer_unsynchronised;
    return s;
  }
  const Source& source = sources_[selected_];
  const Quality q = judge(source, config_, now);
  s.state = q.state;
  s.reason =
      q.reason == Reason::silence && unsynchronised ? Reason::announcer_unsynchronised : q.reason;
  s.offset = q.estimate.ahead - offset_between(now.realtime, now.raw);
  s.error = q.error;
  s.bound = q.bound;
  s.raw_frequency = source.estimator.frequency();
  s.raw_frequency_error = source.estimator.frequency_error();
  s.frequency = s.raw_frequency - host_rate_;
  s.delay = q.delay;
  s.round_trip = q.round_trip;
  s.lateness_bounded = q.lateness_bounded;
  s.valid_until = valid_until(q, source, config_, now);
  s.announcer = source.address;
  s.island = source.is_island;
  s.plain = source.id.is_plain();
  if (!s.plain) s.key = source.id.key;
  s.leap = source.header.leap;
  s.stratum = source.header.stratum;
  s.root_distance = q.root_distance;
  s.interval = source.interval;
  s.interleaved = source.pairing.interleaved();
  s.announcers = company_.announcers;
  s.disagreeing = company_.disagreeing;
  if (company_.disagreeing > 0) {
    s.dissenter = sources_[company_.furthest].address;
    s.dissent = company_.apart;
    if (s.state == State::synchronised && !company_.has_majority()) {
      s.reason = Reason::announcers_disagree;
    }
  }
  return s;
}

}  // namespace timecast
