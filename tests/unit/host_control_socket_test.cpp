// SPDX-License-Identifier: MIT
#include "common/host/control_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/host/atomic_file.hpp"
#include "tests/unit/host_control.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Duration kShort = Duration::milliseconds(40);
constexpr Duration kLong = Duration::seconds(600);
constexpr std::size_t kMuch = 8U << 20;  // more than a socket's buffers take

// A server that answers "you said LINE", and what it was asked.
struct Echo {
  explicit Echo(Duration patience = kLong) {
    auto listening = ControlServer::listen(loop, place, handler(), patience);
    REQUIRE(listening);
    server = std::move(*listening);
  }
  ControlServer::Handler handler() {
    return [this](const ControlRequest& request) {
      asked.emplace_back(request.line);
      return request.line == "much" ? std::string(kMuch, 'x')
                                    : "you said " + std::string{request.line};
    };
  }

  TemporaryDirectory directory;
  std::string place = directory / "run/control";
  std::vector<std::string> asked;
  Loop loop;
  std::optional<ControlServer> server;
};

}  // namespace

TEST_CASE("host control socket: who asks gets one answer to one line") {
  Echo echo;
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
  CHECK(ask(echo.loop, {echo.place}, "") == "you said ");
  CHECK(echo.asked == std::vector<std::string>{"status", ""});
}

TEST_CASE("host control socket: a line may come in pieces, and what follows it is ignored") {
  Echo echo;
  RawClient client{echo.place};
  client.say("sta");
  run_for(echo.loop, Duration::milliseconds(1));
  CHECK(echo.asked.empty());
  client.say("tus\nmore\n");
  CHECK(run_until(echo.loop, [&] { return client.is_closed(); }));
  CHECK(client.heard() == "you said status\n");
  CHECK(echo.asked == std::vector<std::string>{"status"});
}

TEST_CASE("host control socket: a line that does not end is no request") {
  Echo echo;
  RawClient client{echo.place};
  client.say("forget all but the first");
  client.hang_up();
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
  CHECK(echo.asked == std::vector<std::string>{"status"});
}

TEST_CASE("host control socket: a request has a greatest length") {
  Echo echo;
  const std::string longest(ControlServer::kMaxRequestOctets - 1, 'a');
  RawClient fits{echo.place}, wordy{echo.place};
  fits.say(longest + '\n');
  wordy.say(longest + 'a');
  CHECK(run_until(echo.loop, [&] { return fits.is_closed() && wordy.is_closed(); }));
  CHECK(fits.heard() == "you said " + longest + '\n');
  CHECK(wordy.heard().empty());
  CHECK(echo.asked.size() == 1);
}

TEST_CASE("host control socket: a client that says nothing is dropped in time") {
  Echo echo{kShort};
  RawClient client{echo.place};
  const auto start = boot_now();
  CHECK(run_until(echo.loop, [&] { return client.is_closed(); }));
  // The loop's clock counts whole milliseconds.
  CHECK(boot_now() - start > kShort - Duration::milliseconds(2));
}

TEST_CASE("host control socket: a client that does not read holds up nobody") {
  Echo echo;
  RawClient slow{echo.place};
  slow.say("much\n");
  CHECK(run_until(echo.loop, [&] { return !echo.asked.empty(); }));
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
  CHECK_FALSE(slow.is_closed());
}

TEST_CASE("host control socket: a client that does not read is dropped in time") {
  Echo echo{kShort};
  RawClient slow{echo.place};
  slow.say("much\n");
  CHECK(run_until(echo.loop, [&] { return slow.has_lost_its_server(); }));
  CHECK(slow.is_closed());
  CHECK(slow.heard().size() < kMuch);
}

TEST_CASE("host control socket: an answer longer than all buffers arrives whole") {
  Echo echo;
  const auto answer = ask(echo.loop, {echo.place}, "much");
  REQUIRE(answer);
  CHECK(*answer == std::string(kMuch, 'x'));
}

