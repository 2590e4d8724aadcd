// SPDX-License-Identifier: MIT
#include "common/host/clock_keeper.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "common/host/clock_programs.hpp"
#include "common/host/clock_service.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/unique_fd.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Boot> kNow{Duration::seconds(1'000)};
constexpr Duration kSoon = Duration::milliseconds(200);

// A kernel that does all it is told.
int obedient(timex* request) {
  request->freq = 77;
  return TIME_INS;
}

ClockService obedient_service(ClockRights rights = {}) {
  ClockService service;
  service.rights = std::move(rights);
  service.calls = {obedient};
  return service;
}

KeeperRequest request(unsigned modes) {
  KeeperRequest made;
  made.call.modes = modes;
  made.not_after_ns = kNow.since_epoch().count_ns();
  return made;
}

// A keeper's socket, as the service manager makes it.
class Place {
 public:
  Place() : fd_{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), address.sun_path);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_.get(), 16) == 0);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  TemporaryDirectory directory_;
  std::string path_ = directory_ / "clock";
  UniqueFd fd_;
};

// Serves as often, beside the test.
class Keeper {
 public:
  Keeper(const Place& place, const ClockService& service, int times)
      : thread_{[&place, service, times] {
          for (int i = 0; i < times; ++i) serve_one(place.fd(), service);
        }} {}
  ~Keeper() { thread_.join(); }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

 private:
  std::thread thread_;
};

class Named {
 public:
  explicit Named(const std::string& socket) { ::setenv(kKeeperVariable, socket.c_str(), 1); }
  ~Named() { ::unsetenv(kKeeperVariable); }
  Named(const Named&) = delete;
  Named& operator=(const Named&) = delete;
};

}  // namespace

TEST_CASE("clock service: without rights the clock may be read and nothing of it set") {
  const ClockService service = obedient_service();
  const KeeperAnswer read = service.answer(request(0), kNow);
  CHECK(read.failure == 0);
  CHECK(read.state == TIME_INS);
  CHECK(read.call.freq == 77);
  for (unsigned mode = 0; mode < 32; ++mode) {
    CHECK(service.answer(request(1U << mode), kNow).failure == EACCES);
  }
}

TEST_CASE("clock service: what the rights allow is done, and until its time alone") {
  const ClockService service =
      obedient_service([](const timex& call, Timestamp<Boot>) { return call.modes == ADJ_STATUS; });
  CHECK(service.answer(request(ADJ_STATUS), kNow).failure == 0);
  CHECK(service.answer(request(ADJ_TICK), kNow).failure == EACCES);
  CHECK(service.answer(request(ADJ_STATUS), kNow + Duration::nanoseconds(1)).failure == ETIME);
  // A reader can wait.
  CHECK(service.answer(request(0), kNow + Duration::seconds(1)).failure == 0);
}

TEST_CASE("clock service: what the kernel refuses is told with its reason") {
  ClockService service;
  service.calls = {[](timex*) {
    errno = EPERM;
    return -1;
  }};
  CHECK(service.answer(request(0), kNow).failure == EPERM);
}

TEST_CASE("clock service: another version, and what it does not know, is refused") {
  const ClockService service = obedient_service();
  KeeperRequest other = request(0);
  other.version = 2;
  CHECK(service.answer(other, kNow).failure == EPROTO);
  KeeperRequest unknown = request(0);
  unknown.ask = static_cast<KeeperAsk>(9);
  CHECK(service.answer(unknown, kNow).failure == EPROTO);
}

TEST_CASE("clock service: programs that keep clocks are told by a bit each, by what they may") {
  const TemporaryDirectory proc;
  int pid = 300;
  // The last may set the clock.
  for (const char* const name : {"ntpd", "sshd", "phc2sys"}) {
    const std::string folder = proc / std::to_string(++pid);
    std::filesystem::create_directory(folder);
    put_file(folder + "/comm", std::string{name} + "\n");
    put_file(folder + "/stat", std::to_string(pid) + " (" + name + ") S 1 1\n");
    put_file(folder + "/status", pid == 303 ? "N:\nCapEff:\t0000000002000000\n" : "N:\n");
  }
  ClockService service = obedient_service();
  service.proc = proc.path();
  KeeperRequest asked;
  asked.ask = KeeperAsk::clock_programs;
  const KeeperAnswer answer = service.answer(asked, kNow);
  for (std::size_t i = 0; i < kClockPrograms.size(); ++i) {
    CHECK((answer.programs.keeping >> i & 1U) == (kClockPrograms[i] == "phc2sys" ? 1U : 0U));
    CHECK((answer.programs.powerless >> i & 1U) == (kClockPrograms[i] == "ntpd" ? 1U : 0U));
  }
  CHECK(answer.may_set_clock == 0);  // it has no rights to give
}

