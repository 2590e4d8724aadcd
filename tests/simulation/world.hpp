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
#include <queue>
#include <vector>

#include <timecast/listener.hpp>

#include "announcer/core/announcer.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/toy_signer.hpp"

namespace timecast::sim {

using TrueTime = Duration;  // since the world began

// A host's clocks: steered by nobody, wrong by an offset and a rate.
struct ClockModel {
  Duration offset;                           // of CLOCK_REALTIME at the beginning
  double rate_ppm = 0;                       // of all its clocks
  std::function<Duration(TrueTime)> wobble;  // on top of the rate, for all clocks

  [[nodiscard]] Moment at(TrueTime t) const;
};

struct AnnouncerOptions {
  ClockModel clock;
  Duration interval = Duration::seconds(1);
  Delay sending = constant(Duration::microseconds(40));  // from reading the clock to the wire
  bool transmit_stamps = true;
  bool answers = true;
  ClockState state{true, Leap::none, Duration::milliseconds(1)};
  std::uint8_t key = 1;
  StreamKind kind = StreamKind::precise;  // plain: from port 123, unsigned
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
  SignatureMode signatures = SignatureMode::first_use;
  bool hears_plain = false;
};

class ListenerNode;
class World;

class AnnouncerNode {
 public:
  AnnouncerNode(World& world, const AnnouncerOptions& options, std::uint8_t index);
  AnnouncerOptions options;
  bool silent = false;  // packets are lost on its own port
  [[nodiscard]] const Announcer& core() const { return *core_; }
  [[nodiscard]] Endpoint endpoint() const { return {address_, port(), 2}; }
  // Its own clock against the truth.
  [[nodiscard]] Duration clock_error() const;
  void step_clock(Duration by) { options.clock.offset += by; }
  // A new process on the same host: what was stored is the next sequence.
  void restart() { start(core_->next_sequence()); }
  // A packet as last announced, for whoever wants to replay or spoil it.
  [[nodiscard]] const std::vector<std::uint8_t>& last_packet() const { return last_packet_; }
  void on_query(const std::vector<std::uint8_t>& octets, Endpoint from,
                std::function<void(std::vector<std::uint8_t>)> reply);

 private:
  friend class World;
  [[nodiscard]] std::uint16_t port() const {
    return options.kind == StreamKind::plain ? std::uint16_t{123} : std::uint16_t{11'123};
  }
  [[nodiscard]] AnnouncedMoment now() const;
  void start(std::uint64_t first_sequence);
  void on_deadline();
  void arm();
  void deliver(ListenerNode& to, const std::vector<std::uint8_t>& octets);

  World& world_;
  Address address_;
  std::uint32_t starts_ = 0;
  StreamId stream_ = kNoStream;
  std::unique_ptr<Announcer> core_;
  std::vector<std::uint8_t> last_packet_;
};

class ListenerNode {
 public:
  ListenerNode(World& world, const ListenerOptions& options, std::uint8_t index);
  ListenerOptions options;
  [[nodiscard]] Moment now() const;
  [[nodiscard]] ListenerStatus status() const { return core_->status(now()); }
  // Reported offset minus the true one, against the first announcer's clock.
  [[nodiscard]] Duration error() const;
  void hear(const std::vector<std::uint8_t>& octets, const Endpoint& from,
            std::uint8_t hop_limit = 255);
  // CLOCK_REALTIME alone, as date(1) does.
  void step_clock(Duration by) { clock_.offset += by; }
  Duration slept;  // spent in suspend so far: not counted by the raw clock

 private:
  friend class World;
  void carry_out(const Effects& effects);
  void arm();
  void on_reply(const std::vector<std::uint8_t>& octets, const Endpoint& from);

  World& world_;
  Address address_;
  ClockModel clock_;
  std::unique_ptr<Listener> core_;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random{seed} {}

  AnnouncerNode& add_announcer(AnnouncerOptions options);
  ListenerNode& add_listener(ListenerOptions options);
  void run_for(Duration span);
  // Calls `look` every simulated second of the span.
  void watch(Duration span, const std::function<void()>& look);
  void at(TrueTime when, std::function<void()> what);
  [[nodiscard]] TrueTime now() const { return now_; }

  Random random;
  std::vector<std::unique_ptr<AnnouncerNode>> announcers;
  std::vector<std::unique_ptr<ListenerNode>> listeners;

 private:
  struct Event {
    TrueTime when;
    std::uint64_t order;  // ties break by age, so that a run repeats
    std::function<void()> what;
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  std::priority_queue<Event> events_;
  std::uint64_t order_ = 0;
  TrueTime now_;
};

// TIMECAST_SIM_SEED, if it is set: to repeat a run that failed.
std::uint64_t seed_from_environment_or(std::uint64_t fallback);

}  // namespace timecast::sim
