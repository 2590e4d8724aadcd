// SPDX-License-Identifier: MIT
//
// Asks an NTP server as fast as it answers, or so many times a second whatever it answers, from
// many addresses, and checks every reply. Prints one line of JSON.
//
//     timecast-serving-load SERVER PORT FIRST_SOURCE SOURCES SECONDS PID closed OUTSTANDING
//     timecast-serving-load SERVER PORT FIRST_SOURCE SOURCES SECONDS PID open RATE [ROW]
//
// ROW: so many requests in a row come from one address, if so many are due; 1 if nothing is said.
// PID: of the server, whose CPU time is counted. Warming up does not count. The exit status is 1 if
// it cannot ask at all.

#include <arpa/inet.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "common/host/host_entropy.hpp"
#include "tests/speed/load_book.hpp"

namespace timecast::test {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kWarmUpNs = kSecondNs / 5;
constexpr std::int64_t kDrainNs = kSecondNs / 5;
constexpr std::int64_t kLostNs = kSecondNs / 10;  // closed: nothing comes any more
constexpr std::size_t kSockets = 4;
// What an interruption of this program has held up by more is not made up for: it would measure
// the interruption.
constexpr std::int64_t kCatchUpNs = kSecondNs / 1000;

std::int64_t clock_ns(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * kSecondNs + now.tv_nsec;
}

struct Plan {
  sockaddr_in server{};
  LoadSocket::Sources sources;
  std::int64_t length_ns = 0;
  clockid_t cpu = CLOCK_PROCESS_CPUTIME_ID;
  bool closed = true;
  std::uint64_t amount = 1;  // outstanding, or a second
};

class Load {
 public:
  explicit Load(const Plan& plan) : plan_{plan}, book_{host_entropy().word(), plan.server} {
    const std::size_t count =
        plan.closed ? std::min<std::uint64_t>(kSockets, plan.amount) : kSockets;
    for (std::size_t i = 0; i < count; ++i) {
      sockets_[i] = std::make_unique<LoadSocket>(plan.server, plan.sources);
    }
    count_ = count;
  }

  void run() {
    run_until(clock_ns(CLOCK_MONOTONIC) + kWarmUpNs);
    book_.begin_counting();
    const std::int64_t cpu = clock_ns(plan_.cpu);
    const std::int64_t began = clock_ns(CLOCK_MONOTONIC);
    run_until(began + plan_.length_ns);
    took_ns_ = clock_ns(CLOCK_MONOTONIC) - began;
    cpu_ns_ = clock_ns(plan_.cpu) - cpu;
    answered_meanwhile_ = book_.answered();
    const std::int64_t end = clock_ns(CLOCK_MONOTONIC) + kDrainNs;
    while (clock_ns(CLOCK_MONOTONIC) < end) read_all();
  }

  [[nodiscard]] bool has_asked() const noexcept { return book_.asked() != 0; }
  void print() {
    const auto replies = static_cast<double>(std::max<std::uint64_t>(answered_meanwhile_, 1));
    const double seconds = static_cast<double>(took_ns_) / kSecondNs;
    std::printf(
        "{\"asked\": %llu, \"answered\": %llu, \"unsynchronised\": %llu, \"wrong\": %llu, "
        "\"asked_a_second\": %.0f, "
        "\"replies_a_second\": %.0f, \"cpu_ns\": %.1f, \"cpu_share\": %.4f",
        static_cast<unsigned long long>(book_.asked()),
        static_cast<unsigned long long>(book_.answered()),
        static_cast<unsigned long long>(book_.unsynchronised()),
        static_cast<unsigned long long>(book_.wrong()),
        static_cast<double>(book_.asked()) / seconds, replies / seconds,
        static_cast<double>(cpu_ns_) / replies,
        static_cast<double>(cpu_ns_) / static_cast<double>(took_ns_));
    print("wait_ns", book_.waits());
    print("offset_ns", book_.offsets());
    std::printf("}\n");
  }

