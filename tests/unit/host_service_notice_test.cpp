// SPDX-License-Identifier: MIT
#include "common/host/service_notice.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "common/host/daemon_frame.hpp"
#include "common/host/host_clock.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/host_service_manager.hpp"

using namespace timecast;

namespace {

using Texts = std::vector<std::string>;

ServiceManager manager_at(const std::string& socket) { return {socket, std::nullopt}; }

std::string unused_name() { return "@timecast-test-" + std::to_string(::getpid()); }

// What the environment names, in a child process: it is the whole process's.
std::string named_by(const std::string& socket, const std::string& us, const std::string& pid) {
  return output_of([&] {
           const auto put = [](const char* name, const std::string& value) {
             if (!value.empty()) ::setenv(name, value.c_str(), 1);
           };
           put("NOTIFY_SOCKET", socket);
           put("WATCHDOG_USEC", us);
           put("WATCHDOG_PID", pid == "mine" ? std::to_string(::getpid()) : pid);
           const ServiceManager manager = service_manager();
           const std::string text =
               manager.socket + ' ' +
               (manager.watchdog ? std::to_string(manager.watchdog->count_ns()) : "never");
           return ::write(STDOUT_FILENO, text.data(), text.size()) > 0 ? 0 : 1;
         })
      .out;
}

}  // namespace

TEST_CASE("service notice: the environment names the manager, and a watchdog if it is for us") {
  struct Row {
    const char* socket;
    const char* us;
    const char* pid;
    const char* named;
  };
  for (const Row& row : {
           Row{"", "", "", " never"},
           Row{"/run/systemd/notify", "", "", "/run/systemd/notify never"},
           Row{"@name", "3000000", "", "@name 3000000000"},
           Row{"@name", "3000000", "mine", "@name 3000000000"},
           Row{"@name", "3000000", "1", "@name never"}, Row{"@name", "0", "", "@name never"},
           Row{"@name", "3s", "", "@name never"},
           Row{"@name", "18446744073709551615", "", "@name never"},  // systemd's word for none
       }) {
    CAPTURE(row.us);
    CAPTURE(row.pid);
    CHECK(named_by(row.socket, row.us, row.pid) == row.named);
  }
}

TEST_CASE("service notice: it is told at a path and at a name alike") {
  const TemporaryDirectory directory;
  for (const std::string& socket : {directory / "notify", unused_name()}) {
    CAPTURE(socket);
    ListeningManager manager{socket};
    ServiceNotice notice{manager_at(socket)};
    notice.ready();
    notice.alive();
    notice.stopping();
    CHECK(manager.heard() == Texts{"READY=1", "WATCHDOG=1", "STOPPING=1"});
  }
}

TEST_CASE("service notice: a status is told once for each change, in one line") {
  ListeningManager manager{unused_name()};
  ServiceNotice notice{manager_at(unused_name())};
  notice.status("searching");
  notice.status("searching");
  notice.status("two\nREADY=1");
  CHECK(manager.heard() == Texts{"STATUS=searching", "STATUS=two READY=1"});
}

TEST_CASE("service notice: ready is told once, and once more after a reload with its instant") {
  ListeningManager manager{unused_name()};
  ServiceNotice notice{manager_at(unused_name())};
  notice.ready();
  notice.ready();
  const auto now_us = [] {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
  };
  const std::int64_t before = now_us();
  notice.reloading();
  const std::int64_t after = now_us();
  notice.reloaded();
  notice.reloaded();
  const Texts heard = manager.heard();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0] == "READY=1");
  const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
  REQUIRE(heard[1].starts_with(head));
  const std::int64_t told = std::stoll(heard[1].substr(head.size()));
  CHECK(told >= before);
  CHECK(told <= after);
  CHECK(heard[2] == "READY=1");
}

TEST_CASE("service notice: a reload before it is ready makes it no readier") {
  ListeningManager manager{unused_name()};
  ServiceNotice notice{manager_at(unused_name())};
  notice.reloading();
  notice.reloaded();
  CHECK(manager.heard().empty());
}

