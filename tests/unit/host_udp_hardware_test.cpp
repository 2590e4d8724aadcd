// SPDX-License-Identifier: MIT
//
// A UDP socket on a card that stamps, as the kernel would tell it of one.
#include <time.h>
// After time.h, whose types it uses.
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/host/host_clock.hpp"
#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration kBehind = Duration::seconds(1'000'000);  // the card's clock
constexpr std::uint32_t kOneNumber = 0;                     // the kernel's first

timespec time_of(Duration since_epoch) {
  const std::int64_t ns = since_epoch.count_ns();
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

// What the kernel will say of its and the card's stamps; a zero is none.
struct Told {
  std::optional<std::uint32_t> number;  // of a datagram sent
  scm_timestamping stamps{};
};

Told told(std::optional<Timestamp<Realtime>> kernel, std::optional<Timestamp<Realtime>> card,
          std::optional<std::uint32_t> number = std::nullopt) {
  Told each{number, {}};
  if (kernel) each.stamps.ts[0] = time_of(kernel->since_epoch());
  if (card) each.stamps.ts[2] = time_of(card->since_epoch() - kBehind);
  return each;
}

struct Kernel {
  std::deque<Told> arrivals, departures;
  std::vector<int> asked;               // flags of SO_TIMESTAMPING
  std::uint32_t asked_of_datagram = 0;  // the same beside the last one sent
  bool knows_hardware = true;
};
Kernel* kernel = nullptr;

template <class Value>
void put(msghdr& message, std::size_t& used, int level, int type, const Value& value) {
  cmsghdr header{};
  header.cmsg_len = CMSG_LEN(sizeof value);
  header.cmsg_level = level;
  header.cmsg_type = type;
  auto* const at = static_cast<std::uint8_t*>(message.msg_control) + used;
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + CMSG_LEN(0), &value, sizeof value);
  used += CMSG_SPACE(sizeof value);
}

void put_notes(msghdr& message, const Told& each) {
  std::size_t used = 0;
  put(message, used, SOL_SOCKET, SO_TIMESTAMPING, each.stamps);
  if (each.number) {
    sock_extended_err report{};
    report.ee_errno = ENOMSG;
    report.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
    report.ee_info = SCM_TSTAMP_SND;
    report.ee_data = *each.number;
    put(message, used, IPPROTO_IP, IP_RECVERR, report);
  }
  message.msg_controllen = used;
}

constexpr SocketCalls kStamping{
    ::socket,
    ::bind,
    [](int fd, int level, int option, const void* value, socklen_t length) noexcept {
      if (level == SOL_SOCKET && option == SO_TIMESTAMPING) {
        int flags = 0;
        std::memcpy(&flags, value, sizeof flags);
        kernel->asked.push_back(flags);
        if ((flags & SOF_TIMESTAMPING_RAW_HARDWARE) != 0 && !kernel->knows_hardware) {
          errno = EINVAL;
          return -1;
        }
        return 0;
      }
      return ::setsockopt(fd, level, option, value, length);
    },
    [](int /*fd*/, const msghdr* message, int /*flags*/) {
      kernel->asked_of_datagram = 0;
      if (message->msg_control != nullptr) {
        std::memcpy(&kernel->asked_of_datagram,
                    static_cast<const std::uint8_t*>(message->msg_control) + CMSG_LEN(0),
                    sizeof kernel->asked_of_datagram);
      }
      return ssize_t{5};
    },
    [](int /*fd*/, msghdr* message, int /*flags*/) {
      if (kernel->departures.empty()) {
        errno = EAGAIN;
        return ssize_t{-1};
      }
      put_notes(*message, kernel->departures.front());
      kernel->departures.pop_front();
      return ssize_t{0};
    },
    [](int /*fd*/, mmsghdr* messages, unsigned /*count*/, int /*flags*/, timespec* /*timeout*/) {
      if (kernel->arrivals.empty()) {
        errno = EAGAIN;
        return -1;
      }
      put_notes(messages[0].msg_hdr, kernel->arrivals.front());
      messages[0].msg_len = 0;
      kernel->arrivals.pop_front();
      return 1;
    }};

