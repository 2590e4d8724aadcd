// SPDX-License-Identifier: MIT
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "common/host/host_clock.hpp"
#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

// Two sockets of this machine, one of which listens.
struct Pair {
  explicit Pair(const UdpOptions& sender_options = unicast_options(),
                const UdpOptions& receiver_options = unicast_options())
      : sender{opened(sender_options)}, receiver{opened(receiver_options)} {}

  int send(const std::string& text, std::optional<std::uint32_t> token = std::nullopt) {
    return sender.send(octets_of(text), receiver.local(), token);
  }

  Loop loop;
  UdpSocket sender, receiver;
};

// An address of this machine where nobody listens.
Endpoint deserted() { return opened(unicast_options()).local(); }

}  // namespace

TEST_CASE("host udp messages: a datagram arrives with its source, destination and hop limit") {
  Pair pair;
  Ears ears{pair.loop, pair.receiver};
  REQUIRE(pair.send("hello") == 0);
  REQUIRE(ears.hear(1));
  const Datagram& datagram = ears.heard[0].datagram;
  CHECK(ears.heard[0].text == "hello");
  CHECK(datagram.from.address == kHere);
  CHECK(datagram.from.port == pair.sender.local().port);
  CHECK(datagram.from.interface == loopback_index());
  CHECK(datagram.to == kHere);
  CHECK(datagram.interface == loopback_index());
  CHECK(datagram.hop_limit);
  CHECK_FALSE(datagram.truncated);
}

// The kernel turns its stamps on behind our back: the first datagrams can come without one.
TEST_CASE("host udp messages: the kernel stamps what arrives, within the time it took") {
  Pair pair;
  bool stamped = false;
  for (int attempt = 0; attempt < 1000 && !stamped; ++attempt) {
    Ears ears{pair.loop, pair.receiver};
    const Timestamp<Realtime> before = realtime_now();
    REQUIRE(pair.send("hello") == 0);
    REQUIRE(ears.hear(1));
    const Datagram& datagram = ears.heard[0].datagram;
    CHECK(datagram.stamp >= before);
    CHECK(datagram.stamp <= realtime_now());
    stamped = datagram.source == StampSource::kernel;
  }
  CHECK(stamped);
}

TEST_CASE("host udp messages: without kernel stamps the time of the read counts") {
  UdpOptions options = unicast_options();
  options.kernel_stamps = false;
  Pair pair{options, options};
  Ears ears{pair.loop, pair.receiver};
  const Timestamp<Realtime> before = realtime_now();
  REQUIRE(pair.send("hello", 7) == 0);
  REQUIRE(ears.hear(1));
  const Datagram& datagram = ears.heard[0].datagram;
  CHECK(datagram.source == StampSource::user);
  CHECK(datagram.stamp >= before);
  CHECK(datagram.stamp <= realtime_now());
  CHECK(pair.sender.drain_transmit_stamps([](const TransmitStamp&) {}) == 0);
}

TEST_CASE("host udp messages: each transmit stamp comes with the token of its datagram") {
  constexpr std::uint32_t kCount = 100;
  Pair pair;
  Ears ears{pair.loop, pair.sender};
  std::vector<Timestamp<Realtime>> before, after;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    REQUIRE(pair.send("no token, no stamp") == 0);
    before.push_back(realtime_now());
    REQUIRE(pair.send("hello", 1000 + i) == 0);
    REQUIRE(ears.wait_for_stamps(i + 1));
    after.push_back(realtime_now());
  }
  REQUIRE(ears.stamps.size() == kCount);
  for (std::uint32_t i = 0; i < kCount; ++i) {
    CHECK(ears.stamps[i].token == 1000 + i);
    CHECK(ears.stamps[i].stamp >= before[i]);
    CHECK(ears.stamps[i].stamp <= after[i]);
  }
}

TEST_CASE("host udp messages: stamps and data that come at once do not disturb each other") {
  constexpr std::uint32_t kCount = 200;
  Loop loop;
  UdpSocket socket = opened(group_options());  // hears what it says
  Ears ears{loop, socket};
  for (std::uint32_t token = 0; token < kCount; ++token) {
    REQUIRE(socket.send(octets_of(std::to_string(token)), socket.local(), token) == 0);
    REQUIRE(ears.hear(token + 1));
  }
  REQUIRE(ears.wait_for_stamps(kCount));
  for (std::uint32_t token = 0; token < kCount; ++token) {
    CHECK(ears.heard[token].text == std::to_string(token));
    CHECK(ears.stamps[token].token == token);
  }
}

