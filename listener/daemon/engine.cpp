// SPDX-License-Identifier: MIT
#include "listener/daemon/engine.hpp"

#include <algorithm>
#include <utility>

#include "common/host/common_options.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

constexpr Duration kSecond = Duration::seconds(1);

Result<std::vector<PublicKey>> all_keys(const UvListenerSettings& settings) {
  std::vector<PublicKey> keys = settings.keys;
  if (settings.keys_file) {
    const auto more = read_trusted_keys(*settings.keys_file);
    if (!more) return because(more.error());
    for (const PublicKey& key : *more) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  if (keys.size() <= kMaxKeys) return keys;
  return because(Error{"more than " + std::to_string(kMaxKeys) + " keys; remove some"});
}

Result<ListenerConfig> config_for(const UvListenerSettings& settings,
                                  const ListenerEngine::Kept& kept) {
  ListenerConfig config;
  config.steer = kept.discipline && kept.discipline->steers();
  config.step_over = kept.policy.step_over;
  config.max_slew = kept.policy.max_slew;
  if (kept.frequency) {
    config.frequency = kept.frequency->frequency;
    config.frequency_error = kept.frequency->error;
  }
  config.entropy = host_entropy();
  config.signatures = settings.signatures;
  config.listen_only = settings.listen_only;
  config.max_bound = settings.max_bound;
  config.precision = measure_precision();
  if (settings.delay) {
    config.delay = *settings.delay;
    config.delay_uncertainty = *settings.delay;
  }
  if (settings.signatures == SignatureMode::off) return config;
  const auto keys = all_keys(settings);
  if (!keys) return because(keys.error());
  config.key_count = keys->size();
  std::copy(keys->begin(), keys->end(), config.keys.begin());
  return config;
}

bool same_keys(const ListenerConfig& a, const ListenerConfig& b) {
  return a.key_count == b.key_count &&
         std::is_permutation(a.keys.begin(), a.keys.end(), b.keys.begin());
}

// Whether what was learnt under one holds under the other.
bool same_trust(const ListenerConfig& a, const ListenerConfig& b) {
  return same_keys(a, b) && a.signatures == b.signatures && a.listen_only == b.listen_only &&
         a.delay == b.delay && a.delay_uncertainty == b.delay_uncertainty;
}

bool same_groups(const UvListenerSettings& a, const UvListenerSettings& b) {
  return a.group4 == b.group4 && a.group6 == b.group6 && a.port == b.port && a.hear == b.hear;
}

bool hears_by_any(const UvListenerSettings& settings, const std::vector<std::uint32_t>& keys) {
  const std::vector<MacUse> used = keys_of(settings.hear);
  return std::any_of(used.begin(), used.end(), [&](const MacUse& use) {
    return std::find(keys.begin(), keys.end(), use.key) != keys.end();
  });
}

}  // namespace

ListenerEngine::ListenerEngine(Loop& loop, const UvListenerSettings& settings,
                               const ListenerConfig& config, Callbacks callbacks, Kept kept)
    : loop_{loop},
      settings_{settings},
      listeners_{std::make_shared<Listeners>(Listeners{std::move(callbacks)})},
      kept_{std::move(kept)},
      guard_{openssl_verifier()},
      config_{guarded(config)},
      core_{config_},
      arrivals_{read_moment()},
      asker_{loop,
             {[this](const Datagram& d, const AskedBy& asked) {
                on_datagram(d, {false, 0, asked});
              },
              [this](QueryToken token, const Moment& at) { core_.on_query_sent(token, at); },
              [this](QueryToken token, Timestamp<Realtime> t) { on_query_stamp(token, t); },
              [this](std::uint32_t interface) { return clock_on(interface); }}} {
  restart_watches();
}

ListenerEngine::~ListenerEngine() { listeners_->engine_is_gone = true; }

Result<std::unique_ptr<ListenerEngine>> ListenerEngine::start(Loop& loop,
                                                              const UvListenerSettings& settings,
                                                              Callbacks callbacks, Kept kept) {
  if (const auto there = check_interfaces(settings.interfaces); !there) {
    return because(there.error());
  }
  const auto config = config_for(settings, kept);
  if (!config) return because(config.error());
  auto symmetric = load_symmetric(settings, loop);
  if (!symmetric) return because(symmetric.error());
  std::unique_ptr<ListenerEngine> engine{
      new ListenerEngine{loop, settings, *config, std::move(callbacks), std::move(kept)}};
  engine->macs_.set_keys(std::move(*symmetric));
  if (const auto timed = engine->start_timers(); !timed) return because(timed.error());
  engine->refresh_sockets();
  if (const auto hearing = engine->require_a_group(); !hearing) return because(hearing.error());
  return engine;
}

