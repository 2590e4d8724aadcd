// SPDX-License-Identifier: MIT
//
// Prints how long timecast_now() takes on this machine, beside reading the bare clock: the median
// of several runs, with a daemon that writes beside it as often as one does, and all the time. The
// exit status says whether the goal is met.

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include <timecast/now.h>

#include "common/host/host_clock.hpp"
#include "listener/daemon/page_values.hpp"
#include "listener/daemon/shared_page.hpp"

namespace timecast::test {
namespace {

constexpr std::size_t kRuns = 31;
constexpr int kCalls = 20'000;
constexpr double kGoalNs = 200;

ListenerStatus synchronised(const Moment& now) {
  ListenerStatus s;
  s.state = State::synchronised;
  s.reason = Reason::agreeing;
  s.offset = Duration::milliseconds(1);
  s.error = Duration::microseconds(10);
  s.bound = Duration::milliseconds(1);
  s.valid_until = now.boot + Duration::seconds(1'000);
  return s;
}

PageValues values_now() {
  const Moment now = read_moment();
  return page_values(synchronised, now, now.boot);
}

// The median over the runs of a call's mean, in nanoseconds.
template <class Call>
double median_ns(Call call) {
  std::array<double, kRuns> runs{};
  for (double& run : runs) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    run = took.count() / kCalls;
  }
  std::nth_element(runs.begin(), runs.begin() + kRuns / 2, runs.end());
  return runs[kRuns / 2];
}

class Reader {
 public:
  explicit Reader(const std::string& path) : clock_{timecast_open(path.c_str(), nullptr)} {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { timecast_close(clock_); }

  double measure() {
    return median_ns([this] {
      timecast_time time;
      time.size = sizeof time;
      if (timecast_now(clock_, &time) != 0) ++failed_;
    });
  }
  [[nodiscard]] long failed() const { return failed_; }

 private:
  timecast_clock* clock_;
  long failed_ = 0;
};

// Writes as fast as it can meanwhile.
class BusyDaemon {
 public:
  explicit BusyDaemon(SharedPage& page) {
    thread_ = std::thread{[this, &page] {
      while (!ends_) page.write(values_now());
    }};
  }
  ~BusyDaemon() {
    ends_ = true;
    thread_.join();
  }
  BusyDaemon(const BusyDaemon&) = delete;
  BusyDaemon& operator=(const BusyDaemon&) = delete;

 private:
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

int measure(const std::string& path) {
  auto page = SharedPage::open(path, values_now());
  if (!page) {
    (void)std::fprintf(stderr, "timecast-now-speed: %s\n", page.error().text.c_str());
    return 1;
  }
  Reader reader{path};
  timespec bare{};
  const double realtime = median_ns([&bare] { ::clock_gettime(CLOCK_REALTIME, &bare); });
  page->write(values_now());
  const double quiet = reader.measure();
  double busy = 0;
  {
    const BusyDaemon daemon{*page};
    busy = reader.measure();
  }
  std::printf("timecast_now()                       %6.1f ns\n", quiet);
  std::printf("  beside a writer that never rests   %6.1f ns\n", busy);
  std::printf("clock_gettime(CLOCK_REALTIME)        %6.1f ns\n", realtime);
  if (reader.failed() != 0) std::printf("%ld calls had no time\n", reader.failed());
  return quiet < kGoalNs && reader.failed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace timecast::test

int main() {
  std::string folder = "/tmp/timecast-speed-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  const std::string path = folder + "/page";
  const int status = timecast::test::measure(path);
  ::unlink(path.c_str());
  ::rmdir(folder.c_str());
  return status;
}
