// SPDX-License-Identifier: MIT
#include "announcer/daemon/daemon.hpp"

#include <algorithm>
#include <utility>

#include "announcer/daemon/status.hpp"
#include "common/host/common_options.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/log.hpp"
#include "common/host/settings_file.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

// Without a file there are none.
Result<std::unique_ptr<SymmetricKeys>> load_keys(const AnnouncerOptions& options) {
  if (!options.keys_file) return std::make_unique<SymmetricKeys>();
  auto keys = SymmetricKeys::load(*options.keys_file, keys_of(options.plain_destinations));
  if (!keys) return because(keys.error());
  for (const std::string& weak : keys->warnings()) log(Level::warning, weak);
  if (!keys->empty()) return std::make_unique<SymmetricKeys>(std::move(*keys));
  return because(Error{*options.keys_file + ": there is no symmetric key in it, ID TYPE KEY",
                       kExitBadSettings});
}

AnnouncerConfig config_for(const AnnouncerOptions& options, const Identity& identity,
                           const SymmetricKeys& keys) {
  AnnouncerConfig config;
  config.entropy = host_entropy();
  config.signer = identity.key.signer();
  config.successor = identity.succession;
  config.interval = options.interval;
  config.island = options.island;
  config.stratum = options.stratum.value_or(options.island ? kIslandStratum : kForwardedStratum);
  config.reference_id = reference_id_of(identity.key.public_key());
  config.precision = measure_precision();
  config.rate_limit = options.rate_limit;
  config.first_sequence = identity.sequences.first();
  config.macs = keys.all();
  return config;
}

}  // namespace

AnnouncerDaemon::AnnouncerDaemon(const AnnouncerOptions& options, AnnouncedClock clock,
                                 Identity identity, std::unique_ptr<SymmetricKeys> keys)
    : options_{options},
      clock_{std::move(clock)},
      identity_{std::move(identity)},
      keys_{std::move(keys)},
      core_{std::make_unique<Announcer>(config_for(options_, identity_, *keys_))},
      queries_{std::make_unique<QueryServer>(
          *core_, clock_,
          QueryServer::Host{[this] { return clock_state(&KernelReader::known); },
                            [this] { announce(); }, [this] { rearm(); },
                            [this](const TransmitStamp& stamp) { on_stamp(stamp); }})} {}

Result<std::unique_ptr<AnnouncerDaemon>> AnnouncerDaemon::start(const AnnouncerOptions& options,
                                                                AnnouncedClock clock,
                                                                Reread reread) {
  auto keys = load_keys(options);
  if (!keys) return because(keys.error());
  auto identity = open_identity(options.state_directory, realtime_now());
  if (!identity) return because(identity.error());
  std::unique_ptr<AnnouncerDaemon> daemon{
      new AnnouncerDaemon{options, std::move(clock), std::move(*identity), std::move(*keys)}};
  if (const auto looping = daemon->start_loop(std::move(reread)); !looping)
    return because(looping.error());
  daemon->log_start();
  daemon->refresh_sockets();
  if (const auto streaming = daemon->require_a_stream(); !streaming) {
    return because(streaming.error());
  }
  if (const auto asking = daemon->start_asking(); !asking) return because(asking.error());
  daemon->note_clock_state();
  return daemon;
}

