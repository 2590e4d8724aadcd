// SPDX-License-Identifier: MIT
//
// The announcer's engine for queries, between system calls that a test answers.
#include "announcer/daemon/query_server.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/socket_address.hpp"
#include "tests/simulation/toy_signer.hpp"

using namespace timecast;

namespace {

constexpr Address kHere = Address::ipv4(192, 0, 2, 1);
constexpr std::size_t kTurn = 8 * QueryServer::kReadAtOnce;
constexpr int kByItself = -1;

// What waits at the socket, and what has left by it.
struct Net {
  std::vector<std::vector<std::uint8_t>> waiting;  // from 192.0.2.2, 192.0.2.3 ... in turn
  std::size_t read = 0;
  std::vector<int> reads;       // by each call of recvmmsg(); kByItself: of recvmsg()
  std::vector<unsigned> sends;  // by each call of sendmmsg(); 0: of sendmsg()
  std::vector<Header> replies;
  std::vector<Endpoint> to;
  int sending_fails = 0;
};
Net* current = nullptr;

Endpoint client(std::size_t i) {
  return {Address::ipv4(192, 0, 2, static_cast<std::uint8_t>(2 + i % 200)), 40'000, 0};
}

// The length of the next one, which is put into the message.
unsigned put(msghdr& message) {
  const auto& octets = current->waiting[current->read];
  std::memcpy(message.msg_iov->iov_base, octets.data(), octets.size());
  sockaddr_storage from{};
  message.msg_namelen = to_socket_address(client(current->read), from);
  std::memcpy(message.msg_name, &from, message.msg_namelen);
  message.msg_controllen = 0;
  ++current->read;
  return static_cast<unsigned>(octets.size());
}

void note_sent(const msghdr& message) {
  const auto* const octets = static_cast<const std::uint8_t*>(message.msg_iov->iov_base);
  sockaddr_storage to{};
  std::memcpy(&to, message.msg_name, message.msg_namelen);
  current->replies.push_back(decode(Octets{octets, message.msg_iov->iov_len}).value().header);
  current->to.push_back(endpoint_from(to));
}

SocketCalls net_calls() {
  SocketCalls calls = kKernelSocketCalls;
  calls.bind = [](int, const sockaddr*, socklen_t) noexcept { return 0; };
  calls.receive_many = [](int, mmsghdr* messages, unsigned count, int, timespec*) {
    const std::size_t now = std::min<std::size_t>(count, current->waiting.size() - current->read);
    current->reads.push_back(static_cast<int>(now));
    errno = EAGAIN;
    for (std::size_t i = 0; i < now; ++i) messages[i].msg_len = put(messages[i].msg_hdr);
    return now == 0 ? -1 : static_cast<int>(now);
  };
  calls.receive = [](int, msghdr* message, int flags) {
    errno = EAGAIN;
    if ((flags & MSG_ERRQUEUE) != 0) return ssize_t{-1};
    current->reads.push_back(kByItself);
    const bool waits = current->read < current->waiting.size();
    return waits ? static_cast<ssize_t>(put(*message)) : ssize_t{-1};
  };
  calls.send_many = [](int, mmsghdr* messages, unsigned count, int) {
    errno = current->sending_fails;
    if (errno != 0) return -1;
    current->sends.push_back(count);
    for (unsigned i = 0; i < count; ++i) note_sent(messages[i].msg_hdr);
    return static_cast<int>(count);
  };
  calls.send = [](int, const msghdr* message, int) {
    errno = current->sending_fails;
    if (errno != 0) return ssize_t{-1};
    current->sends.push_back(0);
    note_sent(*message);
    return ssize_t{1};
  };
  return calls;
}

std::vector<std::uint8_t> request(std::uint64_t number) {
  const HeaderOctets octets = encode(minimal_request(NtpTimestamp{number}));
  return {octets.begin(), octets.end()};
}

std::vector<std::uint8_t> challenge(std::uint64_t number) {
  std::vector<std::uint8_t> octets = request(number);
  octets.resize(kAnnouncementPacketOctets);
  write_challenge(octets, kHeaderOctets, Nonce{});
  return octets;
}

class Scene {
 public:
  Scene() : core_{config()} {
    current = &net_;
    AccessList access;
    REQUIRE(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
    core_.set_access(access);
    socket_ = another_socket();
  }
  ~Scene() { current = nullptr; }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void ask(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) net_.waiting.push_back(request(++asked_));
  }
  void challenge_it(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) net_.waiting.push_back(challenge(++asked_));
  }
  [[nodiscard]] static std::unique_ptr<UdpSocket> another_socket() {
    UdpOptions options;
    options.bind_address = kHere;
    options.read_at_once = QueryServer::kReadAtOnce;
    options.notes = false;
    auto opened = UdpSocket::open(options, net_calls());
    REQUIRE(opened);
    return std::make_unique<UdpSocket>(std::move(*opened));
  }
  bool serve() { return serve(*socket_); }
  bool serve(UdpSocket& socket) {
    return server_.serve({socket, {kHere, 123, 1}, kNoStream, nullptr});
  }

  Net& net() { return net_; }
  Announcer& core() { return core_; }
  UdpSocket& socket() { return *socket_; }
  QueryServer& server() { return server_; }
  [[nodiscard]] int announced() const { return announced_; }
  [[nodiscard]] int waits() const { return waits_; }
  [[nodiscard]] const std::vector<std::size_t>& answered_before_announcing() const {
    return answered_before_;
  }
  ClockState clock{true, Leap::none, Duration::milliseconds(1)};

 private:
  static AnnouncerConfig config() {
    AnnouncerConfig config;
    config.entropy = host_entropy();
    config.signer = sim::toy_signer(7);
    return config;
  }

  Net net_;
  Announcer core_;
  AnnouncedClock announced_clock_;
  int announced_ = 0, waits_ = 0;
  std::vector<std::size_t> answered_before_;
  QueryServer server_{core_,
                      announced_clock_,
                      {[this] { return clock; },
                       [this] {
                         ++announced_;
                         answered_before_.push_back(net_.replies.size());
                         server_.set_announcement(std::nullopt);
                       },
                       [this] { ++waits_; }, [](const TransmitStamp&) {}}};
  std::unique_ptr<UdpSocket> socket_;
  std::uint64_t asked_ = 0;
};

}  // namespace

