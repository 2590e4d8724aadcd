// SPDX-License-Identifier: MIT
#include "common/host/polled_socket.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/unit/host_loop.hpp"

using namespace timecast;

namespace {

constexpr Address kLoopback = Address::ipv4(127, 0, 0, 1);

UdpOptions at_loopback() {
  UdpOptions options;
  options.bind_address = kLoopback;
  options.receive_buffer = 1 << 14;
  return options;
}

PolledSocket opened(Loop& loop, PolledSocket::Callbacks callbacks = {}) {
  auto socket = PolledSocket::open(loop, at_loopback(), std::move(callbacks));
  REQUIRE(socket);
  return std::move(*socket);
}

Octets octets_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(const Datagram& datagram) {
  return {datagram.octets.begin(), datagram.octets.end()};
}

}  // namespace

TEST_CASE("polled socket: hands over what arrives, and the socket to answer by") {
  Loop loop;
  std::vector<std::string> heard;
  PolledSocket::Callbacks answering;
  answering.on_datagram = [](UdpSocket& socket, const Datagram& datagram) {
    CHECK(socket.send(datagram.octets, datagram.from) == 0);
  };
  PolledSocket::Callbacks asking;
  asking.on_datagram = [&](UdpSocket&, const Datagram& d) { heard.push_back(text_of(d)); };
  const PolledSocket far = opened(loop, std::move(answering));
  const PolledSocket near = opened(loop, std::move(asking));
  REQUIRE(near->send(octets_of("one"), far->local()) == 0);
  REQUIRE(near->send(octets_of("two"), far->local()) == 0);
  CHECK(run_until(loop, [&] { return heard.size() == 2; }));
  CHECK(heard == std::vector<std::string>{"one", "two"});
}

TEST_CASE("polled socket: a stamp is handed over before the reply that came with it") {
  Loop loop;
  std::string order;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [&](UdpSocket&, const Datagram&) { order += 'd'; };
  callbacks.on_stamp = [&](const TransmitStamp& stamp) { order += stamp.token == 7 ? 's' : '?'; };
  const PolledSocket socket = opened(loop, std::move(callbacks));
  if (!socket->abilities().transmit_stamps) {
    MESSAGE("skipped: polled socket: this kernel gives no transmit stamps");
    return;
  }
  REQUIRE(socket->send(octets_of("to myself"), socket->local(), 7) == 0);
  CHECK(run_until(loop, [&] { return order.size() == 2; }));
  CHECK(order == "sd");
}

TEST_CASE("polled socket: without callbacks what comes is read and dropped") {
  Loop loop;
  int heard = 0;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [&](UdpSocket&, const Datagram&) { ++heard; };
  const PolledSocket deaf = opened(loop);
  const PolledSocket near = opened(loop, std::move(callbacks));
  REQUIRE(deaf->send(octets_of("to myself"), deaf->local(), 1) == 0);
  REQUIRE(deaf->send(octets_of("to another"), near->local()) == 0);
  CHECK(run_until(loop, [&] { return heard == 1; }));
}

TEST_CASE("polled socket: a callback may destroy another socket that is ready too") {
  Loop loop;
  std::optional<PolledSocket> first;
  std::optional<PolledSocket> second;
  int heard = 0;
  const auto destroys = [&](std::optional<PolledSocket>& other) {
    PolledSocket::Callbacks callbacks;
    callbacks.on_datagram = [&](UdpSocket&, const Datagram&) {
      ++heard;
      other.reset();
    };
    return opened(loop, std::move(callbacks));
  };
  first = destroys(second);
  second = destroys(first);
  const PolledSocket far = opened(loop);
  REQUIRE(far->send(octets_of("x"), (*first)->local()) == 0);
  REQUIRE(far->send(octets_of("x"), (*second)->local()) == 0);
  CHECK(run_until(loop, [&] { return heard > 0; }));
  run_for(loop, Duration::milliseconds(5));
  CHECK(heard == 1);
  CHECK(first.has_value() != second.has_value());
}

TEST_CASE("polled socket: it can move while it is polled") {
  Loop loop;
  int heard = 0;
  std::vector<PolledSocket> sockets;
  for (int i = 0; i < 20; ++i) {
    PolledSocket::Callbacks callbacks;
    callbacks.on_datagram = [&](UdpSocket&, const Datagram&) { ++heard; };
    sockets.push_back(opened(loop, std::move(callbacks)));
    REQUIRE(sockets.front()->send(octets_of("x"), sockets.back()->local()) == 0);
  }
  CHECK(run_until(loop, [&] { return heard == 20; }));
}

TEST_CASE("polled socket: what cannot be opened is an error") {
  Loop loop;
  UdpOptions wildcard;
  wildcard.bind_address = Address::ipv4(0, 0, 0, 0);
  CHECK_FALSE(PolledSocket::open(loop, wildcard, {}));
}

TEST_CASE("polled socket: who reads himself may pause it meanwhile, and loses nothing") {
  Loop loop;
  int heard = 0;
  int turns = 0;
  PolledSocket::Callbacks callbacks;
  callbacks.on_readable = [&](UdpSocket& socket, PollHandle& poll) {
    ++turns;
    poll.pause();
    const int count = socket.receive([&](const Datagram&) { ++heard; }, 1);
    poll.resume();
    return count != 0;
  };
  const PolledSocket far = opened(loop, std::move(callbacks));
  const PolledSocket near = opened(loop);
  for (int i = 0; i < 36; ++i) REQUIRE(near->send(octets_of("x"), far->local()) == 0);
  CHECK(run_until(loop, [&] { return heard == 36; }));
  CHECK(turns >= 3);  // 16 at once
}

TEST_CASE("polled socket: once its stamp has come none is awaited") {
  Loop loop;
  int turns = 0;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [&](UdpSocket&, const Datagram&) { ++turns; };
  const PolledSocket socket = opened(loop, std::move(callbacks));
  REQUIRE(socket->send(octets_of("x"), socket->local(), 7) == 0);
  CHECK(run_until(loop, [&] { return turns == 1; }));
  run_for(loop, Duration::milliseconds(5));
  CHECK_FALSE(socket->awaits_stamps());
}
