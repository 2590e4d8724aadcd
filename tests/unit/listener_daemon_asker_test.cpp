// SPDX-License-Identifier: MIT
#include "listener/daemon/asker.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/host_loop.hpp"

using namespace timecast;

namespace {

constexpr Address kLoopback = Address::ipv4(127, 0, 0, 1);

// A server at loopback that answers what it is sent with the same.
class Echo {
 public:
  explicit Echo(Loop& loop) {
    UdpOptions options;
    options.bind_address = kLoopback;
    PolledSocket::Callbacks callbacks;
    callbacks.on_datagram = [this](UdpSocket& by, const Datagram& datagram) {
      ports.push_back(datagram.from.port);
      if (answers) CHECK(by.send(datagram.octets, datagram.from) == 0);
    };
    auto opened = PolledSocket::open(loop, options, std::move(callbacks));
    REQUIRE(opened);
    socket = std::move(*opened);
  }
  std::optional<PolledSocket> socket;
  std::vector<std::uint16_t> ports;  // from which it was asked
  bool answers = true;
};

struct Bench {
  Bench() : asker{loop, callbacks()} {}

  Asker::Callbacks callbacks() {
    return {
        [this](const Datagram& reply, const AskedBy& /*asked*/) { replies.push_back(reply.from); },
        [this](QueryToken token, const Moment&) { sent.push_back(token); },
        [this](QueryToken token, Timestamp<Realtime>) { stamped.push_back(token); }};
  }

  void ask(const Endpoint& to, QueryToken token) {
    Effect effect;
    effect.to = to;
    effect.octets = octets;
    effect.token = token;
    asker.send(effect, chosen);
  }
  [[nodiscard]] Endpoint address_of(const Echo& echo) const {
    Endpoint to = (*echo.socket)->local();
    to.interface = chosen.front().interface.index;
    return to;
  }

  Loop loop;
  std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(48, 7);
  std::vector<ChosenInterface> chosen = choose_interfaces({"127.0.0.1"}, list_interfaces());
  std::vector<Endpoint> replies;
  std::vector<QueryToken> sent;
  std::vector<QueryToken> stamped;
  Asker asker;
};

}  // namespace

TEST_CASE("asker: each query leaves by a port of its own, and its reply is handed over") {
  Bench bench;
  Echo echo{bench.loop};
  const Endpoint to = bench.address_of(echo);
  bench.ask(to, 5);
  bench.ask(to, 6);
  CHECK(bench.sent == std::vector<QueryToken>{5, 6});
  CHECK(run_until(bench.loop, [&] { return bench.replies.size() == 2; }));
  CHECK(bench.replies[0] == to);
  REQUIRE(echo.ports.size() == 2);
  CHECK(echo.ports[0] != echo.ports[1]);
  CHECK(echo.ports[0] != to.port);
}

TEST_CASE("asker: a departure is told again when the kernel's stamp of it comes") {
  Bench bench;
  Echo echo{bench.loop};
  if (!(*echo.socket)->abilities().transmit_stamps) {
    MESSAGE("skipped: asker: this kernel gives no transmit stamps");
    return;
  }
  bench.ask(bench.address_of(echo), 5);
  CHECK(run_until(bench.loop, [&] { return !bench.stamped.empty(); }));
  CHECK(bench.stamped == std::vector<QueryToken>{5});
}

TEST_CASE("asker: an answer that is overdue finds nobody") {
  Bench bench;
  Echo echo{bench.loop};
  echo.answers = false;
  bench.ask(bench.address_of(echo), 5);
  CHECK(run_until(bench.loop, [&] { return echo.ports.size() == 1; }));
  const Timestamp<Boot> asked = boot_now();
  const Endpoint asker{kLoopback, echo.ports[0], 0};
  const auto answer_late = [&] { return (*echo.socket)->send(bench.octets, asker); };
  bench.asker.close_old(asked + Duration::seconds(1));
  CHECK(answer_late() == 0);
  CHECK(run_until(bench.loop, [&] { return bench.replies.size() == 1; }));
  bench.asker.close_old(asked + Duration::seconds(3));
  CHECK(answer_late() == 0);
  run_for(bench.loop, Duration::milliseconds(5));
  CHECK(bench.replies.size() == 1);
}

TEST_CASE("asker: without an address to ask from nothing is sent") {
  Bench bench;
  Echo echo{bench.loop};
  Endpoint elsewhere = bench.address_of(echo);
  elsewhere.interface = 0;
  bench.ask(elsewhere, 5);
  CHECK(bench.sent.empty());
  run_for(bench.loop, Duration::milliseconds(5));
  CHECK(echo.ports.empty());
}
