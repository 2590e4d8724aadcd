// SPDX-License-Identifier: MIT
//
// Prints what a reply costs the announcer besides the kernel: its whole way from a batch that was
// read to a batch that is sent, with every check on, between system calls that do nothing. The
// median of several runs. The exit status says whether the goal is met.

#include <netinet/in.h>
#include <time.h>
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "announcer/daemon/query_server.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "tests/simulation/toy_signer.hpp"

namespace timecast::test {
namespace {

constexpr std::size_t kRuns = 31;
constexpr int kTurns = 200;
constexpr int kRepliesATurn = 8 * static_cast<int>(QueryServer::kReadAtOnce);
constexpr double kGoalNs = 150;  // of 2000, kernel and all
constexpr std::uint32_t kClients = 64;
constexpr std::uint32_t kFirstClient = 0xC000'0240;  // 192.0.2.64

std::uint32_t asked = 0;
std::uint64_t answered = 0;
std::uint64_t allocations = 0;

void write_stamp(msghdr& message, const timespec& now) noexcept {
  const std::array<timespec, 3> stamps{now, {}, {}};
  cmsghdr header{};
  header.cmsg_level = SOL_SOCKET;
  header.cmsg_type = SO_TIMESTAMPING;
  header.cmsg_len = CMSG_LEN(sizeof stamps);
  std::memcpy(message.msg_control, &header, sizeof header);
  std::memcpy(CMSG_DATA(static_cast<cmsghdr*>(message.msg_control)), &stamps, sizeof stamps);
  message.msg_controllen = CMSG_SPACE(sizeof stamps);
}

// One request as the kernel would hand it over, from the next client.
void write_request(mmsghdr& message, const timespec& now) noexcept {
  static const HeaderOctets request = encode(minimal_request(NtpTimestamp{0x1234'5678'9ABC'DEF0}));
  std::memcpy(message.msg_hdr.msg_iov->iov_base, request.data(), request.size());
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_port = htons(40'000);
  from.sin_addr.s_addr = htonl(kFirstClient + asked++ % kClients);
  std::memcpy(message.msg_hdr.msg_name, &from, sizeof from);
  message.msg_hdr.msg_namelen = sizeof from;
  write_stamp(message.msg_hdr, now);
  message.msg_len = kHeaderOctets;
}

SocketCalls idle_calls() {
  SocketCalls calls = kKernelSocketCalls;
  calls.bind = [](int, const sockaddr*, socklen_t) noexcept { return 0; };
  calls.receive_many = [](int, mmsghdr* messages, unsigned count, int, timespec*) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    for (unsigned i = 0; i < count; ++i) write_request(messages[i], now);
    return static_cast<int>(count);
  };
  calls.send_many = [](int, mmsghdr*, unsigned count, int) {
    answered += count;
    return static_cast<int>(count);
  };
  return calls;
}

// What the system calls above cost by themselves.
class Nothing {
 public:
  explicit Nothing(const SocketCalls& calls) : calls_{calls} {
    for (std::size_t i = 0; i < messages_.size(); ++i) {
      parts_[i] = {octets_[i].data(), octets_[i].size()};
      messages_[i].msg_hdr = {&names_[i],       sizeof names_[i], &parts_[i], 1,
                              notes_[i].data(), notes_[i].size(), 0};
    }
  }
  void turn() {
    for (int i = 0; i < kRepliesATurn; i += static_cast<int>(QueryServer::kReadAtOnce)) {
      calls_.receive_many(0, messages_.data(), QueryServer::kReadAtOnce, 0, nullptr);
      calls_.send_many(0, messages_.data(), QueryServer::kReadAtOnce, 0);
    }
  }

 private:
  SocketCalls calls_;
  std::array<std::array<std::uint8_t, 64>, QueryServer::kReadAtOnce> octets_{};
  std::array<std::array<std::uint8_t, 128>, QueryServer::kReadAtOnce> notes_{};
  std::array<sockaddr_storage, QueryServer::kReadAtOnce> names_{};
  std::array<iovec, QueryServer::kReadAtOnce> parts_{};
  std::array<mmsghdr, QueryServer::kReadAtOnce> messages_{};
};

// Others may run meanwhile.
double cpu_ns() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e9 + static_cast<double>(used.tv_nsec);
}

template <class Turn>
double median_ns(Turn turn) {
  std::array<double, kRuns> runs{};
  for (double& run : runs) {
    const double begin = cpu_ns();
    for (int i = 0; i < kTurns; ++i) turn();
    run = (cpu_ns() - begin) / kTurns / kRepliesATurn;
  }
  std::nth_element(runs.begin(), runs.begin() + kRuns / 2, runs.end());
  return runs[kRuns / 2];
}

std::unique_ptr<Announcer> announcer() {
  AnnouncerConfig config;
  config.entropy = host_entropy();
  config.signer = sim::toy_signer(7);
  config.island = true;
  config.rate_limit.spacing = Duration::nanoseconds(1);  // counts, and refuses nobody
  auto core = std::make_unique<Announcer>(config);
  AccessList access;
  for (std::uint8_t i = 0; i < 4; ++i) {
    static_cast<void>(access.allow({Address::ipv4(10, i, 0, 0), 16}));
  }
  static_cast<void>(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
  core->set_access(access);
  return core;
}

int run() {
  const SocketCalls calls = idle_calls();
  UdpOptions options;
  options.bind_address = Address::ipv4(192, 0, 2, 1);
  options.read_at_once = QueryServer::kReadAtOnce;
  options.notes = false;
  auto socket = UdpSocket::open(options, calls);
  if (!socket) return 1;
  const auto core = announcer();
  const AnnouncedClock clock;
  QueryServer server{*core, clock, {[] { return ClockState{}; }, [] {}, [] {}, {}}};
  const QueryServer::Door door{*socket, {options.bind_address, 123, 1}, kNoStream};
  server.serve(door);  // makes the inbox
  answered = 0;
  allocations = 0;
  const double all = median_ns([&] { server.serve(door); });
  const bool frugal = allocations == 0;
  const std::uint64_t turns = kRuns * kTurns;
  const bool complete = answered == turns * kRepliesATurn;
  Nothing nothing{calls};
  const double idle = median_ns([&] { nothing.turn(); });
  std::printf(
      "a reply, without the kernel: %.0f ns (%.0f less %.0f of making the request); "
      "goal: at most %.0f\n",
      all - idle, all, idle, kGoalNs);
  if (!complete) std::printf("not every request was answered\n");
  if (!frugal) std::printf("memory was allocated meanwhile\n");
  return complete && frugal && all - idle <= kGoalNs ? 0 : 1;
}

}  // namespace
}  // namespace timecast::test

void* operator new(std::size_t size) {
  ++timecast::test::allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

int main() { return timecast::test::run(); }