std::shared_ptr<HardwareClock> known_clock() {
  const Moment now = read_moment();
  auto clock = std::make_shared<HardwareClock>();
  for (const std::int64_t ago : {2, 1, 0}) {
    const Timestamp<Realtime> at = now.realtime - Duration::seconds(ago);
    const ClockSandwich only[] = {
        {at - us(1), Timestamp<Hardware>{at.since_epoch() - kBehind}, at + us(1)}};
    REQUIRE(clock->read(only, realtime_gap(now)) == HardwareClock::Reading::kept);
  }
  return clock;
}

struct Bench {
  explicit Bench(std::shared_ptr<HardwareClock> clock = known_clock()) {
    kernel = &fake;
    UdpOptions options = unicast_options();
    options.hardware_clock = std::move(clock);
    socket.emplace(opened(options, kStamping));
  }
  ~Bench() { kernel = nullptr; }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Datagram arrive(const Told& each) {
    fake.arrivals.push_back(each);
    const auto heard = receive_all(*socket);
    REQUIRE(heard.size() == 1);
    return heard[0].datagram;
  }
  // Of one datagram sent, with the token 7.
  std::vector<TransmitStamp> depart(std::optional<Duration> kernel_later,
                                    std::optional<Duration> card_later) {
    REQUIRE(socket->send(octets_of("hello"), socket->local(), 7) == 0);
    now = realtime_now();
    if (kernel_later) fake.departures.push_back(told(now + *kernel_later, {}, kOneNumber));
    if (card_later) fake.departures.push_back(told({}, now + *card_later, kOneNumber));
    std::vector<TransmitStamp> stamps;
    socket->drain_transmit_stamps([&](const TransmitStamp& each) { stamps.push_back(each); });
    return stamps;
  }

  Kernel fake;
  Timestamp<Realtime> now = realtime_now();
  std::optional<UdpSocket> socket;
};

bool is_near(Timestamp<Realtime> a, Timestamp<Realtime> b) {
  return magnitude(a - b) <= Duration::nanoseconds(10);
}

constexpr int kHardwareFlags =
    SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_OPT_TX_SWHW;

}  // namespace

TEST_CASE("host udp hardware: nothing of it is asked for without a clock that converts") {
  Bench bench{nullptr};
  REQUIRE(bench.fake.asked.size() == 1);
  CHECK((bench.fake.asked[0] & kHardwareFlags) == 0);
  CHECK_FALSE(bench.socket->abilities().hardware_stamps);
  const auto stamps = bench.depart(us(20), std::nullopt);
  CHECK(bench.fake.asked_of_datagram == SOF_TIMESTAMPING_TX_SOFTWARE);
  REQUIRE(stamps.size() == 1);
  CHECK_FALSE(stamps[0].better_may_come);
}

TEST_CASE("host udp hardware: both stamps are asked for, of one datagram sent as well") {
  Bench bench;
  REQUIRE(bench.fake.asked.size() == 1);
  CHECK((bench.fake.asked[0] & kHardwareFlags) == kHardwareFlags);
  CHECK((bench.fake.asked[0] & SOF_TIMESTAMPING_SOFTWARE) != 0);
  CHECK(bench.socket->abilities().hardware_stamps);
  bench.depart(std::nullopt, std::nullopt);
  CHECK(bench.fake.asked_of_datagram ==
        (SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE));
}

TEST_CASE("host udp hardware: a kernel that knows none of it gives its own stamps") {
  Kernel old;
  old.knows_hardware = false;
  kernel = &old;
  UdpOptions options = unicast_options();
  options.hardware_clock = known_clock();
  const UdpSocket socket = opened(options, kStamping);
  kernel = nullptr;
  CHECK_FALSE(socket.abilities().hardware_stamps);
  CHECK(socket.abilities().transmit_stamps);
  CHECK(socket.abilities().receive_stamps);
}

