// SPDX-License-Identifier: MIT
//
// Samples for chronyd, by its SOCK reference clock: `--clock chrony:PATH`.
//
// Errors:  chronyd is not there, does not have the socket or may not be reached: tried again with
//          the next sample.
// Threads: one.
// Source:  chrony.conf(5), refclock; chrony's refclock_sock.c (struct sock_sample).
#pragma once

#include <sys/time.h>

#include <string>

#include "common/host/unique_fd.hpp"
#include "listener/clocks/feed.hpp"

namespace timecast {

// Within what chronyd's AppArmor profile lets it make.
inline constexpr const char* kUsualChronySocket = "/run/chrony.timecast.sock";

// What chronyd's settings need to hear there.
[[nodiscard]] std::string refclock_line(const std::string& path);

// What chronyd reads, as it lies in its memory.
struct ChronySample {
  timeval at;
  double offset_s;
  int pulse;  // none: the offset is whole
  int leap;
  int unused;
  int magic;
};
inline constexpr int kChronyMagic = 0x534f434b;

[[nodiscard]] ChronySample chrony_sample(const TimeSample& sample) noexcept;

class ChronyFeed final : public Feed {
 public:
  ChronyFeed(std::string path, bool trust_tentative, LogSink log);

 private:
  Result<void> put(const TimeSample& sample) override;
  int connect() noexcept;
  int send(const ChronySample& octets) noexcept;
  [[nodiscard]] Error failure(int reason) const;

  std::string path_;
  UniqueFd fd_;
};

}  // namespace timecast
