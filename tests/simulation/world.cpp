// SPDX-License-Identifier: MIT
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdlib>

namespace timecast::sim {
namespace {

constexpr Address kGroup = Address::ipv4(239, 255, 123, 124);
// A timer is never early, and that little late.
constexpr Duration kAnnouncerTimer = Duration::microseconds(60);
constexpr Duration kListenerTimer = Duration::microseconds(1);
// Half the time between two corrections of the announcer's clock.
constexpr Duration kUncorrected = Duration::seconds(600);

// The first ones of 192.0.2.0/24, those beyond of 10.0.0.0/8.
Address address_of(std::uint32_t index) {
  const auto octet = [index](unsigned shift) { return static_cast<std::uint8_t>(index >> shift); };
  return index < 256 ? Address::ipv4(192, 0, 2, octet(0))
                     : Address::ipv4(10, octet(16), octet(8), octet(0));
}

ClockModel clock_of(const ListenerOptions& o) {
  return {o.offset, o.rate_ppm, o.wobble, o.wander, o.temperature_ppm, o.temperature_period};
}

}  // namespace

std::uint64_t seed_from_environment_or(std::uint64_t fallback) {
  const char* const text = std::getenv("TIMECAST_SIM_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

AnnouncerNode::AnnouncerNode(World& world, const AnnouncerOptions& given, std::uint32_t index)
    : options{given},
      world_{world},
      address_{address_of(index)},
      clock_{given.clock, world.seed_of_clock(index)} {
  start(static_cast<std::uint64_t>(kEpoch.count_ns() / 1'000));
  for (const ClockJump& jump : options.jumps) {
    world.at(jump.at, [this, by = jump.by] { step_clock(by); });
  }
}

void AnnouncerNode::start(std::uint64_t first_sequence) {
  AnnouncerConfig config;
  config.entropy = world_.random.entropy();
  config.signer = toy_signer(options.key);
  config.interval = options.interval;
  config.query_spread = options.query_spread;
  config.island = options.island;
  config.first_sequence = first_sequence;
  core_ = std::make_unique<Announcer>(config);
  AccessList access;
  static_cast<void>(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
  static_cast<void>(access.allow({Address::ipv4(10, 0, 0, 0), 8}));
  core_->set_access(access);
  stream_ = core_->add_stream(options.kind, now().host.boot).value_or(kNoStream);
  ++starts_;
  arm();
}

AnnouncedMoment AnnouncerNode::now() const {
  const Moment host = clock_.at(world_.now());
  return {Timestamp<Announced>{host.realtime.since_epoch()}, host};
}

// As a kernel says it: the bound grows by itself, here by no more than must be to be seen, and
// shrinks when the clock is corrected. What was not for a day nobody believes.
ClockState AnnouncerNode::state() const {
  ClockState state = options.state;
  const std::int64_t times = world_.now().count_ns() / kUncorrected.count_ns();
  if (times % 2 != 0) state.max_error = state.max_error + Duration::nanoseconds(1);
  return state;
}

Duration AnnouncerNode::clock_error() const {
  return now().announced.since_epoch() - kEpoch - world_.now();
}

void AnnouncerNode::arm() {
  const auto due = core_->next_deadline();
  if (!due) return;
  const Duration wait = std::max(*due - now().host.boot, Duration{});
  world_.at(world_.now() + wait + kAnnouncerTimer, [this, start = starts_] {
    if (start == starts_) on_deadline();
  });
}

void AnnouncerNode::on_deadline() {
  const auto packet = core_->on_deadline(now(), state());
  arm();
  if (!packet) return;
  last_packet_.assign(packet->octets.begin(), packet->octets.end());
  const TrueTime left = world_.now() + options.sending(world_.random);
  world_.at(left, [this, token = packet->token] {
    if (options.transmit_stamps) core_->on_transmitted(token, now().announced);
    if (silent) return;
    if (!first_packet_at_) first_packet_at_ = world_.now();
    if (world_.on_air) world_.on_air(*this);
    for (const auto& listener : world_.listeners) {
      deliver(*listener);
      if (world_.random.uniform() < listener->options.duplicated) deliver(*listener);
    }
  });
}

void AnnouncerNode::deliver(ListenerNode& to) {
  if (world_.reaches && !world_.reaches(*this, to)) return;
  const Delay& path = to.options.multicast ? *to.options.multicast : to.options.down;
  const Duration delay = path(world_.random, world_.now());
  if (delay < Duration{}) return;
  world_.at(world_.now() + delay, [this, &to, octets = last_packet_, left = now().announced] {
    to.on_announcement(octets, endpoint(), left);
  });
}

void AnnouncerNode::on_query(const Datagram& octets, Endpoint from, Reply reply) {
  if (silent || !options.answers) return;
  const Query query{octets, now().announced, from, endpoint(), stream_};
  const auto answer = core_->on_query(query, now(), state());
  if (!answer) return;
  Datagram copy{answer->octets.begin(), answer->octets.end()};
  world_.at(world_.now() + options.sending(world_.random),
            [this, token = answer->token, copy = std::move(copy), reply = std::move(reply)] {
              const Timestamp<Announced> left = now().announced;
              if (options.transmit_stamps) core_->on_transmitted(token, left);
              reply(left, copy);
            });
}

ListenerNode::ListenerNode(World& world, const ListenerOptions& given, std::uint32_t index)
    : options{given},
      world_{world},
      address_{address_of(index)},
      clock_{clock_of(given), world.seed_of_clock(index)} {
  core_ = std::make_unique<Listener>(config());
  for (const ClockJump& jump : options.jumps) {
    world.at(jump.at, [this, by = jump.by] { step_clock(by); });
  }
  for (const Span& span : options.suspended) {
    world.at(span.from, [this] { asleep_ = true; });
    world.at(span.to, [this, span] { on_wake(span.to - span.from); });
  }
}

ListenerConfig ListenerNode::config() const {
  ListenerConfig config;
  config.entropy = world_.random.entropy();
  config.verifier = toy_verifier();
  config.signatures = options.signatures;
  config.listen_only = options.listen_only;
  config.delay_uncertainty = options.delay_uncertainty;
  config.frequency = options.frequency;
  config.frequency_error = options.frequency_error;
  config.steer = options.steer;
  config.step_over = options.step_over;
  config.precision = Log2Seconds{-30};  // its stamps are exact
  config.pivot = options.pivot;
  return config;
}

void ListenerNode::restart() {
  core_ = std::make_unique<Listener>(config());
  armed_.reset();
  off = false;
}

Moment ListenerNode::now() const {
  Moment moment = clock_.at(world_.now());
  moment.raw = moment.raw - slept;
  return moment;
}

Duration ListenerNode::error() const { return error(*world_.announcers.front()); }

Duration ListenerNode::error(const AnnouncerNode& against) const {
  const Duration mine = now().realtime.since_epoch() - kEpoch - world_.now();
  const Duration truth = against.clock_error() - mine;
  return status().offset - truth;
}

void ListenerNode::on_announcement(const Datagram& octets, const Endpoint& from,
                                   Timestamp<Announced> left) {
  if (asleep_ || off || isolated) return;
  const Timestamp<Raw> arrived = now().raw;
  if (options.witness != nullptr) {
    options.witness->on_announcement(arrived, offset_between(left, arrived));
  }
  hear(octets, from);
}

void ListenerNode::hear(const Datagram& octets, const Endpoint& from, std::uint8_t hop_limit) {
  Arrival arrival{now(), Duration{}, from, kGroup, hop_limit};
  arrival.may_be_plain = options.hears_plain;
  carry_out(core_->on_datagram(octets, arrival));
}

void ListenerNode::on_reply(const Datagram& octets, const Endpoint& from) {
  carry_out(core_->on_datagram(octets, {now(), Duration{}, from, address_, 64}));
}

void ListenerNode::carry_out(const Effects& effects) {
  const TrueTime t = world_.now();
  for (const Effect& effect : effects) {
    switch (effect.kind) {
      case EffectKind::send_query: send(effect); break;
      case EffectKind::set_frequency: clock_.set_frequency(effect.frequency, t); break;
      case EffectKind::slew: clock_.slew(effect.amount, effect.over, t); break;
      case EffectKind::step: clock_.step(effect.amount, t); break;
    }
  }
  arm();
}

void ListenerNode::send(const Effect& effect) {
  const Timestamp<Raw> sent = now().raw;
  core_->on_query_sent(effect.token, now());
  const Duration delay = options.up(world_.random, world_.now());
  if (delay < Duration{}) return;
  for (const auto& node : world_.announcers) {
    if (node->endpoint() != effect.to) continue;
    if (world_.reaches && !world_.reaches(*node, *this)) continue;
    world_.at(world_.now() + delay, [this, to = node.get(), sent,
                                     query = Datagram{effect.octets.begin(), effect.octets.end()}] {
      ask(*to, query, sent);
    });
  }
}

void ListenerNode::ask(AnnouncerNode& server, const Datagram& query, Timestamp<Raw> sent) {
  const Duration forward = offset_between(server.now().announced, sent);
  const auto reply = [this, to = &server, sent, forward](Timestamp<Announced> left,
                                                         const Datagram& answer) {
    const Duration delay = options.down(world_.random, world_.now());
    if (delay < Duration{}) return;
    world_.at(world_.now() + delay, [this, to, sent, forward, left, answer] {
      if (asleep_ || off) return;
      const Timestamp<Raw> received = now().raw;
      if (options.witness != nullptr) {
        options.witness->on_exchange(sent, forward, received, offset_between(left, received));
      }
      on_reply(answer, to->endpoint());
    });
  };
  server.on_query(query, {address_, 40'000, 2}, reply);
}

void ListenerNode::on_wake(Duration after) {
  slept += after;
  asleep_ = false;
  armed_.reset();
  arm();
}

void ListenerNode::arm() {
  const auto due = core_->next_deadline();
  if (!due) return;
  const TrueTime wanted = world_.now() + std::max(*due - now().boot, Duration{}) + kListenerTimer;
  if (armed_ && *armed_ <= wanted) return;
  armed_ = wanted;
  world_.at(wanted, [this, wanted] {
    if (asleep_ || off || armed_ != wanted) return;  // another has taken its place
    armed_.reset();
    const auto again = core_->next_deadline();
    if (again && *again <= now().boot) return carry_out(core_->on_deadline(now()));
    arm();
  });
}

AnnouncerNode& World::add_announcer(AnnouncerOptions options) {
  const auto index = static_cast<std::uint32_t>(announcers.size() + 1);
  announcers.push_back(std::make_unique<AnnouncerNode>(*this, options, index));
  return *announcers.back();
}

ListenerNode& World::add_listener(ListenerOptions options) {
  const auto index = static_cast<std::uint32_t>(listeners.size() + 100);
  listeners.push_back(std::make_unique<ListenerNode>(*this, options, index));
  return *listeners.back();
}

void World::at(TrueTime when, std::function<void()> what) {
  events_.push_back({when, order_++, std::move(what)});
  std::push_heap(events_.begin(), events_.end());
}

void World::run_for(Duration span) {
  const TrueTime end = now_ + span;
  while (!events_.empty() && events_.front().when <= end) {
    std::pop_heap(events_.begin(), events_.end());
    const Event event = std::move(events_.back());
    events_.pop_back();
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
