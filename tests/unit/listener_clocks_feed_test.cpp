// SPDX-License-Identifier: MIT
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "listener/clocks/chrony_feed.hpp"
#include "listener/clocks/shm_feed.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kAt{Duration::nanoseconds(1'790'000'000'123'456'789)};
constexpr Moment kNow{kAt, {}, {}};

static_assert(sizeof(ChronySample) == 40 && offsetof(ChronySample, magic) == 36);
static_assert(sizeof(ShmTime) == 96 && offsetof(ShmTime, valid) == 48 &&
              offsetof(ShmTime, receive_ns) == 56);

ListenerStatus status_of(State state, std::uint32_t announcements) {
  ListenerStatus status;
  status.state = state;
  status.announcements = announcements;
  status.offset = -Duration::nanoseconds(250'000'111);
  status.error = Duration::microseconds(3);
  status.leap = Leap::insert_second;
  return status;
}

// Counts what it is given, and refuses it while told to.
class CountingFeed final : public Feed {
 public:
  CountingFeed(bool trust_tentative, std::vector<std::string>& said)
      : Feed{"somebody", trust_tentative,
             [&said](Level, std::string_view text) { said.emplace_back(text); }} {}
  std::vector<TimeSample> samples;
  bool refuses = false;

 private:
  Result<void> put(const TimeSample& sample) override {
    if (refuses) return because(Error{"somebody is away"});
    samples.push_back(sample);
    return {};
  }
};

// What chronyd is: a datagram socket with a name.
class ChronySocket {
 public:
  explicit ChronySocket(const std::string& path)
      : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::unlink(path.c_str());
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  std::optional<ChronySample> receive() {
    ChronySample sample{};
    if (::recv(fd_.get(), &sample, sizeof sample, 0) != sizeof sample) return std::nullopt;
    return sample;
  }

 private:
  UniqueFd fd_;
};

}  // namespace

TEST_CASE("feed: a sample goes out for each announcement, and only of time to be trusted") {
  struct Row {
    State state;
    bool trust_tentative;
    std::size_t samples;
  };
  const Row rows[] = {
      {State::searching, true, 0},     {State::tentative, false, 0}, {State::tentative, true, 2},
      {State::synchronised, false, 2}, {State::holdover, true, 0},   {State::lost, true, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.state));
    std::vector<std::string> said;
    CountingFeed feed{row.trust_tentative, said};
    for (const std::uint32_t announcements : {1U, 1U, 2U}) {
      feed.vouch(status_of(row.state, announcements), kNow);
    }
    CHECK(feed.samples.size() == row.samples);
    CHECK_FALSE(feed.steers());
  }
}

TEST_CASE("feed: who does not take samples is named once, and once more when he does again") {
  std::vector<std::string> said;
  CountingFeed feed{false, said};
  std::uint32_t announcements = 0;
  const auto give = [&](bool refuses) {
    feed.refuses = refuses;
    feed.vouch(status_of(State::synchronised, ++announcements), kNow);
  };
  give(false);
  give(true);
  give(true);
  CHECK(feed.describe() == "somebody: somebody is away");
  give(false);
  CHECK(said ==
        std::vector<std::string>{"somebody is fed", "somebody is away", "somebody is fed again"});
  CHECK(feed.describe() == "somebody: 2 samples given");
}

TEST_CASE("chrony feed: a sample says by how much the true time is ahead, and of a leap second") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/s";
  ChronySocket chronyd{path};
  ChronyFeed feed{path, false, [](Level, std::string_view) {}};
  feed.vouch(status_of(State::synchronised, 1), kNow);
  const auto sample = chronyd.receive();
  REQUIRE(sample);
  CHECK(sample->at.tv_sec == 1'790'000'000);
  CHECK(sample->at.tv_usec == 123'456);
  CHECK(sample->offset_s == doctest::Approx(-0.250000111).epsilon(1e-12));
  CHECK(sample->pulse == 0);
  CHECK(sample->leap == 1);
  CHECK(sample->magic == 0x534f434b);
  CHECK_FALSE(chronyd.receive());
}

TEST_CASE("chrony feed: a chronyd that is not there is named with the line it needs, then found") {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/s";
  std::vector<std::string> said;
  ChronyFeed feed{path, false, [&said](Level, std::string_view text) { said.emplace_back(text); }};
  feed.vouch(status_of(State::synchronised, 1), kNow);
  REQUIRE(said.size() == 1);
  CHECK(said[0] == "cannot feed chronyd at " + path +
                       ": no such file or directory; start chronyd with: refclock SOCK " + path +
                       " refid CAST poll 2 filter 4 stratum 2 delay 0.002");
  for (int start = 0; start < 2; ++start) {  // and after it has started anew
    ChronySocket chronyd{path};
    const auto first = static_cast<std::uint32_t>(10 * (start + 1));
    for (std::uint32_t n = first; n < first + 3; ++n) {
      feed.vouch(status_of(State::synchronised, n), kNow);
    }
    for (int n = 0; n < 3; ++n) CHECK(chronyd.receive());
    CHECK_FALSE(chronyd.receive());
  }
}

TEST_CASE("shm feed: the segment holds both instants, and its count frames the writing") {
  ShmTime segment{};
  segment.count = 6;
  write_shm({kAt, -Duration::nanoseconds(250'000'111), Leap::delete_second, Log2Seconds{-18}},
            segment);
  CHECK(segment.mode == 1);
  CHECK(segment.count == 8);
  CHECK(segment.valid == 1);
  CHECK(segment.receive_s == 1'790'000'000);
  CHECK(segment.receive_us == 123'456);
  CHECK(segment.receive_ns == 123'456'789);
  CHECK(segment.clock_s == 1'789'999'999);
  CHECK(segment.clock_us == 873'456);
  CHECK(segment.clock_ns == 873'456'678);
  CHECK(segment.leap == 2);
  CHECK(segment.precision == -18);
}
