// SPDX-License-Identifier: MIT
#include "listener/clocks/word_memory.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr std::int64_t kBooted = 1'793'491'200;

// So many seconds after a boot, by a clock that is ahead of that one's.
constexpr Moment moment(std::int64_t after_boot, Duration ahead = {}) {
  return {Timestamp<Realtime>{Duration::seconds(kBooted + after_boot) + ahead},
          Timestamp<Raw>{Duration::seconds(after_boot)},
          Timestamp<Boot>{Duration::seconds(after_boot)}};
}

struct Host {
  TemporaryDirectory state;
  std::vector<std::string> log;
  WordMemory listener() {
    return {state.path(), [this](Level, std::string_view text) { log.emplace_back(text); }};
  }
};

}  // namespace

TEST_CASE("kernel's word: who vouched is known to the next listener of the same boot") {
  Host host;
  CHECK_FALSE(host.listener().was_ours(moment(10)));
  host.listener().note(true, moment(20));
  CHECK(host.listener().was_ours(moment(21)));
  CHECK(host.listener().was_ours(moment(900'000, Duration::milliseconds(-1'900))));
  CHECK(host.log.empty());
}

TEST_CASE("kernel's word: after another boot, or another setting of the clock, it is not ours") {
  Host host;
  host.listener().note(true, moment(20));
  for (const std::int64_t ahead_s : {2, 60, 86'400, -3, -86'400}) {
    CAPTURE(ahead_s);
    CHECK_FALSE(host.listener().was_ours(moment(20, Duration::seconds(ahead_s))));
  }
}

TEST_CASE("kernel's word: one that was left to another program is that one's") {
  Host host;
  WordMemory listener = host.listener();
  listener.note(true, moment(20));
  listener.note(false, moment(30));
  CHECK_FALSE(host.listener().was_ours(moment(40)));
  CHECK(host.state.count() == 0);
  host.listener().note(false, moment(50));  // nothing to forget
  CHECK(host.log.empty());
}

TEST_CASE("kernel's word: while there is none, nothing is written or forgotten") {
  Host host;
  host.listener().note(std::nullopt, moment(10));
  CHECK(host.state.count() == 0);
  host.listener().note(true, moment(20));
  host.listener().note(std::nullopt, moment(30));
  CHECK(host.listener().was_ours(moment(40)));
}

TEST_CASE("kernel's word: it stays ours when the clock is stepped while we keep it") {
  Host host;
  WordMemory listener = host.listener();
  listener.note(true, moment(20));
  listener.note(true, moment(30, Duration::seconds(3'600)));
  CHECK(host.listener().was_ours(moment(40, Duration::seconds(3'600))));
}

TEST_CASE("kernel's word: it is written once, not every second") {
  Host host;
  WordMemory listener = host.listener();
  listener.note(true, moment(20));
  std::filesystem::remove_all(host.state.path());
  listener.note(true, moment(21));
  CHECK_FALSE(std::filesystem::exists(host.state.path()));
}

TEST_CASE("kernel's word: a file that holds none is none") {
  for (const char* const text : {"", "{}", "{\"booted_s\":\"x\"}", "rubbish"}) {
    CAPTURE(text);
    Host host;
    put_file(host.state / "listener.word", text);
    CHECK_FALSE(host.listener().was_ours(moment(10)));
  }
}

TEST_CASE("kernel's word: a directory that cannot be written is told once") {
  std::vector<std::string> log;
  WordMemory listener{"/proc/nothing",
                      [&log](Level, std::string_view text) { log.emplace_back(text); }};
  listener.note(true, moment(20));
  listener.note(true, moment(21));
  REQUIRE(log.size() == 1);
  CHECK(log[0].ends_with("name another with --state-dir"));
}

TEST_CASE("kernel's word: what could not be written once is written when it can be") {
  Host host;
  const std::string place = host.state / "state";
  put_file(place, "where a directory should be");
  WordMemory listener{place,
                      [&host](Level, std::string_view text) { host.log.emplace_back(text); }};
  for (int i = 20; i < 25; ++i) listener.note(true, moment(i));
  CHECK(host.log.size() == 1);
  REQUIRE(std::filesystem::remove(place));
  listener.note(true, moment(25));
  const WordMemory next{place, [](Level, std::string_view) {}};
  CHECK(next.was_ours(moment(30)));
  CHECK(host.log.size() == 1);
}
