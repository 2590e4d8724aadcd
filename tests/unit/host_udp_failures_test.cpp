// SPDX-License-Identifier: MIT
//
// Each system call of a UDP socket fails once, and those that a kernel or a sandbox may lack fail
// always.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

// A call: setsockopt() with this option, or one of the others.
constexpr int option_call(int level, int option) { return level * 1000 + option; }
constexpr int kSocket = -1, kBind = -2, kSend = -3, kReceive = -4, kReceiveMany = -5,
              kSendMany = -6;
constexpr int kTimestamping = option_call(SOL_SOCKET, SO_TIMESTAMPING);
constexpr int kTimestampNs = option_call(SOL_SOCKET, SO_TIMESTAMPNS);
constexpr int kTimestamp = option_call(SOL_SOCKET, SO_TIMESTAMP);
constexpr int kSelectErrorQueue = option_call(SOL_SOCKET, SO_SELECT_ERR_QUEUE);

// Decides about each call: 0, or the errno value it fails with.
std::function<int(int call)> verdict;

bool fails(int call) noexcept {
  const int error = verdict ? verdict(call) : 0;
  if (error != 0) errno = error;
  return error != 0;
}

constexpr SocketCalls kFailing{
    [](int domain, int type, int protocol) noexcept {
      return fails(kSocket) ? -1 : ::socket(domain, type, protocol);
    },
    [](int fd, const sockaddr* address, socklen_t length) noexcept {
      return fails(kBind) ? -1 : ::bind(fd, address, length);
    },
    [](int fd, int level, int option, const void* value, socklen_t length) noexcept {
      return fails(option_call(level, option)) ? -1
                                               : ::setsockopt(fd, level, option, value, length);
    },
    [](int fd, const msghdr* message, int flags) {
      return fails(kSend) ? -1 : ::sendmsg(fd, message, flags);
    },
    [](int fd, msghdr* message, int flags) {
      return fails(kReceive) ? -1 : ::recvmsg(fd, message, flags);
    },
    [](int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
      return fails(kReceiveMany) ? -1 : ::recvmmsg(fd, messages, count, flags, timeout);
    },
    [](int fd, mmsghdr* messages, unsigned count, int flags) {
      return fails(kSendMany) ? -1 : ::sendmmsg(fd, messages, count, flags);
    }};

// The n-th call fails; remembers which one it was.
struct NthFails {
  explicit NthFails(int n, int error) {
    verdict = [this, n, error](int call) {
      if (++calls != n) return 0;
      failed = call;
      return error;
    };
  }
  ~NthFails() { verdict = nullptr; }
  NthFails(const NthFails&) = delete;
  NthFails& operator=(const NthFails&) = delete;

  int calls = 0;
  std::optional<int> failed;
};

// These calls fail always.
struct Lacks {
  Lacks(std::vector<int> lacking, int error) {
    verdict = [lacking = std::move(lacking), error](int call) {
      return std::find(lacking.begin(), lacking.end(), call) != lacking.end() ? error : 0;
    };
  }
  ~Lacks() { verdict = nullptr; }
  Lacks(const Lacks&) = delete;
  Lacks& operator=(const Lacks&) = delete;
};

// Says a few things to itself, and CHECKs that it hears them, with no more beside them than the
// abilities promise.
void check_works(UdpSocket& socket) {
  Loop loop;
  Ears ears{loop, socket};
  for (std::uint32_t token = 1; token <= 3; ++token) {
    REQUIRE(socket.send(octets_of("hello"), socket.local(), token) == 0);
    REQUIRE(ears.hear(token));
    const Datagram& datagram = ears.heard.back().datagram;
    CHECK(ears.heard.back().text == "hello");
    CHECK(datagram.to == kGroup);
    CHECK((datagram.interface != 0) == socket.abilities().destination);
    CHECK(datagram.hop_limit.has_value() == socket.abilities().hop_limit);
    if (!socket.abilities().receive_stamps) CHECK(datagram.source == StampSource::user);
  }
  if (socket.abilities().transmit_stamps) {
    CHECK(ears.wait_for_stamps(1));
    for (const TransmitStamp& stamp : ears.stamps) CHECK((stamp.token >= 1 && stamp.token <= 3));
  } else {
    CHECK(ears.stamps.empty());
  }
}

