// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
#include <errno.h>
#include <stdlib.h>

#include <cstddef>
#include <string>
#include <string_view>

#include <timecast/listener/status.hpp>
#include <timecast/now.hpp>
#include <timecast/uv_listener.hpp>

#include "common/host/host_clock.hpp"
#include "common/host/places.hpp"
#include "listener/daemon/page_values.hpp"
#include "listener/daemon/shared_page.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Duration kAhead = Duration::seconds(1'000'000);

ListenerStatus synchronised(const Moment& now) {
  ListenerStatus s;
  s.state = State::synchronised;
  s.reason = Reason::agreeing;
  s.offset = kAhead;
  s.error = Duration::microseconds(10);
  s.bound = Duration::milliseconds(1);
  s.leap = Leap::insert_second;
  s.lateness_bounded = true;
  s.valid_until = now.boot + Duration::seconds(1'000);
  return s;
}

SharedPage daemon_at(const std::string& path) {
  const Moment now = read_moment();
  auto page = SharedPage::open(path, page_values(synchronised, now, now.boot));
  REQUIRE(page);
  return std::move(*page);
}

timecast_time asked() {
  timecast_time time{};
  time.size = sizeof time;
  return time;
}

}  // namespace

static_assert(sizeof(timecast_time) == 88 && offsetof(timecast_time, time_ns) == 16 &&
              offsetof(timecast_time, lateness_bounded) == 80);

TEST_CASE("timecast_now: this host's clock and the offset that was written, within microseconds") {
  const TemporaryDirectory directory;
  const SharedPage page = daemon_at(directory / "page");
  int error = 1;
  timecast_clock* const clock = timecast_open((directory / "page").c_str(), &error);
  REQUIRE(clock != nullptr);
  CHECK(error == 0);
  timecast_time time = asked();
  const Duration before = realtime_now().since_epoch() + kAhead;
  CHECK(timecast_now(clock, &time) == 0);
  const Duration after = realtime_now().since_epoch() + kAhead;
  const Duration slack = Duration::microseconds(100);
  CHECK(time.time_ns >= (before - slack).count_ns());
  CHECK(time.time_ns <= (after + slack).count_ns());
  CHECK(time.bound_ns >= 1'000'000);
  CHECK(time.size == sizeof time);
  timecast_close(clock);
}

TEST_CASE("timecast_now: bad arguments leave what they point to alone") {
  const TemporaryDirectory directory;
  timecast_clock* const clock = timecast_open((directory / "page").c_str(), nullptr);
  REQUIRE(clock != nullptr);
  timecast_time time = asked();
  CHECK(timecast_now(nullptr, &time) == -EINVAL);
  CHECK(timecast_now(clock, nullptr) == -EINVAL);
  time.size = sizeof time - 1;
  time.state = 77;
  CHECK(timecast_now(clock, &time) == -EINVAL);
  CHECK(time.state == 77);
  timecast_close(clock);
  timecast_close(nullptr);
}

TEST_CASE("timecast_now: a caller with a longer struct is told how much of it is filled") {
  const TemporaryDirectory directory;
  const SharedPage page = daemon_at(directory / "page");
  timecast_clock* const clock = timecast_open((directory / "page").c_str(), nullptr);
  REQUIRE(clock != nullptr);
  timecast_time time = asked();
  time.size += 8;
  CHECK(timecast_now(clock, &time) == 0);
  CHECK(time.size == sizeof time);
  timecast_close(clock);
}

TEST_CASE("timecast_open: without a path the page below XDG_RUNTIME_DIR is found") {
  const TemporaryDirectory runtime;
  REQUIRE(make_directories(runtime / "timecast-listener", 0755));
  const SharedPage page = daemon_at(runtime / "timecast-listener/page");
  const ChildOutput output = output_of([&] {
    ::setenv("XDG_RUNTIME_DIR", runtime.path().c_str(), 1);
    const auto places = control_socket_places("timecast-listener", std::nullopt);
    if (parent_of(places.back()) + "/page" != page.path()) return 2;
    SharedClock clock;
    return clock.now() ? 0 : 1;
  });
  CHECK(output.exit_code == 0);
}

TEST_CASE("SharedClock: the same as values of C++") {
  const TemporaryDirectory directory;
  const SharedPage page = daemon_at(directory / "page");
  SharedClock clock{(directory / "page").c_str()};
  const auto now = clock.now();
  REQUIRE(now);
  CHECK(clock.error() == 0);
  CHECK(now->time.time_since_epoch().count() == clock.last().time_ns);
  CHECK(now->latest - now->time == now->bound);
  CHECK(now->time - now->earliest == now->bound);
  CHECK(now->error < now->bound);
  CHECK(now->state == TIMECAST_SYNCHRONISED);
  CHECK(now->leap == TIMECAST_LEAP_INSERT);
  CHECK(now->lateness_bounded);
  CHECK(std::string_view{clock.why()} == sentence_for(Reason::agreeing));
}

TEST_CASE("SharedClock: without a page there is no value, and the way out in words") {
  const TemporaryDirectory directory;
  SharedClock clock{(directory / "page").c_str()};
  CHECK(clock.error() == -ENOENT);
  CHECK_FALSE(clock.now());
  CHECK(clock.error() == -ENOENT);
  CHECK(std::string_view{clock.why()} == timecast_error_text(-ENOENT));
}

TEST_CASE("timecast_now's words: those of the daemon") {
  for (auto state = State::searching; state <= State::lost;
       state = static_cast<State>(static_cast<int>(state) + 1)) {
    CHECK(std::string_view{timecast_state_text(static_cast<std::uint32_t>(state))} ==
          to_string(state));
  }
  for (auto reason = Reason::nothing_heard; reason <= Reason::announcers_disagree;
       reason = static_cast<Reason>(static_cast<int>(reason) + 1)) {
    CHECK(std::string_view{timecast_reason_text(static_cast<std::uint32_t>(reason))} ==
          sentence_for(reason));
  }
}

TEST_CASE("timecast_now's words: each of the reader's own has a sentence, and so has each error") {
  for (std::uint32_t reason = TIMECAST_NO_PAGE; reason <= TIMECAST_CLOCKS_DIFFER; ++reason) {
    CHECK(std::string_view{timecast_reason_text(reason)} != "unnamed");
  }
  CHECK(std::string_view{timecast_reason_text(TIMECAST_CLOCKS_DIFFER + 1)} == "unnamed");
  const std::string_view other = timecast_error_text(-EIO);
  for (const int error : {0, -ENODATA, -ENOENT, -EPROTO, -ESTALE, -EAGAIN, -EINVAL, -ENOMEM}) {
    CAPTURE(error);
    CHECK(std::string_view{timecast_error_text(error)} != other);
  }
  CHECK(std::string_view{timecast_now_version()} == TIMECAST_VERSION);
}
