// SPDX-License-Identifier: MIT
#include "tests/simulation/world.hpp"

#include <cstdlib>

namespace timecast::sim {
namespace {

// 2026-11-01T00:00:00Z.
constexpr Duration kEpoch = Duration::seconds(1'793'491'200);
// So that nothing begins at zero on the monotonic clocks.
constexpr Duration kUptime = Duration::seconds(5'000);
constexpr Address kGroup = Address::ipv4(239, 255, 123, 124);

}  // namespace

std::uint64_t seed_from_environment_or(std::uint64_t fallback) {
  const char* const text = std::getenv("TIMECAST_SIM_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

Moment ClockModel::at(TrueTime t) const {
  Duration elapsed = t + Duration::nanoseconds(static_cast<std::int64_t>(
                             static_cast<double>(t.count_ns()) * rate_ppm * 1e-6));
  if (wobble) elapsed += wobble(t);
  return {Timestamp<Realtime>{kEpoch + offset + elapsed}, Timestamp<Raw>{kUptime + elapsed},
          Timestamp<Boot>{kUptime + elapsed}};
}

AnnouncerNode::AnnouncerNode(World& world, const AnnouncerOptions& given, std::uint8_t index)
    : options{given}, world_{world}, address_{Address::ipv4(192, 0, 2, index)} {
  start(static_cast<std::uint64_t>(kEpoch.count_ns() / 1'000));
}

void AnnouncerNode::start(std::uint64_t first_sequence) {
  AnnouncerConfig config;
  config.entropy = world_.random.entropy();
  config.signer = toy_signer(options.key);
  config.interval = options.interval;
  config.first_sequence = first_sequence;
  core_ = std::make_unique<Announcer>(config);
  AccessList access;
  static_cast<void>(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
  core_->set_access(access);
  stream_ = core_->add_stream(options.kind, now().host.boot).value_or(kNoStream);
  ++starts_;
  arm();
}

AnnouncedMoment AnnouncerNode::now() const {
  const Moment host = options.clock.at(world_.now());
  return {Timestamp<Announced>{host.realtime.since_epoch()}, host};
}

Duration AnnouncerNode::clock_error() const {
  return now().announced.since_epoch() - kEpoch - world_.now();
}

void AnnouncerNode::arm() {
  const auto due = core_->next_deadline();
  if (!due) return;
  const Duration wait = std::max(*due - now().host.boot, Duration{});
  world_.at(world_.now() + wait + Duration::microseconds(60), [this, start = starts_] {
    if (start == starts_) on_deadline();
  });
}

void AnnouncerNode::on_deadline() {
  const auto packet = core_->on_deadline(now(), options.state);
  arm();
  if (!packet) return;
  last_packet_.assign(packet->octets.begin(), packet->octets.end());
  const TrueTime left = world_.now() + options.sending(world_.random);
  const SendToken token = packet->token;
  world_.at(left, [this, token, octets = last_packet_] {
    if (options.transmit_stamps) core_->on_transmitted(token, now().announced);
    if (silent) return;
    for (const auto& listener : world_.listeners) {
      deliver(*listener, octets);
      if (world_.random.uniform() < listener->options.duplicated) deliver(*listener, octets);
    }
  });
}

void AnnouncerNode::deliver(ListenerNode& to, const std::vector<std::uint8_t>& octets) {
  const Duration delay = to.options.down(world_.random);
  if (delay < Duration{}) return;
  world_.at(world_.now() + delay, [this, &to, octets] { to.hear(octets, endpoint()); });
}

void AnnouncerNode::on_query(const std::vector<std::uint8_t>& octets, Endpoint from,
                             std::function<void(std::vector<std::uint8_t>)> reply) {
  if (silent || !options.answers) return;
  const Query query{octets, now().announced, from, endpoint(), stream_};
  const auto answer = core_->on_query(query, now(), options.state);
  if (!answer) return;
  const SendToken token = answer->token;
  std::vector<std::uint8_t> copy{answer->octets.begin(), answer->octets.end()};
  world_.at(world_.now() + options.sending(world_.random), [this, token, copy, reply] {
    if (options.transmit_stamps) core_->on_transmitted(token, now().announced);
    reply(copy);
  });
}

ListenerNode::ListenerNode(World& world, const ListenerOptions& given, std::uint8_t index)
    : options{given},
      world_{world},
      address_{Address::ipv4(192, 0, 2, index)},
      clock_{given.offset, given.rate_ppm, given.wobble} {
  ListenerConfig config;
  config.entropy = world.random.entropy();
  config.verifier = toy_verifier();
  config.signatures = options.signatures;
  config.listen_only = options.listen_only;
  config.delay_uncertainty = options.delay_uncertainty;
  config.pivot = Timestamp<Announced>{kEpoch - Duration::seconds(86'400)};
  core_ = std::make_unique<Listener>(config);
}

Moment ListenerNode::now() const {
  Moment moment = clock_.at(world_.now());
  moment.raw = moment.raw - slept;
  return moment;
}

Duration ListenerNode::error() const {
  const Duration mine = now().realtime.since_epoch() - kEpoch - world_.now();
  const Duration truth = world_.announcers.front()->clock_error() - mine;
  return status().offset - truth;
}

void ListenerNode::hear(const std::vector<std::uint8_t>& octets, const Endpoint& from,
                        std::uint8_t hop_limit) {
  Arrival arrival{now(), Duration{}, from, kGroup, hop_limit};
  arrival.may_be_plain = options.hears_plain;
  carry_out(core_->on_datagram(octets, arrival));
}

void ListenerNode::on_reply(const std::vector<std::uint8_t>& octets, const Endpoint& from) {
  carry_out(core_->on_datagram(octets, {now(), Duration{}, from, address_, 64}));
}

void ListenerNode::carry_out(const Effects& effects) {
  for (const Effect& effect : effects) {
    core_->on_query_sent(effect.token, now());
    const Duration delay = options.up(world_.random);
    if (delay < Duration{}) continue;
    std::vector<std::uint8_t> octets{effect.octets.begin(), effect.octets.end()};
    for (const auto& node : world_.announcers) {
      if (node->endpoint() != effect.to) continue;
      AnnouncerNode* const to = node.get();
      world_.at(world_.now() + delay, [this, to, octets] {
        to->on_query(octets, {address_, 40'000, 2}, [this, to](std::vector<std::uint8_t> answer) {
          const Duration back = options.down(world_.random);
          if (back < Duration{}) return;
          world_.at(world_.now() + back, [this, to, answer] { on_reply(answer, to->endpoint()); });
        });
      });
    }
  }
  arm();
}

void ListenerNode::arm() {
  const auto due = core_->next_deadline();
  if (!due) return;
  const Duration wait = std::max(*due - now().boot, Duration{});
  world_.at(world_.now() + wait + Duration::microseconds(1), [this] {
    const auto again = core_->next_deadline();
    if (again && *again <= now().boot) carry_out(core_->on_deadline(now()));
  });
}

AnnouncerNode& World::add_announcer(AnnouncerOptions options) {
  const auto index = static_cast<std::uint8_t>(announcers.size() + 1);
  announcers.push_back(std::make_unique<AnnouncerNode>(*this, options, index));
  return *announcers.back();
}

ListenerNode& World::add_listener(ListenerOptions options) {
  const auto index = static_cast<std::uint8_t>(listeners.size() + 100);
  listeners.push_back(std::make_unique<ListenerNode>(*this, options, index));
  return *listeners.back();
}

void World::at(TrueTime when, std::function<void()> what) {
  events_.push({when, order_++, std::move(what)});
}

void World::run_for(Duration span) {
  const TrueTime end = now_ + span;
  while (!events_.empty() && events_.top().when <= end) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.when;
    event.what();
  }
  now_ = end;
}

void World::watch(Duration span, const std::function<void()>& look) {
  const TrueTime end = now_ + span;
  while (now_ < end) {
    run_for(std::min(Duration::seconds(1), end - now_));
    look();
  }
}

}  // namespace timecast::sim