ListenerConfig ListenerEngine::guarded(ListenerConfig config) noexcept {
  config.verifier = guard_.verifier();
  return config;
}

Result<void> ListenerEngine::start_timers() {
  if (auto watched = network_.start([this] { refresh_sockets(); }); !watched) return watched;
  auto timer = DeadlineTimer::create(loop_, [this] { on_deadline(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  auto second = DeadlineTimer::create(loop_, [this] { on_second(); });
  if (!second) return because(second.error());
  second_ = std::move(*second);
  next_second_ = boot_now();
  second_->arm(next_second_);
  return {};
}

// ---- Settings ----

Result<ListenerEngine::Change> ListenerEngine::change(const UvListenerSettings& settings) {
  keep_frequency();
  const auto config = config_for(settings, kept_);
  if (!config) return because(config.error());
  auto symmetric = load_symmetric(settings, loop_);
  if (!symmetric) return because(symmetric.error());
  const MacWatch::Change macs = macs_.set_keys(std::move(*symmetric));
  // With keys that are named first use is over, even if it has found the same ones.
  const bool ends_first_use = settings_.keys_file.has_value() != settings.keys_file.has_value();
  const Change change{!same_keys(config_, *config) || ends_first_use || macs.differ,
                      !same_groups(settings_, settings) || !same_trust(config_, *config) ||
                          ends_first_use || hears_by_any(settings, macs.secrets)};
  settings_ = settings;
  config_ = guarded(*config);
  if (change.begins_anew) {
    asker_.close_all();
    core_.restart(config_);
    restart_watches();
  } else {
    core_.set_max_bound(config_.max_bound);
  }
  first_look_ = true;
  refresh_sockets();
  rearm();
  if (has_news(status(read_moment()))) second_->arm(boot_now());
  return change;
}

// Whoever begins anew still knows this host's oscillator.
void ListenerEngine::keep_frequency() {
  const ListenerStatus status = this->status(read_moment());
  if (kept_.frequency && is_worth_keeping(status)) kept_.frequency = frequency_of(status);
}

// ---- Events ----

std::shared_ptr<const HardwareClock> ListenerEngine::clock_on(std::uint32_t interface) const {
  for (const ChosenInterface& each : chosen_) {
    if (each.interface.index == interface) return cards_.known(each.interface.name);
  }
  return nullptr;
}

void ListenerEngine::look_at_clocks() {
  const Duration moved = arrivals_.look(read_moment());
  if (moved == Duration{}) return;
  loop_.log(Level::info, "this host's clock was set by " + signed_seconds_text(moved));
}

void ListenerEngine::on_group(const Endpoint& group, const Datagram& datagram) {
  const auto same = [&](const Membership& m) { return m.wish.group == group; };
  const auto membership = std::find_if(memberships_.begin(), memberships_.end(), same);
  const std::uint64_t before = heard_;
  on_datagram(datagram, {membership->wish.foreign, membership->wish.mac.key, {}});
  if (heard_ == before) return;
  if (const auto interval = announced_interval(datagram.octets)) {
    membership->socket->heard(boot_now(), *interval);
  }
}

void ListenerEngine::on_datagram(const Datagram& datagram, const Ear& ear) {
  look_at_clocks();
  const auto [at, uncertainty] =
      arrivals_.arrival(datagram.stamp, datagram.source, datagram.conversion_error);
  Arrival arrival{at,          uncertainty, datagram.from, datagram.to, datagram.hop_limit,
                  ear.foreign, false};
  arrival.follows_us = own_host_.is_followed_by(datagram.octets);
  if (kept_.discipline && own_host_.has(datagram.from) && announced_interval(datagram.octets)) {
    note_own_announcer(datagram.from);
    // Where others are followed, that this one is not is as it should be.
    if (told_state_ != State::searching) return;
    arrival.follows_us = true;
  }
  arrival.mac = ear.asked ? macs_.look_at_reply(datagram.octets, arrival, *ear.asked)
                          : macs_.look(datagram.octets, arrival, ear.key);
  guard_.arriving(at);
  if (is_kept_out(datagram, arrival)) return;
  carry_out(core_.on_datagram(datagram.octets, arrival));
  const Moment now = read_moment();
  const ListenerStatus status = this->status(now);
  note_taken(datagram, arrival, ear, status);
  tell_measured(status, now);
  floors_.admitted(datagram.octets, arrival, status, keys_.trusted());
  if (const auto news = keys_.look(datagram.octets, at.boot, status)) {
    on_key(*news, datagram.from);
  }
  // A callback may destroy the socket that is being read: it is called from the timer.
  if (has_news(status)) second_->arm(boot_now());
}

void ListenerEngine::note_own_announcer(const Endpoint& from) {
  if (std::exchange(told_own_announcer_, true)) return;
  loop_.log(Level::warning, "the announcer at " + to_string(from) +
                                " is this host's own, and is not followed: this host's clock would "
                                "follow itself");
}

void ListenerEngine::on_query_stamp(QueryToken token, Timestamp<Realtime> stamp) {
  look_at_clocks();
  if (const auto at = arrivals_.moment_of(stamp)) core_.on_query_sent(token, *at);
}

void ListenerEngine::on_deadline() { carry_out(core_.on_deadline(read_moment())); }

void ListenerEngine::carry_out(const Effects& effects) {
  for (const Effect& effect : effects) {
    switch (effect.kind) {
      case EffectKind::send_query: ask(effect); break;
      case EffectKind::set_frequency:
      case EffectKind::slew:
      case EffectKind::step: steer(effect); break;
    }
  }
  rearm();
}

void ListenerEngine::steer(const Effect& effect) {
  if (!kept_.discipline) return;
  switch (kept_.discipline->carry_out(effect, read_moment())) {
    case Discipline::Outcome::done: return;
    case Discipline::Outcome::failed: core_.on_steer_failed(); return;
    case Discipline::Outcome::stepped: break;
  }
  ++steps_;
  arrivals_.look(read_moment());  // what was just done is no news
}

std::string ListenerEngine::clock() const {
  return kept_.discipline ? kept_.discipline->describe() : "none: this host's clock is left alone";
}

std::optional<bool> ListenerEngine::owns_word() const noexcept {
  return kept_.discipline ? kept_.discipline->owns_word() : std::nullopt;
}

Duration ListenerEngine::postponed(Timestamp<Boot> due) const {
  if (!kept_.discipline) return {};
  const Moment now = read_moment();
  return kept_.discipline->postponed(shifted(now, due - now.boot));
}

void ListenerEngine::rearm() {
  if (const auto due = core_.next_deadline()) {
    timer_->arm(*due + postponed(*due));
  } else {
    timer_->disarm();
  }
}

// Comes also between two seconds, when there is news.
void ListenerEngine::on_second() {
  look_at_clocks();
  const Moment now = read_moment();
  const bool is_second = now.boot >= next_second_;
  if (is_second) {
    asker_.close_old(now.boot);
    // A machine that slept has missed seconds, and does not catch up.
    if (now.boot - next_second_ > kSecond) next_second_ = now.boot;
    next_second_ = next_second_ + kSecond;
  }
  second_->arm(next_second_);
  tell(now, is_second);
}

bool ListenerEngine::has_news(const ListenerStatus& status) const noexcept {
  return status.state != told_state_ || status.reason != told_reason_;
}

void ListenerEngine::tell_measured(const ListenerStatus& status, const Moment& now) {
  const std::uint32_t measured = status.announcements + status.exchanges;
  if (measured == std::exchange(measured_, measured)) return;
  guard_.expect(status);
  if (listeners_->callbacks.on_measured) listeners_->callbacks.on_measured(now);
}

// Last in its turn: a callback may destroy the engine.
void ListenerEngine::tell(const Moment& now, bool is_second) {
  const std::shared_ptr<Listeners> listeners = listeners_;
  const ListenerStatus status = this->status(now);
  const bool has_changed = has_news(status);
  told_state_ = status.state;
  told_reason_ = status.reason;
  if (kept_.discipline) kept_.discipline->vouch(status, now);
  const Callbacks& callbacks = listeners->callbacks;
  if (has_changed && callbacks.on_state) callbacks.on_state(status, now);
  if (is_second && !listeners->engine_is_gone && callbacks.on_second) {
    callbacks.on_second(status, now);
  }
}

}  // namespace timecast