TEST_CASE("clock keeper: this host's clock is read through it as it is read without it") {
  const Place place;
  const KernelClock direct = read_kernel_clock();
  const Named named{place.path()};
  const Keeper keeper{place, ClockService{}, 1};
  const KernelClock asked = read_kernel_clock();
  CHECK(asked.failure == direct.failure);
  CHECK(asked.synchronised == direct.synchronised);
  CHECK(asked.tick_us == direct.tick_us);
}

TEST_CASE("clock keeper: a process that names none calls the kernel itself") {
  CHECK((host_kernel_calls().adjtimex == kKernelCalls.adjtimex));
  const Named named{"/nonexistent/clock"};
  CHECK((host_kernel_calls().adjtimex != kKernelCalls.adjtimex));
}

TEST_CASE("clock keeper: what it refuses is told with its reason") {
  const Place place;
  const Named named{place.path()};
  const Keeper keeper{place, obedient_service(), 1};
  timex call{};
  call.modes = ADJ_TAI;
  CHECK(host_kernel_calls().adjtimex(&call) == -1);
  CHECK(errno == EACCES);
}

TEST_CASE("clock keeper: one that is not there is told of at once, one that hangs in time") {
  const Place place;  // nobody serves
  const std::string long_path(200, 'x');
  for (const std::string& socket :
       {std::string{"/nonexistent/clock"}, std::string{}, long_path, place.path()}) {
    CAPTURE(socket);
    const Timestamp<Boot> before = boot_now();
    CHECK(ask_keeper(socket, {}, kSoon).failure == kKeeperSilent);
    CHECK(boot_now() - before < kSoon * 10);
  }
  timex call{};
  const Named named{"/nonexistent/clock"};
  CHECK(host_kernel_calls().adjtimex(&call) == -1);
  CHECK(errno == kKeeperSilent);
  CHECK(untold_text(errno) ==
        "the kernel does not tell whether this host's clock is synchronised: who holds it for "
        "this service does not answer at /nonexistent/clock");
}

TEST_CASE("clock keeper: one that was ended and started anew is asked as before") {
  const Place place;
  for (int i = 0; i < 3; ++i) {
    const Keeper keeper{place, obedient_service(), 1};
    CHECK(ask_keeper(place.path(), {}, Duration::seconds(5)).state == TIME_INS);
  }
}

TEST_CASE("clock keeper: a set that waited for a dead keeper is not made by the next one") {
  const Place place;
  KeeperRequest set;
  set.call.modes = ADJ_STATUS;
  CHECK(ask_keeper(place.path(), set, kSoon).failure == kKeeperSilent);
  ClockService service = obedient_service([](const timex&, Timestamp<Boot>) {
    FAIL_CHECK("it was counted");
    return true;
  });
  service.calls = {[](timex*) {
    FAIL_CHECK("it was made");
    return 0;
  }};
  pollfd waits{place.fd(), POLLIN, 0};
  REQUIRE(::poll(&waits, 1, 0) == 1);
  serve_one(place.fd(), service);
  CHECK(::poll(&waits, 1, 0) == 0);  // it was looked at
}

TEST_CASE("clock service: who says nothing, or nonsense, is dropped and harms nobody else") {
  const Place place;
  const auto connected = [&place] {
    UniqueFd fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(place.path().begin(), place.path().end(), address.sun_path);
    REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
  };
  const UniqueFd silent = connected();
  const UniqueFd gone = connected();
  const UniqueFd short_one = connected();
  const UniqueFd long_one = connected();
  const char octets[sizeof(KeeperRequest) + 1] = {};
  REQUIRE(::send(gone.get(), octets, sizeof(KeeperRequest), 0) > 0);
  REQUIRE(::shutdown(gone.get(), SHUT_RDWR) == 0);
  REQUIRE(::send(short_one.get(), octets, 1, 0) == 1);
  REQUIRE(::send(long_one.get(), octets, sizeof octets, 0) > 0);
  for (int i = 0; i < 4; ++i) serve_one(place.fd(), obedient_service());
  char answer = 0;
  CHECK(::recv(short_one.get(), &answer, 1, 0) == 0);
  const Keeper keeper{place, obedient_service(), 1};
  CHECK(ask_keeper(place.path(), {}, Duration::seconds(5)).failure == 0);
}

TEST_CASE("clock service: who is started without a socket says how it is started") {
  const auto found = inherited_socket();
  REQUIRE_FALSE(found);
  CHECK(found.error().text.find("systemd-socket-activate") != std::string::npos);
}