TEST_CASE("query server: each request is answered to its sender, in the order that they came") {
  Scene scene;
  scene.ask(100);
  CHECK(scene.serve());
  REQUIRE(scene.net().replies.size() == 100);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(scene.net().replies[i].origin == NtpTimestamp{i + 1});
    CHECK(scene.net().replies[i].mode == Mode::server);
    CHECK(scene.net().to[i] == client(i));
  }
  CHECK(scene.core().status().replies == 100);
}

TEST_CASE("query server: reads 32 at once, sends eight at once, and what is left over at the end") {
  Scene scene;
  scene.ask(32 + 11);
  CHECK(scene.serve());
  CHECK(scene.net().reads == std::vector<int>{32, 11});
  CHECK(scene.net().sends == std::vector<unsigned>{8, 8, 8, 8, 8, 3});
}

TEST_CASE("query server: one request costs one read and one sending") {
  Scene scene;
  scene.ask(1);
  CHECK(scene.serve());
  CHECK(scene.net().reads == std::vector<int>{1});
  CHECK(scene.net().sends == std::vector<unsigned>{0});  // by sendmsg(): alone, it costs less
  CHECK_FALSE(scene.serve());
}

TEST_CASE(
    "query server: where requests come alone, a second one is looked for in each eighth turn") {
  Scene scene;
  const auto ask_in_turns = [&](int turns) {
    scene.net().reads.clear();
    for (int i = 0; i < turns; ++i) {
      scene.ask(1);
      CHECK(scene.serve());
    }
  };
  ask_in_turns(8);
  CHECK(scene.net().reads == std::vector<int>(8, 1));
  ask_in_turns(9);
  CHECK(scene.net().reads == std::vector<int>{1, -1, -1, -1, -1, -1, -1, -1, 1});
  CHECK(scene.net().replies.size() == 17);
}

TEST_CASE(
    "query server: where requests no longer come alone, batches are read within eight turns") {
  Scene scene;
  for (int i = 0; i < 17; ++i) {
    scene.ask(1);
    scene.serve();
  }
  scene.net().reads.clear();
  scene.ask(70);
  for (int i = 0; i < 8; ++i) CHECK(scene.serve());
  CHECK(scene.net().reads == std::vector<int>{-1, -1, -1, -1, -1, -1, -1, 32, 31});
  CHECK(scene.net().replies.size() == 17 + 70);
  scene.net().reads.clear();
  scene.ask(1);
  CHECK(scene.serve());
  CHECK(scene.net().reads == std::vector<int>{1});
}

TEST_CASE("query server: a wake-up without a request ends no row of single ones") {
  Scene scene;
  for (int i = 0; i < 9; ++i) {
    scene.ask(1);
    scene.serve();
    CHECK_FALSE(scene.serve());
  }
  scene.net().reads.clear();
  scene.ask(1);
  CHECK(scene.serve());
  CHECK(scene.net().reads == std::vector<int>{kByItself});
}

TEST_CASE("query server: single requests at one socket do not slow down a crowd at another") {
  Scene scene;
  const std::unique_ptr<UdpSocket> other = Scene::another_socket();
  for (int i = 0; i < 9; ++i) {
    scene.ask(1);
    CHECK(scene.serve());
  }
  for (int i = 0; i < 3; ++i) {
    scene.net().reads.clear();
    scene.ask(70);
    CHECK(scene.serve(*other));
    CHECK(scene.net().reads == std::vector<int>{32, 32, 6});
    scene.ask(1);
    CHECK(scene.serve());
  }
}

