// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/host/atomic_file.hpp"
#include "listener/clocks/frequency_memory.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

ListenerStatus status_of(State state, double ppb, double error_ppb) {
  ListenerStatus status;
  status.state = state;
  status.raw_frequency = FrequencyPpb{ppb};
  status.raw_frequency_error = FrequencyPpb{error_ppb};
  return status;
}

Moment at(int seconds) { return {{}, {}, Timestamp<Boot>{Duration::seconds(seconds)}}; }

struct Bench {
  TemporaryDirectory directory;
  std::vector<std::string> said;
  LogSink log = [this](Level, std::string_view text) { said.emplace_back(text); };
  std::string file = directory / "listener.frequency";
};

}  // namespace

TEST_CASE("frequency memory: what was found is there for the next listener") {
  Bench bench;
  {
    FrequencyMemory memory{bench.directory.path(), bench.log};
    CHECK_FALSE(memory.load());
    memory.note(status_of(State::synchronised, -12'345.5, 50), at(100));
  }
  FrequencyMemory next{bench.directory.path(), bench.log};
  const auto known = next.load();
  REQUIRE(known);
  CHECK(known->frequency == FrequencyPpb{-12'345.5});
  CHECK(known->error == FrequencyPpb{20'000});  // a cold crystal
  CHECK(bench.said.empty());
}

TEST_CASE("frequency memory: is written after a minute and then every ten") {
  Bench bench;
  FrequencyMemory memory{bench.directory.path(), bench.log};
  std::vector<int> written;
  for (int second = 0; second <= 1'300; ++second) {
    memory.note(status_of(State::synchronised, second, 50), at(second));
    if (!file_exists(bench.file)) continue;
    written.push_back(second);
    std::filesystem::remove(bench.file);
  }
  CHECK(written == std::vector<int>{60, 660, 1'260});
}

TEST_CASE("frequency memory: what is not known well is not kept") {
  for (const ListenerStatus& status :
       {status_of(State::synchronised, 1, 1'001), status_of(State::tentative, 1, 50),
        status_of(State::holdover, 1, 50), status_of(State::searching, 1, 50)}) {
    Bench bench;
    { FrequencyMemory{bench.directory.path(), bench.log}.note(status, at(1'000)); }
    CHECK_FALSE(file_exists(bench.file));
  }
}

TEST_CASE("frequency memory: a file that holds none is told, and found anew") {
  for (const char* text : {"", "{}", "nonsense", R"({"frequency_ppb":2e6,"error_ppb":1})",
                           R"({"frequency_ppb":1,"error_ppb":-1})", R"({"frequency_ppb":"1"})"}) {
    CAPTURE(text);
    Bench bench;
    put_file(bench.file, text);
    FrequencyMemory memory{bench.directory.path(), bench.log};
    CHECK_FALSE(memory.load());
    REQUIRE(bench.said.size() == 1);
    CHECK(bench.said[0] == bench.file + ": holds no frequency; it is found anew");
  }
}

TEST_CASE("frequency memory: a directory that cannot be written is told once") {
  Bench bench;
  put_file(bench.directory / "file", "");
  FrequencyMemory memory{bench.directory / "file", bench.log};
  for (int second = 0; second <= 2'000; ++second) {
    memory.note(status_of(State::synchronised, 1, 50), at(second));
  }
  CHECK(bench.said.size() == 1);
}
