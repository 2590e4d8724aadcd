// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include "tests/unit/host_control.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Duration kShort = Duration::milliseconds(20);

// A socket at a place where nobody reads, or, with no backlog, nobody listens.
UniqueFd deaf_socket(const std::string& place, int backlog) {
  UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = control_address(place);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0);
  if (backlog >= 0) REQUIRE(::listen(fd.get(), backlog) == 0);
  return fd;
}

}  // namespace

TEST_CASE("host control request: the first place where a daemon listens answers") {
  const TemporaryDirectory directory;
  Loop loop;
  const auto answering = [&](const char* name) {
    auto server = ControlServer::listen(
        loop, directory / name, [name](const ControlRequest&) { return std::string{name}; });
    REQUIRE(server);
    return std::move(*server);
  };
  const ControlServer one = answering("one"), other = answering("other");
  CHECK(ask(loop, {one.place(), other.place()}, "who") == "one");
  CHECK(ask(loop, {directory / "none", other.place(), one.place()}, "who") == "other");
}

TEST_CASE("host control request: without a daemon the error has each place with its reason") {
  const TemporaryDirectory directory;
  const std::string missing = directory / "missing", dead = directory / "dead";
  const UniqueFd nobody_listens = deaf_socket(dead, -1);
  const auto answer = control_request({missing, dead}, "status", kShort);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text ==
        "no daemon answers (" + missing + ": no such file or directory, " + dead +
            ": connection refused); is it running? if it is, name its socket with --socket");
}

TEST_CASE("host control request: a daemon that does not answer is given up in time") {
  const TemporaryDirectory directory;
  const std::string place = directory / "hung";
  const UniqueFd hung = deaf_socket(place, 1);
  const auto start = boot_now();
  const auto answer = control_request({place, directory / "other"}, "status", kShort);
  CHECK(boot_now() - start >= kShort);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text == "no answer at " + place + ": connection timed out");
}

TEST_CASE("host control request: a daemon whose queue is full is given up in time") {
  const TemporaryDirectory directory;
  const std::string place = directory / "full";
  const UniqueFd full = deaf_socket(place, 0);
  const RawClient waiting{place};
  const auto answer = control_request({place}, "status", kShort);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text == "no daemon answers (" + place +
                                   ": it is busy); is it running? if it is, name its socket with "
                                   "--socket");
}

TEST_CASE("host control request: an answer may be empty, or have many lines") {
  const TemporaryDirectory directory;
  Loop loop;
  for (const std::string& text : {std::string{}, std::string{"one\ntwo\n\n"}}) {
    const auto server = ControlServer::listen(loop, directory / "control",
                                              [&](const ControlRequest&) { return text; });
    REQUIRE(server);
    CHECK(ask(loop, {server->place()}, "status") == text);
  }
}

TEST_CASE("host control request: an answer that is cut off is none") {
  const TemporaryDirectory directory;
  Loop loop;
  const std::string place = directory / "control";
  const UniqueFd listener = deaf_socket(place, 1);
  for (const std::string& said : {std::string{}, std::string{"half of"}}) {
    const auto hangs_up = PollHandle::start(loop, listener.get(), [&] {
      const UniqueFd client{::accept(listener.get(), nullptr, nullptr)};
      ::send(client.get(), said.data(), said.size(), MSG_NOSIGNAL);
      std::array<char, 64> request{};
      ::recv(client.get(), request.data(), request.size(), 0);
    });
    REQUIRE(hangs_up);
    const auto answer = ask(loop, {place}, "status");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().text == "no answer at " + place + ": it was cut off");
  }
}

TEST_CASE("host control request: an answer without end is cut off") {
  const TemporaryDirectory directory;
  Loop loop;
  const std::string place = directory / "control";
  const auto server = ControlServer::listen(
      loop, place, [](const ControlRequest&) { return std::string(16U << 20, 'x'); },
      Duration::seconds(600));
  REQUIRE(server);
  const auto answer = ask(loop, {place}, "status");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text == "no answer at " + place + ": message too long");
}

TEST_CASE("host control request: what cannot be a request is not sent") {
  const std::string longest(ControlServer::kMaxRequestOctets - 1, 'a');
  for (const std::string& request : {longest + "a", std::string{"a\nb"}, std::string{"a\n"}}) {
    const auto answer = control_request({"/nowhere"}, request, kShort);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().text == "a request is one line of at most 4095 octets");
  }
}
