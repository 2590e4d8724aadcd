// SPDX-License-Identifier: MIT
#include <timecast/now.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <new>

#include "listener/now/reader.hpp"

// Its texts stand behind it in the same piece of memory.
struct timecast_clock {
  timecast::PageReader reader;
};

namespace {

constexpr const char* kSystemPlace = "/run/timecast-listener/page";
constexpr const char* kBelowRuntime = "/timecast-listener/page";

std::int64_t read_clock(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);  // it cannot fail for these
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

timecast::PageClocks read_clocks() noexcept {
  const std::int64_t raw = read_clock(CLOCK_MONOTONIC_RAW);
  return {raw, read_clock(CLOCK_BOOTTIME)};
}

// Returns where the next text goes.
char* append(char* to, const char* text) noexcept {
  const std::size_t octets = ::strlen(text);
  ::memcpy(to, text, octets + 1);
  return to + octets;
}

}  // namespace

timecast_clock* timecast_open(const char* path, int* error) {
  // A program that has more rights than who started it does not let him choose.
  const char* runtime = path == nullptr ? ::secure_getenv("XDG_RUNTIME_DIR") : nullptr;
  if (runtime != nullptr && runtime[0] != '/') runtime = nullptr;
  const char* const first = path == nullptr ? kSystemPlace : path;
  const std::size_t second_octets =
      runtime == nullptr ? 0 : ::strlen(runtime) + ::strlen(kBelowRuntime) + 1;
  void* const room = ::malloc(sizeof(timecast_clock) + ::strlen(first) + 1 + second_octets);
  if (room == nullptr) {
    if (error != nullptr) *error = -ENOMEM;
    return nullptr;
  }
  auto* const clock = new (room) timecast_clock{timecast::PageReader{read_clocks}};
  char* const text = reinterpret_cast<char*>(clock + 1);
  char* const end = append(text, first);
  clock->reader.add_place(text);
  if (runtime != nullptr) {
    append(append(end + 1, runtime), kBelowRuntime);
    clock->reader.add_place(end + 1);
  }
  const int missing = clock->reader.look();
  if (error != nullptr) *error = missing;
  return clock;
}

void timecast_close(timecast_clock* clock) {
  if (clock == nullptr) return;
  clock->~timecast_clock();
  ::free(clock);
}

int timecast_now(timecast_clock* clock, struct timecast_time* out) {
  if (clock == nullptr || out == nullptr || out->size < sizeof *out) return -EINVAL;
  const int error = clock->reader.now(*out);
  out->size = sizeof *out;
  return error;
}

const char* timecast_now_version(void) { return TIMECAST_VERSION; }