TEST_CASE("host udp messages: datagrams come in order, at most so many at once") {
  constexpr int kCount = 100;
  Pair pair;
  for (int i = 0; i < kCount; ++i) REQUIRE(pair.send(std::to_string(i)) == 0);
  std::vector<Received> heard;
  std::size_t most_at_once = 0;
  const auto poll = PollHandle::start(pair.loop, pair.receiver.fd(), [&] {
    std::vector<Received> now = receive_all(pair.receiver, 1);
    most_at_once = std::max(most_at_once, now.size());
    for (Received& each : now) heard.push_back(std::move(each));
  });
  REQUIRE(poll);
  CHECK(run_until(pair.loop, [&] { return heard.size() == kCount; }));
  for (std::size_t i = 0; i < kCount; ++i) CHECK(heard[i].text == std::to_string(i));
  CHECK(most_at_once <= 16);  // what one call reads
}

TEST_CASE("host udp messages: no more are read than are wanted, and the next call goes on there") {
  Pair pair;
  for (int i = 0; i < 40; ++i) REQUIRE(pair.send(std::to_string(i)) == 0);
  std::vector<std::string> heard;
  const auto receive = [&](int limit) {
    return pair.receiver.receive(
        [&](const Datagram& datagram) {
          heard.emplace_back(datagram.octets.begin(), datagram.octets.end());
        },
        limit);
  };
  for (const int limit : {1, 1, 5, 16, 17})
    CHECK(receive(limit) == limit);  // 16: what one call reads
  CHECK(receive(1) == 0);
  REQUIRE(heard.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) CHECK(heard[i] == std::to_string(i));
}

TEST_CASE("host udp messages: reading stops when nothing waits") {
  Pair pair;
  CHECK(pair.receiver.receive([](const Datagram&) {}) == 0);
  Ears ears{pair.loop, pair.receiver};
  REQUIRE(pair.send("hello") == 0);
  REQUIRE(ears.hear(1));
  CHECK(pair.receiver.receive([](const Datagram&) {}) == 0);
  CHECK(pair.receiver.take_network_error() == 0);
}

TEST_CASE("host udp messages: lengths from nothing to more than any packet of ours") {
  struct Row {
    std::size_t sent, heard;
    bool truncated;
  };
  const Row rows[] = {{0, 0, false},       {1, 1, false},      {172, 172, false},
                      {2048, 2048, false}, {2049, 2048, true}, {9000, 2048, true}};
  for (const Row& row : rows) {
    CAPTURE(row.sent);
    Pair pair;
    Ears ears{pair.loop, pair.receiver};
    REQUIRE(pair.send(std::string(row.sent, 'x')) == 0);
    REQUIRE(ears.hear(1));
    CHECK(ears.heard[0].text == std::string(row.heard, 'x'));
    CHECK(ears.heard[0].datagram.truncated == row.truncated);
  }
}

