// SPDX-License-Identifier: MIT
#include "common/host/loop.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "tests/unit/host_loop.hpp"

using namespace timecast;

namespace {

constexpr Duration kSoon = Duration::milliseconds(5);

struct SocketPair {
  UniqueFd near, far;
};

SocketPair socket_pair() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
  return {UniqueFd{fds[0]}, UniqueFd{fds[1]}};
}

void write_octet(int fd) { REQUIRE(::write(fd, "x", 1) == 1); }

void read_all(int fd) {
  std::array<char, 64> buffer{};
  while (::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
  }
}

UniqueFd udp_socket(in_port_t port) {
  UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  local.sin_port = port;
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0);
  return fd;
}

sockaddr_in address_of(const UniqueFd& fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  return address;
}

void connect_to(const UniqueFd& fd, const sockaddr_in& address) {
  REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

// A socket with a datagram to read and an error to report at once, which libuv takes for a bad
// descriptor. `peer` is the address the socket talks to.
struct Troubled {
  UniqueFd fd;
  sockaddr_in peer{};
};

Troubled troubled_socket() {
  Troubled troubled{udp_socket(0), {}};
  UniqueFd peer = udp_socket(0);
  troubled.peer = address_of(peer);
  connect_to(troubled.fd, troubled.peer);
  connect_to(peer, address_of(troubled.fd));
  write_octet(peer.get());
  peer.reset();
  write_octet(troubled.fd.get());  // nobody is there: "connection refused"
  return troubled;
}

}  // namespace

TEST_CASE("host loop: without a handle nothing is waited for") {
  Loop loop;
  CHECK_FALSE(loop.run_once());
  loop.run();
}

TEST_CASE("host loop: stop makes run return although handles are left") {
  Loop loop;
  int calls = 0;
  auto timer = DeadlineTimer::create(loop, [&] {
    ++calls;
    loop.stop();
  });
  REQUIRE(timer);
  timer->arm(boot_now());
  loop.run();
  CHECK(calls == 1);
}

TEST_CASE("host loop: a timer calls once, and not before its deadline") {
  Loop loop;
  int calls = 0;
  auto timer = DeadlineTimer::create(loop, [&] { ++calls; });
  REQUIRE(timer);
  const auto deadline = boot_now() + kSoon;
  timer->arm(deadline);
  CHECK(run_until(loop, [&] { return calls > 0; }));
  CHECK(boot_now() >= deadline);
  run_for(loop, kSoon);
  CHECK(calls == 1);
}

TEST_CASE("host loop: a deadline that has passed calls at once") {
  const Timestamp<Boot> deadlines[] = {boot_now() - Duration::seconds(1), Timestamp<Boot>{},
                                       Timestamp<Boot>{} - Duration::seconds(1),
                                       Timestamp<Boot>{Duration::min()}};
  for (const auto deadline : deadlines) {
    CAPTURE(deadline.since_epoch().count_ns());
    Loop loop;
    int calls = 0;
    auto timer = DeadlineTimer::create(loop, [&] { ++calls; });
    REQUIRE(timer);
    timer->arm(deadline);
    CHECK(run_until(loop, [&] { return calls > 0; }));
  }
}

TEST_CASE("host loop: arming a timer again replaces its deadline") {
  struct Row {
    const char* name;
    Timestamp<Boot> first, second;
    int calls;
  };
  const Timestamp<Boot> past = boot_now();
  const Timestamp<Boot> never{Duration::max()};
  const Row rows[] = {{"later", past, never, 0}, {"earlier", never, past, 1}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Loop loop;
    int calls = 0;
    auto timer = DeadlineTimer::create(loop, [&] { ++calls; });
    REQUIRE(timer);
    timer->arm(row.first);
    timer->arm(row.second);
    run_for(loop, kSoon);
    CHECK(calls == row.calls);
  }
}

TEST_CASE("host loop: a timer that is disarmed in the turn it expires does not call") {
  Loop loop;
  int calls = 0;
  std::optional<DeadlineTimer> one, other;
  auto created = DeadlineTimer::create(loop, [&] { ++calls, other->disarm(); });
  REQUIRE(created);
  one = std::move(*created);
  created = DeadlineTimer::create(loop, [&] { ++calls, one->disarm(); });
  REQUIRE(created);
  other = std::move(*created);
  one->arm(Timestamp<Boot>{});
  other->arm(Timestamp<Boot>{});
  run_for(loop, kSoon);
  CHECK(calls == 1);
}