TEST_CASE("query server: a turn ends after eight batches, and all that it read is answered") {
  Scene scene;
  scene.ask(1'000);
  CHECK(scene.serve());
  CHECK(scene.net().read == kTurn);
  CHECK(scene.net().replies.size() == kTurn);
  CHECK(scene.serve());
  CHECK(scene.net().replies.size() == 2 * kTurn);
}

TEST_CASE("query server: an announcement that is due goes before the next batch") {
  Scene scene;
  scene.ask(100);
  scene.server().set_announcement(boot_now() + Duration::seconds(60));
  CHECK(scene.serve());
  CHECK(scene.announced() == 0);
  scene.ask(100);
  scene.server().set_announcement(boot_now());
  CHECK(scene.serve());
  CHECK(scene.announced() == 1);
  CHECK(scene.answered_before_announcing() == std::vector<std::size_t>{100});
  CHECK(scene.net().replies.size() == 200);
}

TEST_CASE("query server: what cannot be answered is counted and does not hold up the rest") {
  Scene scene;
  scene.ask(3);
  scene.net().waiting.push_back({1, 2, 3});
  scene.ask(3);
  CHECK(scene.serve());
  CHECK(scene.net().replies.size() == 6);
  CHECK(scene.core().status().rejected[Reject::too_short] == 1);
}

TEST_CASE("query server: replies say what the clock is worth") {
  Scene scene;
  scene.clock.synchronised = false;
  scene.ask(1);
  CHECK(scene.serve());
  CHECK(scene.net().replies[0].leap == Leap::unsynchronised);
}

TEST_CASE("query server: no more than eight signatures in a row, the other challenges wait") {
  Scene scene;
  scene.challenge_it(30);
  scene.ask(1);
  CHECK(scene.serve());
  CHECK(scene.core().status().signed_replies >= 8);
  CHECK(scene.core().status().signed_replies < 30);  // or this machine hung for 20 ms
  CHECK(scene.net().replies.back().origin == NtpTimestamp{31});
  CHECK(scene.waits() == 1);

  const auto first = scene.server().next_deadline();
  REQUIRE(first.has_value());
  const auto before = scene.core().status().signed_replies;
  scene.server().on_deadline(*first - Duration::nanoseconds(1));
  CHECK(scene.core().status().signed_replies == before);
  scene.server().on_deadline(*first);
  CHECK(scene.core().status().signed_replies == before + 1);
  CHECK(*scene.server().next_deadline() - *first == Duration::milliseconds(1));
}

TEST_CASE("query server: challenges that have waited go in their order, eight at a time") {
  Scene scene;
  scene.challenge_it(30);
  CHECK(scene.serve());
  const Timestamp<Boot> later = boot_now() + Duration::seconds(1);
  for (int turn = 0; turn < 4; ++turn) scene.server().on_deadline(later);
  CHECK_FALSE(scene.server().next_deadline());
  REQUIRE(scene.net().replies.size() == 30);
  for (std::size_t i = 0; i < 30; ++i) {
    CHECK(scene.net().replies[i].origin == NtpTimestamp{i + 1});
    CHECK(scene.net().to[i] == client(i));
  }
}

TEST_CASE("query server: challenges for which there is no turn are shed and counted") {
  Scene scene;
  scene.challenge_it(kTurn);
  CHECK(scene.serve());
  const auto refused = scene.core().status().rejected[Reject::rate_limited];
  CHECK(refused > 0);
  for (int i = 0; i < 100; ++i) scene.server().on_deadline(boot_now() + Duration::seconds(1));
  CHECK(scene.core().status().signed_replies + refused == kTurn);
}

TEST_CASE("query server: what waits for a socket that has closed is dropped") {
  Scene scene;
  scene.challenge_it(30);
  CHECK(scene.serve());
  const std::size_t sent = scene.net().replies.size();
  scene.server().forget(scene.socket());
  for (int i = 0; i < 4; ++i) scene.server().on_deadline(boot_now() + Duration::seconds(1));
  CHECK_FALSE(scene.server().next_deadline());
  CHECK(scene.net().replies.size() == sent);
}

TEST_CASE("query server: a network that takes nothing costs replies and nothing else") {
  Scene scene;
  scene.net().sending_fails = ENOBUFS;
  scene.ask(40);
  scene.challenge_it(1);
  CHECK(scene.serve());
  CHECK(scene.net().replies.empty());
  scene.net().sending_fails = 0;
  scene.ask(40);
  CHECK(scene.serve());
  CHECK(scene.net().replies.size() == 40);
}