TEST_CASE("host udp messages: what cannot be sent is an errno value, and nothing else changes") {
  Pair pair;
  Ears ears{pair.loop, pair.sender};
  CHECK(pair.sender.send(octets_of("x"), Endpoint{}, 1) == EDESTADDRREQ);
  CHECK(pair.sender.send(octets_of("x"), {kHere, 0, 0}, 2) == EINVAL);
  CHECK(pair.send(std::string(70'000, 'x'), 3) == EMSGSIZE);
  for (std::uint32_t token = 4; token < 8; ++token) {
    REQUIRE(pair.send("hello", token) == 0);
    REQUIRE(ears.wait_for_stamps(token - 3));
    CHECK(ears.stamps.back().token == token);
  }
  CHECK(pair.sender.abilities().transmit_stamps);
}

TEST_CASE("host udp messages: who asks for it learns that nobody listens, and can go on") {
  UdpOptions options = unicast_options();
  options.hear_icmp_errors = true;
  Pair pair{options};
  Ears ears{pair.loop, pair.sender};
  REQUIRE(pair.sender.send(octets_of("x"), deserted()) == 0);
  int error = 0;
  CHECK(run_until(pair.loop, [&] {
    if (error == 0) error = pair.sender.take_network_error();
    return error != 0;
  }));
  CHECK(error == ECONNREFUSED);
  CHECK(pair.sender.take_network_error() == 0);
  for (std::uint32_t token = 1; token <= 3; ++token) {
    REQUIRE(pair.send("hello", token) == 0);
    REQUIRE(ears.wait_for_stamps(token));
    CHECK(ears.stamps.back().token == token);
  }
}

// The kernel reports the error in place of sending the next datagram, and may count that one.
TEST_CASE("host udp messages: an earlier datagram's error neither delays the next nor its stamp") {
  UdpOptions options = unicast_options();
  options.hear_icmp_errors = true;
  Pair pair{options};
  Ears ears{pair.loop, pair.receiver};
  Ears sender_ears{pair.loop, pair.sender};
  const Endpoint nobody = deserted();
  for (std::uint32_t i = 1; i <= 20; ++i) {
    REQUIRE(pair.sender.send(octets_of("x"), nobody) == 0);  // on loopback answered at once
    REQUIRE(pair.send("hello", i) == 0);
    REQUIRE(ears.hear(i));
    REQUIRE(sender_ears.wait_for_stamps(i));
    CHECK(sender_ears.stamps.back().token == i);
  }
}

TEST_CASE("host udp messages: who does not ask is not told of the network's errors") {
  Pair pair;
  Ears ears{pair.loop, pair.receiver};
  REQUIRE(pair.sender.send(octets_of("x"), deserted()) == 0);
  REQUIRE(pair.send("hello") == 0);
  REQUIRE(ears.hear(1));
  CHECK(receive_all(pair.sender).empty());
  CHECK(pair.sender.take_network_error() == 0);
}

TEST_CASE("host udp messages: a socket that moves takes along what is under way") {
  Pair pair;
  REQUIRE(pair.send("hello", 7) == 0);
  UdpSocket sender = std::move(pair.sender);
  UdpSocket receiver = std::move(pair.receiver);
  Ears sender_ears{pair.loop, sender};
  Ears receiver_ears{pair.loop, receiver};
  CHECK(sender_ears.wait_for_stamps(1));
  CHECK(sender_ears.stamps[0].token == 7);
  CHECK(receiver_ears.hear(1));
}

TEST_CASE(
    "host udp messages: several leave by one call, each to its address, stamped where asked") {
  Pair pair;
  UdpSocket other = opened(unicast_options());
  Ears ears{pair.loop, pair.receiver};
  Ears other_ears{pair.loop, other};
  Ears sender_ears{pair.loop, pair.sender};
  CHECK_FALSE(pair.sender.awaits_stamps());
  std::vector<std::string> texts;
  for (int i = 0; i < 8; ++i) texts.push_back(std::to_string(i));
  std::vector<Outgoing> messages;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const Endpoint to = i % 2 == 0 ? pair.receiver.local() : other.local();
    messages.push_back({octets_of(texts[i]), to, i % 3 == 0 ? 100 + i : 0});
  }
  pair.sender.send_many(messages);
  CHECK(pair.sender.awaits_stamps());
  REQUIRE(ears.hear(4));
  REQUIRE(other_ears.hear(4));
  REQUIRE(sender_ears.wait_for_stamps(3));
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(ears.heard[i].text == texts[2 * i]);
    CHECK(other_ears.heard[i].text == texts[2 * i + 1]);
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(sender_ears.stamps[i].token == 100 + 3 * i);
  for (const Outgoing& each : messages) CHECK(each.failed == 0);
  CHECK_FALSE(pair.sender.awaits_stamps());
}

TEST_CASE("host udp messages: of several, one that cannot leave does not hold back the others") {
  Pair pair;
  Ears ears{pair.loop, pair.receiver};
  Ears sender_ears{pair.loop, pair.sender};
  const std::string text = "hello";
  for (std::uint32_t round = 0; round < 5; ++round) {
    std::vector<Outgoing> messages;
    for (std::uint32_t i = 0; i < 6; ++i) {
      const Endpoint to = i == 2 ? Endpoint{kHere, 0, 0} : pair.receiver.local();
      messages.push_back({octets_of(text), to, 10 * round + i + 1});
    }
    pair.sender.send_many(messages);
    for (std::size_t i = 0; i < 6; ++i) CHECK((messages[i].failed != 0) == (i == 2));
    REQUIRE(ears.hear(5 * (round + 1)));
    // Who was numbered is in doubt, so that not all of those behind it are stamped; a token that is
    // told is the right one, and the next message is certain again.
    REQUIRE(pair.send(text, 1'000 + round) == 0);
    CHECK(run_until(pair.loop, [&] {
      return !sender_ears.stamps.empty() && sender_ears.stamps.back().token == 1'000 + round;
    }));
  }
}

TEST_CASE("host udp messages: without notes the destination is the address bound") {
  UdpOptions options = unicast_options();
  options.notes = false;
  Pair pair{unicast_options(), options};
  Ears ears{pair.loop, pair.receiver};
  REQUIRE(pair.send("hello") == 0);
  REQUIRE(ears.hear(1));
  const Datagram& datagram = ears.heard[0].datagram;
  CHECK(datagram.to == kHere);
  CHECK(datagram.from == pair.sender.local());
  CHECK(datagram.interface == 0);
  CHECK_FALSE(datagram.hop_limit);
}
