// SPDX-License-Identifier: MIT
//
// Announcers, links and listeners in one process on simulated time: the real cores, one seed, no
// clock, no socket. The same seed gives the same run.
//
//     sim::World world{seed};
//     auto& announcer = world.add_announcer({});
//     auto& listener = world.add_listener({.rate_ppm = 20});
//     world.run_for(Duration::seconds(60));
//     CHECK(magnitude(listener.error()) < Duration::microseconds(50));
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <timecast/listener.hpp>

#include "announcer/core/announcer.hpp"
#include "tests/simulation/host_clock.hpp"
#include "tests/simulation/links.hpp"
#include "tests/simulation/toy_signer.hpp"

namespace timecast::sim {

using Datagram = std::vector<std::uint8_t>;

// Somebody sets a host's CLOCK_REALTIME.
struct ClockJump {
  TrueTime at;
  Duration by;
};

struct AnnouncerOptions {
  ClockModel clock;
  Duration interval = Duration::seconds(1);
  Delay sending = constant(Duration::microseconds(40));  // from reading the clock to the wire
  bool transmit_stamps = true;
  bool answers = true;
  bool island = false;
  ClockState state{true, Leap::none, Duration::milliseconds(1)};
  std::uint8_t key = 1;
  StreamKind kind = StreamKind::precise;                        // plain: from port 123, unsigned
  std::optional<Duration> query_spread = Duration::seconds(1);  // nothing: by who asks
  std::vector<ClockJump> jumps = {};
};

// Who sees what a listener receives, with the true stamps.
class Witness {
 public:
  virtual ~Witness() = default;
  // Announced time of its departure minus the raw time of its arrival.
  virtual void on_announcement(Timestamp<Raw> arrived, Duration ahead) = 0;
  // Theirs minus ours, of the request and of the reply.
  virtual void on_exchange(Timestamp<Raw> sent, Duration forward, Timestamp<Raw> received,
                           Duration back) = 0;
};

struct ListenerOptions {
  Duration offset = Duration::milliseconds(300);
  double rate_ppm = 20;
  std::function<Duration(TrueTime)> wobble;
  double duplicated = 0;  // share of announcements that come twice
  Delay down = exponential(Duration::microseconds(100), Duration::microseconds(10));
  Delay up = exponential(Duration::microseconds(100), Duration::microseconds(10));
  bool listen_only = false;
  Duration delay_uncertainty = Duration::milliseconds(10);  // while the delay is assumed
  // What it is told of the announcer's rate, as saved by one of before.
  FrequencyPpb frequency = {};
  FrequencyPpb frequency_error{800'000};
  SignatureMode signatures = SignatureMode::first_use;
  bool hears_plain = false;
  std::optional<Delay> multicast = {};  // of announcements; `down` if they fare as replies do
  double wander = 0;
  double temperature_ppm = 0;
  Duration temperature_period = Duration::seconds(3'600);
  std::vector<ClockJump> jumps = {};
  std::vector<Span> suspended = {};
  bool steer = false;
  std::optional<Duration> step_over = {};
  // A date that has certainly passed.
  Timestamp<Announced> pivot{kEpoch - Duration::seconds(86'400)};
  Witness* witness = nullptr;  // outlives the world
};

class ListenerNode;
class World;

class AnnouncerNode {
 public:
  // The sender's clock when the reply left, and the reply.
  using Reply = std::function<void(Timestamp<Announced>, Datagram)>;

  AnnouncerNode(World& world, const AnnouncerOptions& options, std::uint32_t index);
  AnnouncerOptions options;
  bool silent = false;  // packets are lost on its own port
  [[nodiscard]] const Announcer& core() const { return *core_; }
  [[nodiscard]] Endpoint endpoint() const { return {address_, port(), 2}; }
  // Its own clock against the truth.
  [[nodiscard]] Duration clock_error() const;
  [[nodiscard]] const HostClock& clock() const { return clock_; }
  void step_clock(Duration by) { clock_.jump(by); }
  // A new process on the same host: what was stored is the next sequence.
  void restart() { start(core_->next_sequence()); }
  // A packet as last announced, for whoever wants to replay or spoil it.
  [[nodiscard]] const Datagram& last_packet() const { return last_packet_; }
  [[nodiscard]] std::optional<TrueTime> first_packet_at() const { return first_packet_at_; }
  [[nodiscard]] AnnouncedMoment now() const;
  void on_query(const Datagram& octets, Endpoint from, Reply reply);

 private:
  friend class World;
  [[nodiscard]] std::uint16_t port() const {
    return options.kind == StreamKind::plain ? std::uint16_t{123} : std::uint16_t{11'123};
  }
  [[nodiscard]] ClockState state() const;
  void start(std::uint64_t first_sequence);
  void on_deadline();
  void arm();
  void deliver(ListenerNode& to);

  World& world_;
  Address address_;
  HostClock clock_;
  std::uint32_t starts_ = 0;
  StreamId stream_ = kNoStream;
  std::unique_ptr<Announcer> core_;
  Datagram last_packet_;
  std::optional<TrueTime> first_packet_at_;
};

class ListenerNode {
 public:
  ListenerNode(World& world, const ListenerOptions& options, std::uint32_t index);
  ListenerOptions options;
  [[nodiscard]] Moment now() const;
  [[nodiscard]] ListenerStatus status() const { return core_->status(now()); }
  [[nodiscard]] ListenerStatus status(const Moment& then) const { return core_->status(then); }
  // Reported offset minus the true one, against the first announcer's clock.
  [[nodiscard]] Duration error() const;
  [[nodiscard]] Duration error(const AnnouncerNode& against) const;
  [[nodiscard]] const HostClock& clock() const { return clock_; }
  void hear(const Datagram& octets, const Endpoint& from, std::uint8_t hop_limit = 255);
  // CLOCK_REALTIME alone, as date(1) does.
  void step_clock(Duration by) { clock_.jump(by); }
  // A new process on the same host, that knows nothing.
  void restart();
  bool off = false;       // the host has no power, until restart()
  bool isolated = false;  // no announcement arrives; what it asks is answered
  Duration slept;         // spent in suspend so far: not counted by the raw clock

 private:
  friend class World;
  friend class AnnouncerNode;
  [[nodiscard]] ListenerConfig config() const;
  void on_announcement(const Datagram& octets, const Endpoint& from, Timestamp<Announced> left);
  void carry_out(const Effects& effects);
  void send(const Effect& effect);
  void ask(AnnouncerNode& server, const Datagram& query, Timestamp<Raw> sent);
  void on_reply(const Datagram& octets, const Endpoint& from);
  void on_wake(Duration after);
  void arm();

  World& world_;
  Address address_;
  HostClock clock_;
  bool asleep_ = false;
  std::optional<TrueTime> armed_;
  std::unique_ptr<Listener> core_;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random{seed}, seed_{seed} {}

  AnnouncerNode& add_announcer(AnnouncerOptions options);
  ListenerNode& add_listener(ListenerOptions options);
  void run_for(Duration span);
  // Calls `look` every simulated second of the span.
  void watch(Duration span, const std::function<void()>& look);
  void at(TrueTime when, std::function<void()> what);
  [[nodiscard]] TrueTime now() const { return now_; }
  // A walk of its own for each clock: what packets draw does not change it.
  [[nodiscard]] std::uint64_t seed_of_clock(std::uint32_t index) const {
    return Random{seed_ * 256 + index}.word();
  }

  Random random;
  // Whatever else hears announcements: called when one leaves.
  std::function<void(const AnnouncerNode&)> on_air;
  // Whether a cable leads from one to the other; to all if this is empty.
  std::function<bool(const AnnouncerNode&, const ListenerNode&)> reaches;
  std::vector<std::unique_ptr<AnnouncerNode>> announcers;
  std::vector<std::unique_ptr<ListenerNode>> listeners;

 private:
  struct Event {
    TrueTime when;
    std::uint64_t order = 0;  // ties break by age, so that a run repeats
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  std::uint64_t seed_;
  std::vector<Event> events_;  // a heap
  std::uint64_t order_ = 0;
  TrueTime now_;
};

// TIMECAST_SIM_SEED, if it is set: to repeat a run that failed.
std::uint64_t seed_from_environment_or(std::uint64_t fallback);

}  // namespace timecast::sim
