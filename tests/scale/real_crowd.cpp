// SPDX-License-Identifier: MIT
//
// timecast-crowd FIRST COUNT OVER: very many listeners in one process, each a UvListener with
// sockets of its own, that hears and asks from an address of its own: FIRST (IPv4) and the COUNT -
// 1 behind it, which an interface of this host must have. They start at random within OVER seconds.
// Every second a line of JSON says what has become of them, until a signal ends it.
#include <sys/resource.h>
#include <uv.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/uv_listener.hpp>

#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "common/host/loop.hpp"
#include "common/host/option_value.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {
namespace {

constexpr std::uint64_t kMostListeners = 2'000;
constexpr std::uint64_t kMostSeconds = 600;

struct Settings {
  std::uint32_t first = 0;
  std::size_t count = 0;
  Duration over;
};

std::optional<Settings> settings_from(int argc, char** argv) {
  if (argc != 4) return std::nullopt;
  const auto first = parse_address(argv[1]);
  const auto count = parse_whole_number(argv[2], 1, kMostListeners);
  const auto over = parse_whole_number(argv[3], 0, kMostSeconds);
  if (!first || first->family != Family::ipv4 || !count || !over) return std::nullopt;
  return Settings{read_big_endian<std::uint32_t>(first->octets, 0),
                  static_cast<std::size_t>(*count),
                  Duration::seconds(static_cast<std::int64_t>(*over))};
}

std::string address_text(std::uint32_t address) {
  const auto octet = [address](unsigned shift) {
    return static_cast<std::uint8_t>(address >> shift);
  };
  return to_string(Address::ipv4(octet(24), octet(16), octet(8), octet(0)));
}

// Each has three descriptors or so, and one more while it asks.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

class Crowd {
 public:
  explicit Crowd(const Settings& settings) : settings_{settings} {
    std::mt19937_64 random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> within{0, settings.over.count_ns()};
    const Timestamp<Boot> now = boot_now();
    for (std::size_t i = 0; i < settings.count; ++i) {
      starts_.push_back(now + Duration::nanoseconds(within(random)));
    }
    std::sort(starts_.begin(), starts_.end());
  }

  Result<void> start() {
    auto timer = DeadlineTimer::create(loop_, [this] { on_deadline(); });
    if (!timer) return because(timer.error());
    timer_ = std::move(*timer);
    next_line_ = boot_now() + Duration::seconds(1);
    timer_->arm(starts_.front());
    return {};
  }
  // Until something fails: says what.
  std::string run() {
    loop_.run();
    listeners_.clear();
    return failure_;
  }

 private:
  void on_deadline() {
    const Timestamp<Boot> now = boot_now();
    while (listeners_.size() < starts_.size() && starts_[listeners_.size()] <= now) {
      if (!add_listener()) return loop_.stop();
    }
    if (now >= next_line_) {
      print_line();
      next_line_ = next_line_ + Duration::seconds(1);
    }
    const bool all = listeners_.size() == starts_.size();
    timer_->arm(all ? next_line_ : std::min(next_line_, starts_[listeners_.size()]));
  }

  bool add_listener() {
    UvListenerSettings settings;
    settings.interfaces = {
        address_text(settings_.first + static_cast<std::uint32_t>(listeners_.size()))};
    auto started = UvListener::start(loop_.get(), settings, {});
    failure_ = started.error;
    if (!started.listener) return false;
    listeners_.push_back(std::move(started.listener));
    return true;
  }

  void print_line() const {
    std::uint64_t synchronised = 0;
    std::uint64_t announcements = 0;
    std::uint64_t queries = 0;
    std::uint64_t exchanges = 0;
    Duration worst;
    for (const auto& each : listeners_) {
      const ListenerStatus status = each->status();
      announcements += status.announcements;
      queries += status.queries;
      exchanges += status.exchanges;
      if (status.state != State::synchronised) continue;
      ++synchronised;
      worst = std::max(worst, magnitude(status.offset));
    }
    JsonObject line = JsonObject::line("summary", realtime_now());
    line.add("listeners", listeners_.size())
        .add("synchronised", synchronised)
        .add("announcements", announcements)
        .add("queries", queries)
        .add("exchanges", exchanges)
        .add("worst_offset_s", worst);
    std::puts(line.text().c_str());
    std::fflush(stdout);
  }

  Loop loop_;  // first: handles go before their loop
  Settings settings_;
  std::optional<DeadlineTimer> timer_;
  std::vector<Timestamp<Boot>> starts_;  // one for each listener, in order
  std::vector<std::unique_ptr<UvListener>> listeners_;
  Timestamp<Boot> next_line_;
  std::string failure_;
};

}  // namespace
}  // namespace timecast

int main(int argc, char** argv) {
  using namespace timecast;
  const auto settings = settings_from(argc, argv);
  if (!settings) {
    std::fputs("usage: timecast-crowd FIRST_IPV4_ADDRESS COUNT OVER_SECONDS\n", stderr);
    return 2;
  }
  allow_descriptors();
  Crowd crowd{*settings};
  const auto started = crowd.start();
  const std::string failure = started ? crowd.run() : started.error().text;
  std::fprintf(stderr, "timecast-crowd: %s\n", failure.c_str());
  return 1;
}
