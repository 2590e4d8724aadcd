// SPDX-License-Identifier: MIT
#include "listener/daemon/floor_watch.hpp"

#include <algorithm>

namespace timecast {

namespace {

constexpr int kEnough = 3;
constexpr Duration kPatience = Duration::seconds(5);
constexpr Duration kTellPeriod = Duration::seconds(3'600);

// How near the time that is followed somebody else's must be for a floor.
constexpr Duration kNear = Duration::seconds(1);

}  // namespace

void FloorWatch::restart(const ListenerConfig& config) noexcept {
  entropy_ = config.entropy;
  pivot_ = config.pivot;
  asks_ = !config.listen_only;
  measured_ = 0;
  in_a_row_ = 0;
  outstanding_ = false;
  floors_.forget_heard();
}

std::optional<ReplayFloors::Word> FloorWatch::word_of(const Packet& packet,
                                                      const Arrival& arrival) const {
  const auto announcement = find_announcement(packet);
  if (!announcement) return std::nullopt;
  return ReplayFloors::Word{announcement->key, announcement->chain, arrival.from.interface,
                            unfold(packet.header.transmit, pivot_)};
}

FloorWatch::Verdict FloorWatch::look(Octets octets, const Arrival& arrival) {
  const auto packet = decode(octets);
  if (!packet) return {};
  if (packet->header.mode == Mode::broadcast) return on_announcement(*packet, arrival);
  if (packet->header.mode == Mode::server && outstanding_) return on_reply(*packet, arrival);
  return {};
}

FloorWatch::Verdict FloorWatch::on_announcement(const Packet& packet, const Arrival& arrival) {
  const auto word = word_of(packet, arrival);
  if (!word || !floors_.is_below(*word)) return {};
  ++kept_out_;
  Verdict verdict{true};
  verdict.key = word->key;
  const Timestamp<Boot> now = arrival.at.boot;
  const bool waits = outstanding_ && now - asked_when_ < kPatience;
  if (waits || !verify_packet(packet.octets, *find_announcement(packet), {}, guard_.verifier())) {
    return verdict;
  }
  in_a_row_ = word->key == suspect_ ? in_a_row_ + 1 : 1;
  suspect_ = word->key;
  if (in_a_row_ < kEnough) return verdict;
  in_a_row_ = 0;
  verdict.news = played(now);
  if (asks_) verdict.question = question_to(arrival.from, word->key, now);
  return verdict;
}

FloorWatch::Verdict::News FloorWatch::played(Timestamp<Boot> now) {
  return tells_.take(now, {kTellPeriod, 1}) ? Verdict::News::played : Verdict::News::none;
}

Effect FloorWatch::question_to(const Endpoint& to, const PublicKey& key, Timestamp<Boot> now) {
  const std::uint64_t random = entropy_.word();
  number_ = NtpTimestamp{random == 0 ? 1 : random};
  entropy_(nonce_);
  copy_octets(encode(minimal_request(number_)), buffer_);
  write_challenge(buffer_, kHeaderOctets, nonce_);
  outstanding_ = true;
  asked_ = key;
  asked_at_ = to;
  asked_when_ = now;
  Effect question;
  question.to = to;
  question.octets = buffer_;
  question.token = ++last_token_;
  return question;
}

FloorWatch::Verdict FloorWatch::on_reply(const Packet& packet, const Arrival& arrival) {
  const bool is_ours = arrival.from == asked_at_ && packet.header.origin == number_ &&
                       arrival.at.boot - asked_when_ <= kPatience;
  const auto announcement = find_announcement(packet);
  if (!is_ours || !announcement || announcement->key != asked_) return {};
  if (!verify_packet(packet.octets, *announcement, nonce_, guard_.verifier())) return {};
  outstanding_ = false;
  Verdict verdict{true};
  verdict.key = asked_;
  const Timestamp<Announced> at = unfold(packet.header.transmit, pivot_);
  const ReplayFloors::Word word{asked_, ~std::uint32_t{0}, 0, at};
  if (packet.header.leap == Leap::unsynchronised || !floors_.is_below(word)) return verdict;
  floors_.lower(asked_, at - ReplayFloors::kOnTheirWay, arrival.at.boot);
  verdict.news = Verdict::News::set_back;
  return verdict;
}

void FloorWatch::admitted(Octets octets, const Arrival& arrival, const ListenerStatus& after,
                          const std::vector<PublicKey>& trusted) {
  const bool is_new = after.announcements != measured_;
  measured_ = after.announcements;
  if (!is_new || !guard_.passed() || guard_.passed()->answers) return;
  const auto packet = decode(octets);
  if (!packet) return;
  const auto word = word_of(*packet, arrival);
  // Those alone whose time somebody vouches for: who only listens has no better.
  if (!word || !(after.lateness_bounded || !asks_)) return;
  const bool is_trusted = std::find(trusted.begin(), trusted.end(), word->key) != trusted.end();
  const Timestamp<Announced> now{arrival.at.realtime.since_epoch() + after.offset};
  const bool agrees = is_trusted && magnitude(word->at - now) <= kNear;
  if (after.key == word->key || agrees) floors_.admit(*word, arrival.at.boot);
}

}  // namespace timecast