TEST_CASE("service notice: half the watchdog's time is the pace, where there is somebody to tell") {
  const ListeningManager manager{unused_name()};
  const Duration limit = Duration::seconds(3);
  CHECK(ServiceNotice{{unused_name(), limit}}.pace() == Duration::milliseconds(1500));
  CHECK(ServiceNotice{{unused_name(), Duration::microseconds(1)}}.pace() ==
        Duration::milliseconds(1));
  CHECK_FALSE(ServiceNotice{{unused_name(), std::nullopt}}.pace());
  CHECK_FALSE(ServiceNotice{{"", limit}}.pace());
}

TEST_CASE("service notice: without a manager nothing is said") {
  const ChildOutput output = output_of([] {
    ServiceNotice notice{ServiceManager{}};
    notice.ready();
    notice.stopping();
    return 0;
  });
  CHECK(output.exit_code == 0);
  CHECK(output.err == "");
}

TEST_CASE("service notice: a manager that cannot be told is one warning") {
  const TemporaryDirectory directory;
  struct Row {
    std::string socket;
    const char* reason;
  };
  for (const Row& row : {
           Row{"notify", "it is neither a path from the root nor @ and a name"},
           Row{"@", "it is neither a path from the root nor @ and a name"},
           Row{"/" + std::string(107, 'x'), "it has 108 octets, and may have 107"},
           Row{directory / "nobody", "no such file or directory"},
           Row{unused_name() + "-nobody", "connection refused"},
       }) {
    CAPTURE(row.socket);
    const ChildOutput output = output_of([&] {
      ServiceNotice notice{manager_at(row.socket)};
      notice.ready();
      notice.status("searching");
      notice.stopping();
      return 0;
    });
    CHECK(output.exit_code == 0);
    const std::string told =
        ": the service manager cannot be told how this program is, by $NOTIFY_SOCKET: ";
    const std::size_t at = output.err.find(told);
    REQUIRE(at != std::string::npos);
    CHECK(output.err.substr(at + told.size()) == std::string{row.reason} + '\n');
  }
}

TEST_CASE("service notice: a manager that does not read is waited for a moment, not for ever") {
  const std::string socket = unused_name();
  const ListeningManager manager{socket};
  const ChildOutput output = output_of([&] {
    ServiceNotice notice{manager_at(socket)};
    const Timestamp<Boot> begin = boot_now();
    constexpr int kMoreThanFit = 10'000;
    for (int i = 0; i < kMoreThanFit && boot_now() - begin < Duration::milliseconds(90); ++i) {
      notice.alive();
    }
    return boot_now() - begin < Duration::seconds(30) ? 0 : 1;
  });
  CHECK(output.exit_code == 0);
  CHECK(output.err.find("resource temporarily unavailable") != std::string::npos);
}

TEST_CASE("daemon frame: settings that are read anew, or refused, are told from beginning to end") {
  const std::string socket = unused_name();
  ListeningManager manager{socket};
  const ChildOutput output = output_of([&] {
    ::setenv("NOTIFY_SOCKET", socket.c_str(), 1);
    DaemonFrame frame;
    if (!frame.start()) return 99;
    const auto refuse = [&]() -> Result<std::string> {
      frame.loop().stop();
      return because(Error{"no"});
    };
    if (!frame.reload_on_hangup(refuse)) return 98;
    frame.service().ready();
    if (::raise(SIGHUP) != 0) return 97;
    frame.loop().run();
    return 7;
  });
  CHECK(output.exit_code == 7);
  const Texts heard = manager.heard();
  REQUIRE(heard.size() == 3);
  CHECK(heard[0] == "READY=1");
  CHECK(heard[1].starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(heard[2] == "READY=1");
}

TEST_CASE("daemon frame: the loop keeps the watchdog quiet, and tells that it ends") {
  const std::string socket = unused_name();
  ListeningManager manager{socket};
  const ChildOutput output = output_of([&] {
    ::setenv("NOTIFY_SOCKET", socket.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "20000", 1);
    DaemonFrame frame;
    if (!frame.start()) return 99;
    auto enough = DeadlineTimer::create(frame.loop(), [] { static_cast<void>(::raise(SIGTERM)); });
    if (!enough) return 98;
    enough->arm(boot_now() + Duration::milliseconds(60));
    frame.loop().run();
    return 7;
  });
  CHECK(output.exit_code == 7);
  const Texts heard = manager.heard();
  REQUIRE(heard.size() >= 2);
  for (std::size_t i = 0; i + 1 < heard.size(); ++i) CHECK(heard[i] == "WATCHDOG=1");
  CHECK(heard.back() == "STOPPING=1");
}