TEST_CASE("host udp hardware: an arrival has the card's stamp where that is to be believed") {
  struct Row {
    const char* name;
    std::optional<Duration> kernel_later;
    bool card_stamps;
    StampSource source;
  };
  const Row rows[] = {
      {"a little earlier than the kernel's", us(30), true, StampSource::hardware},
      {"much earlier", us(10'100), true, StampSource::kernel},
      {"later", us(-100), true, StampSource::kernel},
      {"none", us(30), false, StampSource::kernel},
      {"alone", std::nullopt, true, StampSource::user},
      {"neither", std::nullopt, false, StampSource::user},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bench bench;
    const Timestamp<Realtime> at_card = bench.now;
    Told each = told({}, {});
    if (row.kernel_later) each = told(at_card + *row.kernel_later, {});
    if (row.card_stamps) each.stamps.ts[2] = time_of(at_card.since_epoch() - kBehind);
    const Datagram datagram = bench.arrive(each);
    CHECK(datagram.source == row.source);
    CHECK(bench.socket->abilities().source == row.source);
    if (row.source == StampSource::hardware) {
      CHECK(is_near(datagram.stamp, at_card));
      CHECK(datagram.conversion_error >= us(1));
      CHECK(datagram.conversion_error < us(5));
    } else {
      CHECK(datagram.conversion_error == Duration{});
    }
    if (row.source == StampSource::kernel) CHECK(datagram.stamp == at_card + *row.kernel_later);
  }
}

TEST_CASE("host udp hardware: while the clock is unknown the kernel's stamps count") {
  Bench bench{std::make_shared<HardwareClock>()};
  CHECK(bench.arrive(told(bench.now + us(30), bench.now)).source == StampSource::kernel);
  const auto stamps = bench.depart(us(20), us(50));
  REQUIRE(stamps.size() == 1);
  CHECK(stamps[0].source == StampSource::kernel);
}

TEST_CASE("host udp hardware: a departure's stamp of the card follows the kernel's") {
  Bench bench;
  const auto stamps = bench.depart(us(20), us(50));
  REQUIRE(stamps.size() == 2);
  CHECK(stamps[0].token == 7);
  CHECK(stamps[0].source == StampSource::kernel);
  CHECK(stamps[0].stamp == bench.now + us(20));
  CHECK(stamps[0].better_may_come);
  CHECK(stamps[1].token == 7);
  CHECK(stamps[1].source == StampSource::hardware);
  CHECK(is_near(stamps[1].stamp, bench.now + us(50)));
  CHECK_FALSE(stamps[1].better_may_come);
  CHECK(bench.socket->abilities().source == StampSource::hardware);
}

TEST_CASE("host udp hardware: a departure's stamp of the card that contradicts is dropped") {
  struct Row {
    const char* name;
    std::optional<Duration> kernel_later, card_later;
    std::size_t stamps;
  };
  const Row rows[] = {
      {"before the kernel's", us(200), us(50), 1},
      {"long after it", us(20), us(10'100), 1},
      {"alone: nothing vouches for it", std::nullopt, us(50), 0},
      {"none", us(20), std::nullopt, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bench bench;
    const auto stamps = bench.depart(row.kernel_later, row.card_later);
    REQUIRE(stamps.size() == row.stamps);
    for (const TransmitStamp& each : stamps) CHECK(each.source == StampSource::kernel);
  }
}

TEST_CASE("host udp hardware: a card that stops stamping departures is seen at the next one") {
  Bench bench;
  REQUIRE(bench.depart(us(20), us(50)).size() == 2);
  for (std::uint32_t number = 1; number <= 2; ++number) {
    REQUIRE(bench.socket->send(octets_of("hello"), bench.socket->local(), 7 + number) == 0);
    bench.fake.departures.push_back(told(realtime_now(), {}, number));
    CHECK(bench.socket->drain_transmit_stamps([](const TransmitStamp&) {}) == 1);
  }
  CHECK(bench.socket->abilities().source == StampSource::kernel);
}