TEST_CASE("host control socket: when all places are taken, the oldest client makes room") {
  Echo echo;
  std::vector<RawClient> idle;
  for (std::size_t i = 0; i < ControlServer::kMaxClients; ++i) idle.emplace_back(echo.place);
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
  CHECK(idle[0].is_closed());
  for (std::size_t i = 1; i < idle.size(); ++i) CHECK_FALSE(idle[i].is_closed());
}

TEST_CASE("host control socket: a client that goes before its answer does no harm") {
  Echo echo;
  std::optional<RawClient> client;
  echo.server.reset();
  auto server = ControlServer::listen(echo.loop, echo.place, [&](const ControlRequest& request) {
    client.reset();
    return "you said " + std::string{request.line};
  });
  REQUIRE(server);
  client.emplace(echo.place);
  client->say("status\n");
  CHECK(run_until(echo.loop, [&] { return !client; }));
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
}

TEST_CASE("host control socket: a handler may destroy its server") {
  Echo echo;
  echo.server.reset();
  auto listening = ControlServer::listen(echo.loop, echo.place, [&](const ControlRequest&) {
    echo.server.reset();
    return std::string{"gone"};
  });
  REQUIRE(listening);
  echo.server = std::move(*listening);
  RawClient client{echo.place};
  client.say("stop\n");
  CHECK(run_until(echo.loop, [&] { return client.is_closed(); }));
  CHECK_FALSE(echo.server);
}

TEST_CASE("host control socket: anybody may connect, and the directory is made") {
  const Echo echo;
  CHECK(echo.server->place() == echo.place);
  CHECK(mode_of(echo.place) == 0666);
  CHECK(mode_of(echo.directory / "run") == 0755);
}