TEST_CASE("host loop: a callback may destroy its own timer") {
  Loop loop;
  const auto capture = std::make_shared<int>(0);
  std::optional<DeadlineTimer> timer;
  auto created = DeadlineTimer::create(loop, [capture, &timer] {
    timer.reset();
    ++*capture;  // what the callback holds is still there
  });
  REQUIRE(created);
  timer = std::move(*created);
  timer->arm(Timestamp<Boot>{});
  CHECK(run_until(loop, [&] { return *capture == 1; }));
  CHECK(run_until(loop, [&] { return capture.use_count() == 1; }));  // and goes in the end
}

TEST_CASE("host loop: a descriptor that becomes readable calls, for as long as its handle lives") {
  Loop loop;
  const SocketPair pair = socket_pair();
  int calls = 0;
  {
    const auto poll = PollHandle::start(loop, pair.near.get(), [&] {
      ++calls;
      read_all(pair.near.get());
    });
    REQUIRE(poll);
    CHECK(poll->fd() == pair.near.get());
    for (int expected = 1; expected <= 3; ++expected) {
      write_octet(pair.far.get());
      CHECK(run_until(loop, [&] { return calls == expected; }));
    }
  }
  write_octet(pair.far.get());
  run_for(loop, kSoon);
  CHECK(calls == 3);
}

TEST_CASE("host loop: a handle that owns its descriptor closes it after itself") {
  Loop loop;
  SocketPair pair = socket_pair();
  const int fd = pair.near.get();
  auto poll = PollHandle::start(loop, std::move(pair.near), [] {});
  REQUIRE(poll);
  CHECK(::fcntl(fd, F_GETFD) >= 0);
  poll = because(Error{});
  CHECK(run_until(loop, [&] { return ::fcntl(fd, F_GETFD) < 0; }));
}

TEST_CASE("host loop: what cannot be watched is an error that says why") {
  Loop loop;
  const SocketPair pair = socket_pair();
  const auto first = PollHandle::start(loop, pair.near.get(), [] {});
  REQUIRE(first);
  const UniqueFd file{::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)};
  struct Row {
    int fd;
    const char* reason;
  };
  const Row rows[] = {{file.get(), "operation not permitted"},
                      {pair.near.get(), "file exists"},
                      {1'000'000, "bad file descriptor"}};
  for (const Row& row : rows) {
    const auto poll = PollHandle::start(loop, row.fd, [] {});
    REQUIRE_FALSE(poll);
    const std::string expected = "cannot watch descriptor " + std::to_string(row.fd) + ": ";
    CHECK(poll.error().text == expected + row.reason);
  }
}

TEST_CASE("host loop: a handle that libuv gave up is started again") {
  Loop loop;
  const Troubled troubled = troubled_socket();
  int calls = 0;
  const auto poll = PollHandle::start(loop, troubled.fd.get(), [&] {
    ++calls;
    read_all(troubled.fd.get());
    read_all(troubled.fd.get());  // the first can end at the error
  });
  REQUIRE(poll);
  CHECK(run_until(loop, [&] { return calls > 0; }));

  const int before = calls;
  const UniqueFd peer = udp_socket(troubled.peer.sin_port);
  connect_to(peer, address_of(troubled.fd));
  write_octet(peer.get());
  CHECK(run_until(loop, [&] { return calls > before; }));
}

TEST_CASE("host loop: an error that reading does not clear ends the handle, not the program") {
  Loop loop;
  const Troubled troubled = troubled_socket();
  int calls = 0;
  const auto poll = PollHandle::start(loop, troubled.fd.get(), [&] { ++calls; });
  REQUIRE(poll);
  loop.run();  // returns when nothing is watched any more
  CHECK(calls == 10'000);
}

TEST_CASE("host loop: a signal calls each time it comes") {
  Loop loop;
  int calls = 0;
  const auto signal = SignalHandle::start(loop, SIGUSR1, [&] { ++calls; });
  REQUIRE(signal);
  for (int expected = 1; expected <= 2; ++expected) {
    REQUIRE(::kill(::getpid(), SIGUSR1) == 0);
    CHECK(run_until(loop, [&] { return calls == expected; }));
  }
}

TEST_CASE("host loop: a signal that nobody can catch is an error") {
  Loop loop;
  const auto signal = SignalHandle::start(loop, SIGKILL, [] {});
  REQUIRE_FALSE(signal);
  CHECK(signal.error().text == "cannot catch signal 9: invalid argument");
}

TEST_CASE("host loop: a clock that nobody sets is not taken for stepped") {
  Loop loop;
  int steps = 0;
  const auto watch = ClockStepWatch::start(loop, [&] { ++steps; });
  REQUIRE(watch);
  run_for(loop, kSoon);
  CHECK(steps == 0);
}

TEST_CASE("host loop: the timer slack of the calling thread becomes the least there is") {
  std::thread{[] {
    set_timer_slack();
    CHECK(::prctl(PR_GET_TIMERSLACK) == 1);
  }}.join();
}