std::string lost_abilities(const UdpAbilities& abilities) {
  std::string lost;
  if (!abilities.receive_stamps) lost += "receive_stamps ";
  if (!abilities.transmit_stamps) lost += "transmit_stamps ";
  if (!abilities.destination) lost += "destination ";
  if (!abilities.hop_limit) lost += "hop_limit ";
  return lost;
}

// What open() does if a call fails.
struct Consequence {
  int call;
  const char* lost;  // the abilities; nullptr: the socket cannot be had
};
constexpr Consequence kConsequences[] = {
    {kSocket, nullptr},
    {kBind, nullptr},
    {option_call(SOL_SOCKET, SO_REUSEADDR), nullptr},
    {option_call(IPPROTO_IP, IP_MULTICAST_IF), nullptr},
    {option_call(IPPROTO_IP, IP_MULTICAST_TTL), nullptr},
    {option_call(IPPROTO_IP, IP_ADD_MEMBERSHIP), nullptr},
    {option_call(IPPROTO_IP, IP_PKTINFO), "destination "},
    {option_call(IPPROTO_IP, IP_RECVTTL), "hop_limit "},
    {kSelectErrorQueue, "transmit_stamps "},
    {kTimestamping, "transmit_stamps "},
    {option_call(IPPROTO_IP, IP_MULTICAST_ALL), ""},
    {option_call(IPPROTO_IP, IP_MTU_DISCOVER), ""},
    {option_call(SOL_SOCKET, SO_RCVBUFFORCE), ""},
    {option_call(SOL_SOCKET, SO_RCVBUF), ""},
};