TEST_CASE("host control socket: only root and the daemon's own user may change things") {
  if (::geteuid() != 0) {
    std::cout << "skipped: host control socket: another user may not change things: needs root\n";
    return;
  }
  Echo echo;
  REQUIRE(::chmod(echo.directory.path().c_str(), 0755) == 0);
  std::vector<bool> may_change;
  echo.server.reset();
  auto server = ControlServer::listen(echo.loop, echo.place, [&](const ControlRequest& request) {
    may_change.push_back(request.may_change);
    return std::string{"yes"};
  });
  REQUIRE(server);
  for (const uid_t user : {uid_t{0}, uid_t{65534}}) {
    std::cout.flush();  // or the child could write it a second time
    const pid_t child = ::fork();
    if (child == 0) {
      const bool is_user = ::setresuid(user, user, user) == 0;
      ::_exit(is_user && control_request({echo.place}, "x", Duration::seconds(60)) ? 0 : 1);
    }
    const std::size_t before = may_change.size();
    CHECK(run_until(echo.loop, [&] { return may_change.size() > before; }));
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(may_change == std::vector<bool>{true, false});
}

TEST_CASE("host control socket: a second server for one place is refused, and the first goes on") {
  Echo echo;
  const auto second = ControlServer::listen(echo.loop, echo.place, echo.handler());
  REQUIRE_FALSE(second);
  CHECK(second.error().text == "another program listens at " + echo.place +
                                   "; stop it, or name another place with --socket");
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
}

TEST_CASE("host control socket: of two servers that start at once, one is refused") {
  Echo echo;
  const std::string place = echo.directory / "contested";
  {
    // The other one is about to listen.
    const UniqueFd lock{::open((place + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    REQUIRE(::flock(lock.get(), LOCK_EX) == 0);
    const auto refused = ControlServer::listen(echo.loop, place, echo.handler());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text ==
          "another program listens at " + place + "; stop it, or name another place with --socket");
  }
  CHECK(ControlServer::listen(echo.loop, place, echo.handler()));
}

TEST_CASE("host control socket: a place where somebody else listens is left alone") {
  Echo echo;
  const std::string place = echo.directory / "foreign";
  const UniqueFd foreign{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = control_address(place);
  REQUIRE(::bind(foreign.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) ==
          0);
  REQUIRE(::listen(foreign.get(), 1) == 0);

  const auto refused = ControlServer::listen(echo.loop, place, echo.handler());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text ==
        "another program listens at " + place + "; stop it, or name another place with --socket");
  const RawClient still_reaches_it{place};
}

TEST_CASE("host control socket: what a program that crashed left behind is replaced") {
  Echo echo;
  const std::string place = echo.directory / "left";
  {
    const UniqueFd crashed{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = control_address(place);
    REQUIRE(::bind(crashed.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) ==
            0);
  }
  REQUIRE(file_exists(place));
  const auto server = ControlServer::listen(echo.loop, place, echo.handler());
  REQUIRE(server);
  CHECK(ask(echo.loop, {place}, "status") == "you said status");
}

TEST_CASE("host control socket: what is no socket is never replaced, and is called what it is") {
  Echo echo;
  const std::string file = echo.directory / "precious";
  put_file(file, "content");
  struct Row {
    std::string place;
    const char* what;
  };
  const std::size_t before = echo.directory.count();
  for (const Row& row : {Row{file, "a file"}, Row{echo.directory.path(), "a directory"},
                         Row{echo.directory.path() + "/", "a directory"}}) {
    CAPTURE(row.place);
    const auto refused = ControlServer::listen(echo.loop, row.place, echo.handler());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == "cannot listen at " + row.place + ": there is " + row.what +
                                      ", which is no socket; name another place with --socket");
  }
  CHECK(file_content(file) == "content");
  CHECK(echo.directory.count() == before);
}

TEST_CASE("host control socket: the file goes with the server, unless it is another's by now") {
  Echo echo;
  ControlServer moved = std::move(*echo.server);
  echo.server.reset();
  CHECK(file_exists(echo.place));
  CHECK(ask(echo.loop, {echo.place}, "status") == "you said status");
  CHECK(file_exists(echo.place + ".lock"));
  { const ControlServer gone = std::move(moved); }
  CHECK_FALSE(file_exists(echo.place));
  CHECK_FALSE(file_exists(echo.place + ".lock"));

  auto again = ControlServer::listen(echo.loop, echo.place, echo.handler());
  REQUIRE(again);
  REQUIRE(::unlink(echo.place.c_str()) == 0);
  put_file(echo.place, "another's");
  again = because(Error{});
  CHECK(file_content(echo.place) == "another's");
}

TEST_CASE("host control socket: a place that cannot be used is an error with the way out") {
  Echo echo;
  const std::string file = echo.directory / "file";
  put_file(file, "");
  const std::string long_place = echo.directory / std::string(120, 'a');
  struct Row {
    std::string place;
    std::string text;
  };
  const Row rows[] = {
      {long_place, '"' + long_place + "\": the path of a socket has 1 to 107 octets, this has " +
                       std::to_string(long_place.size()) + "; name another with --socket"},
      {file + "/control",
       "cannot make the directory " + file + ": file exists; name another place with --socket"},
  };
  for (const Row& row : rows) {
    const auto refused = ControlServer::listen(echo.loop, row.place, echo.handler());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text == row.text);
  }
}

TEST_CASE("host control socket: without free descriptors clients wait and the loop does not spin") {
  Echo echo;
  bool over = false;
  auto timer = DeadlineTimer::create(echo.loop, [&] { over = true; });
  REQUIRE(timer);
  RawClient client{echo.place};
  client.say("status\n");

  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const int lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(::close(lowest_free) == 0);
  const rlimit none_free{static_cast<rlim_t>(lowest_free), limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none_free) == 0);
  timer->arm(boot_now() + Duration::milliseconds(20));
  int turns = 0;
  while (!over) {
    echo.loop.run_once();
    ++turns;
  }
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);

  CHECK(turns < 100);
  CHECK(echo.asked.empty());
  CHECK(run_until(echo.loop, [&] { return client.is_closed(); }));
  CHECK(client.heard() == "you said status\n");
}