 private:
  static void print(const char* name, std::vector<std::int32_t>& samples) {
    std::sort(samples.begin(), samples.end());
    std::printf(", \"%s\": {", name);
    const char* comma = "";
    for (const auto& [label, share] :
         {std::pair{"p1", 0.01}, {"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}}) {
      const double place = share * static_cast<double>(samples.size());
      const std::size_t at = std::min(static_cast<std::size_t>(place), samples.size() - 1);
      std::printf("%s\"%s\": %d", comma, label, samples.empty() ? 0 : samples[at]);
      comma = ", ";
    }
    std::printf("}");
  }

  void run_until(std::int64_t end_ns) {
    if (plan_.closed) return run_closed(end_ns);
    run_open(end_ns);
  }

  void run_closed(std::int64_t end_ns) {
    std::int64_t heard_ns = clock_ns(CLOCK_MONOTONIC);
    for (std::int64_t now = heard_ns; now < end_ns; now = clock_ns(CLOCK_MONOTONIC)) {
      for (std::size_t i = 0; i < count_; ++i) {
        const std::size_t replies = read(*sockets_[i]);
        waiting_[i] -= std::min(waiting_[i], replies);
        if (replies != 0) heard_ns = now;
        const std::size_t wanted = plan_.amount / count_;
        if (waiting_[i] < wanted) waiting_[i] += ask(*sockets_[i], wanted - waiting_[i]);
      }
      if (now - heard_ns < kLostNs) continue;
      waiting_ = {};
      heard_ns = now;
    }
  }

  void run_open(std::int64_t end_ns) {
    std::int64_t due_ns = clock_ns(CLOCK_MONOTONIC);
    const std::int64_t spacing_ps = 1'000 * kSecondNs / static_cast<std::int64_t>(plan_.amount);
    std::size_t turn = 0;
    for (std::int64_t now = due_ns; now < end_ns; now = clock_ns(CLOCK_MONOTONIC)) {
      due_ns = std::max(due_ns, now - kCatchUpNs);
      const std::int64_t owed = (now - due_ns) * 1'000 / spacing_ps;
      if (owed > 0) {
        const std::size_t count =
            std::min<std::size_t>(static_cast<std::size_t>(owed), LoadSocket::kBatch);
        ask(*sockets_[turn], count);
        due_ns += static_cast<std::int64_t>(count) * spacing_ps / 1'000;
        turn = (turn + 1) % count_;
      }
      if (owed < static_cast<std::int64_t>(LoadSocket::kBatch))
        read_all();
      else
        read(*sockets_[turn]);
    }
  }

  std::size_t ask(LoadSocket& socket, std::size_t count) noexcept {
    count = std::min(count, LoadSocket::kBatch);
    const std::int64_t now = clock_ns(CLOCK_REALTIME);
    for (std::size_t i = 0; i < count; ++i) book_.write(socket.request(i), now);
    const std::size_t sent = socket.send(count);
    book_.take_back(count - sent);
    return sent;
  }

  std::size_t read(LoadSocket& socket) noexcept {
    const std::size_t count = socket.receive();
    std::size_t replies = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (book_.check(socket.arrived(i))) ++replies;
    }
    return replies;
  }

  void read_all() noexcept {
    for (std::size_t i = 0; i < count_; ++i) read(*sockets_[i]);
  }

  Plan plan_;
  LoadBook book_;
  std::array<std::unique_ptr<LoadSocket>, kSockets> sockets_;
  std::array<std::size_t, kSockets> waiting_{};
  std::size_t count_ = 0;
  std::int64_t took_ns_ = 1, cpu_ns_ = 0;
  std::uint64_t answered_meanwhile_ = 0;
};

// Of that process: the clock that clock_getcpuclockid(3) names.
bool find_cpu_clock(const char* pid, clockid_t& clock) {
  return ::clock_getcpuclockid(std::atoi(pid), &clock) == 0;
}

std::size_t row_of(const char* text) {
  const int row = std::clamp(std::atoi(text), 1, static_cast<int>(LoadSocket::kBatch));
  return static_cast<std::size_t>(row);
}

}  // namespace
}  // namespace timecast::test

int main(int argc, char** argv) {
  using namespace timecast::test;
  if (argc != 9 && argc != 10) return 2;
  Plan plan;
  plan.server.sin_family = AF_INET;
  plan.server.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[2])));
  plan.sources.count = static_cast<std::uint32_t>(std::max(std::atoi(argv[4]), 1));
  plan.length_ns = static_cast<std::int64_t>(std::atof(argv[5]) * 1e9);
  plan.closed = std::string_view{argv[7]} == "closed";
  plan.amount = static_cast<std::uint64_t>(std::max(std::atoll(argv[8]), 1LL));
  if (argc == 10) plan.sources.row = row_of(argv[9]);
  const bool sound = ::inet_pton(AF_INET, argv[1], &plan.server.sin_addr) == 1 &&
                     ::inet_pton(AF_INET, argv[3], &plan.sources.first) == 1 &&
                     find_cpu_clock(argv[6], plan.cpu);
  if (!sound) return 1;
  Load load{plan};
  load.run();
  load.print();
  return load.has_asked() ? 0 : 1;
}