const Consequence* consequence_of(int call) {
  for (const Consequence& each : kConsequences) {
    if (each.call == call) return &each;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("host udp failures: each call of open() may fail: an error, or a socket that says less") {
  int errors = 0;
  int n = 0;
  for (bool failed = true; failed; ++n) {
    REQUIRE(n < 100);
    CAPTURE(n);
    NthFails nth{n + 1, ENOPROTOOPT};
    auto socket = UdpSocket::open(group_options(), kFailing);
    failed = nth.failed.has_value();
    verdict = nullptr;
    if (!failed) {
      REQUIRE(socket);
      CHECK(lost_abilities(socket->abilities()).empty());
      continue;
    }
    CAPTURE(*nth.failed);
    const Consequence* const expected = consequence_of(*nth.failed);
    REQUIRE(expected != nullptr);
    REQUIRE(socket.has_value() == (expected->lost != nullptr));
    if (socket) {
      CHECK(lost_abilities(socket->abilities()) == expected->lost);
      check_works(*socket);
    } else {
      ++errors;
      CHECK(socket.error().text.find("protocol not available") != std::string::npos);
    }
  }
  CHECK(errors == 6);
  CHECK(n >= 13);
}

TEST_CASE("host udp failures: stamps come in whatever form the kernel has") {
  struct Row {
    std::vector<int> lacking;
    const char* lost;
  };
  const Row rows[] = {
      {{kSelectErrorQueue}, "transmit_stamps "},
      {{kTimestamping}, "transmit_stamps "},
      {{kTimestamping, kTimestampNs}, "transmit_stamps "},
      {{kTimestamping, kTimestampNs, kTimestamp}, "receive_stamps transmit_stamps "},
  };
  for (const Row& row : rows) {
    const Lacks lacks{row.lacking, ENOPROTOOPT};
    UdpSocket socket = opened(group_options(), kFailing);
    CHECK(lost_abilities(socket.abilities()) == row.lost);
    check_works(socket);
  }
}

TEST_CASE("host udp failures: a kernel that reads no batches is read one by one") {
  const Lacks lacks{{kReceiveMany}, ENOSYS};
  UdpSocket socket = opened(group_options(), kFailing);
  check_works(socket);

  for (int i = 0; i < 20; ++i) {
    REQUIRE(socket.send(octets_of(std::to_string(i)), socket.local()) == 0);
  }
  Loop loop;
  Ears ears{loop, socket};
  REQUIRE(ears.hear(20));
  for (std::size_t i = 0; i < 20; ++i) CHECK(ears.heard[i].text == std::to_string(i));
}

TEST_CASE("host udp failures: read one by one, all that waits is read") {
  static int waiting;
  SocketCalls calls = kFailing;
  calls.receive = [](int /*fd*/, msghdr* message, int /*flags*/) {
    message->msg_controllen = 0;
    if (--waiting >= 0) return ssize_t{1};
    errno = EAGAIN;
    return ssize_t{-1};
  };
  const Lacks lacks{{kReceiveMany}, ENOSYS};
  UdpSocket socket = opened(group_options(), calls);
  waiting = 20;
  CHECK(receive_all(socket).size() == 20);
  waiting = 200;
  CHECK(receive_all(socket).size() == UdpSocket::kReceiveLimit);
}

TEST_CASE("host udp failures: a read that fails is told, and the next one goes on") {
  Loop loop;
  UdpSocket socket = opened(group_options(), kFailing);
  REQUIRE(socket.send(octets_of("hello"), socket.local()) == 0);
  Ears ears{loop, socket};
  const NthFails nth{1, ECONNREFUSED};
  REQUIRE(ears.hear(1));
  CHECK(socket.take_network_error() == ECONNREFUSED);
}

TEST_CASE("host udp failures: a read that always fails ends") {
  UdpSocket socket = opened(group_options(), kFailing);
  const Lacks lacks{{kReceiveMany, kReceive}, EBADF};
  CHECK(socket.receive([](const Datagram&) {}) == 0);
  CHECK(socket.take_network_error() == EBADF);
  CHECK(socket.drain_transmit_stamps([](const TransmitStamp&) {}) == 0);
}

TEST_CASE("host udp failures: a kernel that takes no wish for a stamp still sends") {
  UdpSocket socket = opened(group_options(), kFailing);
  {
    const NthFails nth{1, EINVAL};
    CHECK(socket.send(octets_of("hello"), socket.local(), 1) == 0);
    CHECK_FALSE(socket.abilities().transmit_stamps);
  }
  check_works(socket);
}

TEST_CASE("host udp failures: a send that fails does not give its stamp to another") {
  UdpSocket socket = opened(group_options(), kFailing);
  Loop loop;
  Ears ears{loop, socket};
  for (std::uint32_t token = 1; token <= 10; ++token) {
    {
      const NthFails nth{1, ENOBUFS};
      CHECK(socket.send(octets_of("hello"), socket.local(), 100 + token) == ENOBUFS);
    }
    CHECK(socket.send(octets_of("hello"), socket.local(), token) == 0);
    REQUIRE(ears.wait_for_stamps(token));
    CHECK(ears.stamps.back().token == token);
  }
}

// Older kernels count the attempt that brings an earlier datagram's error.
TEST_CASE("host udp failures: an attempt that used up a number does not shift the stamps") {
  static int to_fail;
  SocketCalls calls = kKernelSocketCalls;
  calls.send = [](int fd, const msghdr* message, int flags) {
    const ssize_t sent = ::sendmsg(fd, message, flags);
    if (sent < 0 || to_fail == 0) return sent;
    --to_fail;
    // A number is gone; the stamp to it goes too.
    msghdr stamp{};
    pollfd waiting{fd, 0, 0};
    while (::poll(&waiting, 1, 60'000) == 1 && ::recvmsg(fd, &stamp, MSG_ERRQUEUE) < 0) {
    }
    errno = ECONNREFUSED;
    return ssize_t{-1};
  };
  UdpOptions options = group_options();
  options.hear_icmp_errors = true;
  UdpSocket socket = opened(options, calls);
  Loop loop;
  Ears ears{loop, socket};
  for (std::uint32_t token = 1; token <= 3; ++token) {
    to_fail = 1;
    REQUIRE(socket.send(octets_of("hello"), socket.local(), token) == 0);
    REQUIRE(ears.wait_for_stamps(token));
    CHECK(ears.stamps.back().token == token);
    CHECK(socket.take_network_error() == ECONNREFUSED);
  }
}

TEST_CASE("host udp failures: a kernel that sends no batches is given one by one") {
  const Lacks lacks{{kSendMany}, ENOSYS};
  UdpSocket socket = opened(group_options(), kFailing);
  Loop loop;
  Ears ears{loop, socket};
  const std::string text = "hello";
  std::vector<Outgoing> messages(5, Outgoing{octets_of(text), socket.local(), 0});
  socket.send_many(messages);
  for (const Outgoing& each : messages) CHECK(each.failed == 0);
  CHECK(ears.hear(5));
}
