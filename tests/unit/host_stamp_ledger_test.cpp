// SPDX-License-Identifier: MIT
#include "common/host/stamp_ledger.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace timecast;

namespace {

constexpr Duration kMs = Duration::milliseconds(1);

Timestamp<Realtime> at(std::int64_t ms) {
  return Timestamp<Realtime>{Duration::seconds(1'700'000'000) + kMs * ms};
}

// A ledger and the number that the kernel gives the next datagram that asks for a stamp.
struct Socket {
  StampLedger ledger;
  std::uint32_t kernel = 0;

  std::uint32_t send(std::uint32_t token, std::int64_t ms) {
    ledger.sent(token, at(ms));
    return kernel++;
  }
  // A send that fails early uses up no number, one that fails late does.
  void fail_early() { ledger.failed(); }
  void fail_late() {
    ledger.failed();
    ++kernel;
  }
};

using Token = std::optional<std::uint32_t>;

}  // namespace

TEST_CASE("host stamp ledger: stamps go to their tokens, in whatever order they come") {
  Socket socket;
  const auto first = socket.send(101, 0);
  const auto second = socket.send(102, 1);
  const auto third = socket.send(103, 2);
  CHECK(socket.ledger.take(second, at(3)) == Token{102});
  CHECK(socket.ledger.take(third, at(3)) == Token{103});
  CHECK(socket.ledger.take(first, at(3)) == Token{101});
}

TEST_CASE("host stamp ledger: a stamp counts once") {
  Socket socket;
  const auto number = socket.send(101, 0);
  CHECK(socket.ledger.take(number, at(1)) == Token{101});
  CHECK(socket.ledger.take(number, at(1)) == std::nullopt);
  CHECK(socket.ledger.take(socket.send(102, 2), at(3)) == Token{102});
}

TEST_CASE("host stamp ledger: a datagram whose stamp never comes hinders no other") {
  Socket socket;
  socket.send(101, 0);
  CHECK(socket.ledger.may_ask(at(1)));
  CHECK(socket.ledger.take(socket.send(102, 1), at(2)) == Token{102});
}

TEST_CASE("host stamp ledger: numbers wrap after 2^32 datagrams") {
  Socket socket;
  // There the quick way: the kernel counted something that we did not.
  socket.kernel = 0xFFFF'FFFD;
  for (const std::uint32_t step : {0x7FFF'FFFEU, 0xFFFF'FFFCU}) {
    CHECK(socket.ledger.take(step, at(0)) == std::nullopt);
  }
  for (std::uint32_t token = 1; token <= 6; ++token) {
    CAPTURE(token);
    CHECK(socket.ledger.take(socket.send(token, 1), at(2)) == Token{token});
  }
  CHECK(socket.kernel == 3);
}

TEST_CASE("host stamp ledger: after failed sends a stamp still finds its token") {
  for (int late = 0; late <= 3; ++late) {
    CAPTURE(late);
    Socket socket;
    for (int i = 0; i < 3; ++i) {
      if (i < late) socket.fail_late();
      if (i >= late) socket.fail_early();
    }
    CHECK(socket.ledger.may_ask(at(0)));
    const auto doubtful = socket.send(101, 0);
    CHECK_FALSE(socket.ledger.may_ask(at(1)));  // until that one's number is known
    CHECK(socket.ledger.take(doubtful, at(2)) == Token{101});
    CHECK(socket.ledger.may_ask(at(2)));
    const auto certain = socket.send(102, 3);
    CHECK(socket.ledger.may_ask(at(3)));
    CHECK(socket.ledger.take(socket.send(103, 4), at(5)) == Token{103});
    CHECK(socket.ledger.take(certain, at(5)) == Token{102});
  }
}

TEST_CASE("host stamp ledger: a failed send does not disturb stamps that are under way") {
  Socket socket;
  const auto before = socket.send(101, 0);
  socket.fail_late();
  const auto after = socket.send(102, 1);
  CHECK(socket.ledger.take(before, at(2)) == Token{101});
  CHECK(socket.ledger.take(after, at(2)) == Token{102});
}

TEST_CASE("host stamp ledger: a number beyond the doubt belongs to nobody") {
  Socket socket;
  socket.fail_early();
  socket.send(101, 0);
  CHECK(socket.ledger.take(2, at(1)) == std::nullopt);
}

TEST_CASE("host stamp ledger: an overdue stamp ends the waiting, and comes too late") {
  Socket socket;
  socket.fail_late();
  const auto late = socket.send(101, 0);
  CHECK_FALSE(socket.ledger.may_ask(at(999)));
  CHECK(socket.ledger.may_ask(at(1000)));
  const auto next = socket.send(102, 1000);
  // Its number is within the range of the next one's, but it is older than that one.
  CHECK(late + 1 == next);
  CHECK(socket.ledger.take(late, at(999)) == std::nullopt);
  CHECK(socket.ledger.take(next, at(1001)) == Token{102});
  CHECK(socket.ledger.may_ask(at(1001)));
}

TEST_CASE("host stamp ledger: a clock that was set ends the waiting too") {
  Socket socket;
  socket.fail_early();
  socket.send(101, 0);
  CHECK(socket.ledger.may_ask(at(-5000)));
}

TEST_CASE("host stamp ledger: numbers that the kernel counted alone are caught up with") {
  Socket socket;
  socket.send(101, 0);
  socket.kernel += 5;
  const auto ahead = socket.kernel++;
  CHECK(socket.ledger.take(ahead, at(1)) == std::nullopt);
  CHECK(socket.ledger.take(0, at(1)) == std::nullopt);  // whose was it?
  CHECK(socket.ledger.take(socket.send(102, 2), at(3)) == Token{102});
}

TEST_CASE("host stamp ledger: a number of the past changes nothing") {
  Socket socket;
  for (std::uint32_t token = 0; token < 10; ++token) {
    CHECK(socket.ledger.take(socket.send(token, 0), at(1)) == Token{token});
  }
  const auto number = socket.send(101, 2);
  CHECK(socket.ledger.take(3, at(2)) == std::nullopt);
  CHECK(socket.ledger.take(number, at(3)) == Token{101});
}

TEST_CASE("host stamp ledger: of more stamps than it remembers, the newest count") {
  Socket socket;
  constexpr std::uint32_t kSent = StampLedger::kCapacity + 10;
  for (std::uint32_t token = 0; token < kSent; ++token) socket.send(token, 0);
  for (std::uint32_t number = 0; number < kSent; ++number) {
    CAPTURE(number);
    const Token expected = number < 10 ? Token{} : Token{number};
    CHECK(socket.ledger.take(number, at(1)) == expected);
  }
}