Result<void> AnnouncerDaemon::start_loop(Reread reread) {
  if (auto started = frame_.start(); !started) return started;
  auto reloading =
      frame_.reload_on_hangup([this, reread = std::move(reread)] { return reload(reread); });
  if (!reloading) return reloading;
  if (auto watched = network_.start([this] { refresh_sockets(); }); !watched) return watched;
  auto timer = DeadlineTimer::create(frame_.loop(), [this] { on_deadline(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  frame_.serve_control("timecast-announcer", options_.socket, [this](std::string_view request) {
    return answer_control(report(), request);
  });
  return {};
}

// Those on this host who may know more of its clock.
Result<void> AnnouncerDaemon::start_asking() {
  if (auto started = server_.start(); !started) return started;
  auto listening = listener_.start(control_socket_places("timecast-listener", std::nullopt));
  if (!listening) return listening;
  auto watch = ClockStepWatch::start(frame_.loop(), [this] { server_.on_clock_set(); });
  if (!watch) return because(watch.error());
  step_watch_ = std::move(*watch);
  return {};
}

void AnnouncerDaemon::log_start() const {
  const std::string key = to_base64(identity_.key.public_key());
  log(Level::info,
      (identity_.key_is_new ? "made a new key, " : "key ") + key + ", in " + identity_.directory);
  if (options_.island) {
    log(Level::info, "island: this host's clock is the reference, whatever sets it");
  }
}

// ---- Settings ----

// All or nothing: what can be wrong is looked at first.
Result<std::string> AnnouncerDaemon::reload(const Reread& reread) {
  auto read = reread();
  if (!read) return because(read.error());
  AnnouncerOptions& next = read->options;
  const auto there = check_said_interfaces(next.interfaces, read->settings_file, read->filed);
  if (!there) return because(there.error());
  auto keys = load_keys(next);
  if (!keys) return because(said_error(keys.error(), "--keys", read->settings_file, read->filed));
  std::string live = settings_changes(options_, next, InFile::live);
  if (!keys_->same_as(**keys)) live += (live.empty() ? "" : ", ") + std::string{"other keys"};
  std::string changes = reload_text(live, settings_changes(options_, next, InFile::at_start));
  next.state_directory = options_.state_directory;
  next.socket = options_.socket;
  options_ = std::move(next);
  core_->change(config_for(options_, identity_, **keys), boot_now());
  keys_ = std::move(*keys);
  close_where_keys_changed();
  first_look_ = true;
  refresh_sockets();
  server_.look();
  note_clock_state();
  return changes;
}

// ---- Deadlines ----

void AnnouncerDaemon::on_deadline() {
  announce();
  queries_->on_deadline(boot_now());
  rearm();
}

void AnnouncerDaemon::announce() {
  // One packet for each stream can be due; a second round waits for the next turn of the loop.
  for (std::size_t i = 0; i < Announcer::kMaxStreams; ++i) {
    const ClockState clock = clock_state();
    hand_over_stamps();
    const auto packet = core_->on_deadline(clock_.at(read_moment()), clock);
    if (!packet) break;
    send(*packet);
  }
  print_told();
  keep_sequences_ahead();
  note_clock_state();
  neighbours_.look(boot_now());
  rearm();
}

void AnnouncerDaemon::rearm() {
  auto due = core_->next_deadline();
  queries_->set_announcement(due);
  const auto signature = queries_->next_deadline();
  if (signature && (!due || *signature < *due)) due = signature;
  const auto asking = options_.island ? std::nullopt : kernel_.next_ask();
  if (asking && (!due || *asking < *due)) due = asking;
  if (due) {
    timer_->arm(*due);
  } else {
    timer_->disarm();
  }
}

void AnnouncerDaemon::send(const Transmission& packet) {
  const auto is_meant = [&packet](const Outlet::Destination& d) {
    return d.stream == packet.stream;
  };
  for (Place& place : places_) {
    for (Outlet& outlet : place.outlets) {
      auto& all = outlet.destinations;
      const auto meant = std::find_if(all.begin(), all.end(), is_meant);
      if (meant != all.end()) return send(packet, place.wish, outlet.socket, *meant);
    }
  }
}

void AnnouncerDaemon::send(const Transmission& packet, const SocketWish& by,
                           const PolledSocket& socket, Outlet::Destination& destination) {
  const Endpoint& to = destination.to;
  const int failed =
      to.address.is_multicast()
          ? socket->send(packet.octets, to, packet.token)
          : socket->send_broadcast(packet.octets, to, by.local.address, packet.token);
  note_sending(by, destination, failed);
  if (failed != 0) {
    core_->on_send_failed(packet.token);
    ++send_failures_;
  } else if (options_.json) {
    told_.push_back(announcement_line(core_->status(), by, to, realtime_now()));
  }
}

// Once all that was due is on its way: who waits for a line is woken by it, and may take this
// processor.
void AnnouncerDaemon::print_told() {
  for (const std::string& line : told_) frame_.print(line);
  told_.clear();
}

// One packet that does not leave is a queue that was full; several are worth a word.
void AnnouncerDaemon::note_sending(const SocketWish& by, Outlet::Destination& destination,
                                   int failed) {
  constexpr unsigned kWorthAWord = 3;
  const std::string route = to_string(destination.to) + " by " + by.interface_name;
  if (failed == 0 && destination.failures >= kWorthAWord) {
    log(Level::info, "announcements to " + route + " leave again");
  }
  destination.failure = failed;
  destination.failures = failed == 0 ? 0 : destination.failures + 1;
  if (destination.failures != kWorthAWord) return;
  const char* const way_out = failed == EPERM ? "a firewall of this host refuses it" : "";
  log(Level::warning, system_error("cannot send to " + route, failed, way_out).text);
}

void AnnouncerDaemon::keep_sequences_ahead() {
  const auto kept = identity_.sequences.keep_ahead_of(core_->next_sequence());
  if (!kept && !sequences_failed_) {
    log(Level::warning, kept.error().text + "; sequences start from this host's clock next time");
  } else if (kept && sequences_failed_) {
    log(Level::info, "sequences are kept in " + identity_.directory + " again");
  }
  sequences_failed_ = !kept;
}

// With the first socket that announces. Without any interface it is ready to wait for one, which
// may take for ever.
void AnnouncerDaemon::tell_readiness() {
  if (!told_word_) return;  // it is starting
  ServiceNotice& service = frame_.service();
  const bool waits = places_.empty();
  service.status(waits ? waiting_text(options_.interfaces) : state_text(report()));
  const bool announces = std::any_of(places_.begin(), places_.end(), [](const Place& place) {
    return !place.outlets.empty() && !place.wish.destinations.empty();
  });
  if (announces || waits) service.ready();
}

// ---- Queries ----

// Answered by the socket that was asked, because only that one has the address that was asked.
bool AnnouncerDaemon::serve(const SocketWish& wish, UdpSocket& socket, PollHandle& poll) {
  hand_over_stamps();
  return queries_->serve({socket, wish.local, precise_stream_beside(wish.local), &poll});
}

StreamId AnnouncerDaemon::precise_stream_beside(const Endpoint& local) const {
  for (const Place& place : places_) {
    const bool beside = place.wish.kind == StreamKind::precise &&
                        place.wish.local.interface == local.interface &&
                        place.wish.local.address.family == local.address.family;
    if (!beside) continue;
    for (const Outlet& outlet : place.outlets) {
      if (!outlet.destinations.empty()) return outlet.destinations.front().stream;
    }
  }
  return kNoStream;
}

void AnnouncerDaemon::on_stamp(const TransmitStamp& stamp) {
  if (const auto now = held_stamps_.on_stamp(stamp)) {
    core_->on_transmitted(now->token, clock_.at(now->stamp));
  }
}

// Before the core writes a packet, which may tell of them.
void AnnouncerDaemon::hand_over_stamps() {
  for (const TransmitStamp& stamp : held_stamps_.take_all()) {
    core_->on_transmitted(stamp.token, clock_.at(stamp.stamp));
  }
}

// ---- Status ----

namespace {

std::string failure_of(const Outlet::Destination& to) {
  if (to.stream == kNoStream) return not_for_us(to.to.mac.key);
  return to.failure == 0 ? std::string{} : reason_of(to.failure);
}

SocketReport report_of(const Place& place) {
  SocketReport socket;
  socket.wish = place.wish;
  socket.open = !place.outlets.empty();
  if (!socket.open) {
    socket.reason = reason_text({place.wish.kind, place.wish.local, place.attempts.error()});
  } else if (place.is_beside) {
    socket.reason = "another server answers there";
  }
  for (const Outlet& outlet : place.outlets) {
    socket.abilities = outlet.socket->abilities();
    for (const auto& each : outlet.destinations) {
      socket.destinations.push_back(
          {static_cast<const Endpoint&>(each.to), failure_of(each), each.to.mac.key});
    }
  }
  return socket;
}

}  // namespace

Voice AnnouncerDaemon::voice() const {
  return {identity_.key.public_key(), told_word_ && told_word_->synchronised, options_.island,
          root_distance(core_->status().header)};
}

AnnouncerReport AnnouncerDaemon::report() const {
  AnnouncerReport report;
  report.now = realtime_now();
  report.uptime = boot_now() - frame_.started_at();
  report.core = core_->status();
  if (told_word_) {
    report.synchronised = told_word_->synchronised;
    report.clock_source = told_word_->source;
    report.clock_reason = told_reason_;
  }
  report.key = identity_.key.public_key();
  report.interval = options_.interval;
  report.send_failures = send_failures_;
  for (const Place& place : places_) report.sockets.push_back(report_of(place));
  report.voice = voice();
  report.neighbours = neighbours_.all();
  return report;
}

}  // namespace timecast
