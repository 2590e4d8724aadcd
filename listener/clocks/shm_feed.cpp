// SPDX-License-Identifier: MIT
#include "listener/clocks/shm_feed.hpp"

#include <sys/ipc.h>
#include <sys/shm.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

namespace timecast {

namespace {

constexpr key_t kFirstKey = 0x4e545030;  // "NTP0"
constexpr int kUnitsOfRoot = 2;
constexpr int kReaderDecides = 1;  // the mode
constexpr int kFinest = -30;       // log2 s: a nanosecond
constexpr std::int64_t kSecondNs = 1'000'000'000;

struct Parts {
  std::time_t seconds;
  unsigned ns;
};

Parts parts_of(Timestamp<Realtime> t) noexcept {
  const std::int64_t ns = t.since_epoch().count_ns();
  return {static_cast<std::time_t>(ns / kSecondNs), static_cast<unsigned>(ns % kSecondNs)};
}

}  // namespace

void write_shm(const TimeSample& sample, ShmTime& segment) noexcept {
  const Parts clock = parts_of(sample.at + sample.offset);
  const Parts receive = parts_of(sample.at);
  segment.mode = kReaderDecides;
  segment.valid = 0;
  segment.count = segment.count + 1;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  segment.clock_s = clock.seconds;
  segment.clock_us = static_cast<int>(clock.ns / 1'000);
  segment.clock_ns = clock.ns;
  segment.receive_s = receive.seconds;
  segment.receive_us = static_cast<int>(receive.ns / 1'000);
  segment.receive_ns = receive.ns;
  segment.leap = static_cast<int>(sample.leap);  // NTP's numbers
  segment.precision = std::max<int>(sample.precision.exponent(), kFinest);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  segment.count = segment.count + 1;
  segment.valid = 1;
}

ShmFeed::ShmFeed(int unit, bool trust_tentative, LogSink log)
    : Feed{"ntp-shm:" + std::to_string(unit), trust_tentative, std::move(log)}, unit_{unit} {}

// The segment stays: who reads it has it attached. What is in it is no longer valid.
ShmFeed::~ShmFeed() {
  if (segment_ != nullptr) segment_->valid = 0;
  detach();
}

void ShmFeed::detach() noexcept {
  if (segment_ != nullptr) ::shmdt(segment_);
  segment_ = nullptr;
}

// By ipcrm, or with the last login of its user: whoever attaches from then on gets another one.
bool ShmFeed::is_removed() const noexcept {
  shmid_ds found{};
  return ::shmctl(id_, IPC_STAT, &found) == 0 ? (found.shm_perm.mode & SHM_DEST) != 0
                                              : errno != EACCES;
}

Result<void> ShmFeed::put(const TimeSample& sample) {
  if (segment_ != nullptr && is_removed()) detach();
  if (segment_ == nullptr) {
    if (auto attached = attach(); !attached) return attached;
  }
  write_shm(sample, *segment_);
  return {};
}

Result<void> ShmFeed::attach() {
  const auto failed = [this] {
    const int reason = errno;
    return because(
        system_error("cannot write the shared memory of NTP unit " + std::to_string(unit_), reason,
                     reason == EACCES && unit_ < kUnitsOfRoot
                         ? "units 0 and 1 are root's; choose 2 or more on both sides"
                         : "somebody else's may be there: ipcs -m, ipcrm -M " +
                               std::to_string(kFirstKey + unit_)));
  };
  const int mode = unit_ < kUnitsOfRoot ? 0600 : 0666;
  id_ = ::shmget(kFirstKey + unit_, sizeof(ShmTime), IPC_CREAT | mode);
  if (id_ == -1) return failed();
  void* const at = ::shmat(id_, nullptr, 0);
  if (reinterpret_cast<std::intptr_t>(at) == -1) return failed();
  segment_ = static_cast<ShmTime*>(at);
  return {};
}

}  // namespace timecast
