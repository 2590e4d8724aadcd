// SPDX-License-Identifier: MIT
#include "listener/clocks/chrony_feed.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <utility>

namespace timecast {

namespace {

constexpr std::int64_t kMicrosecondNs = 1'000;
constexpr std::int64_t kSecondUs = 1'000'000;

}  // namespace

std::string refclock_line(const std::string& path) {
  return "refclock SOCK " + path + " refid CAST poll 2 filter 4 stratum 2 delay 0.002";
}

ChronySample chrony_sample(const TimeSample& sample) noexcept {
  const std::int64_t us = sample.at.since_epoch().count_ns() / kMicrosecondNs;
  ChronySample out{};
  out.at.tv_sec = us / kSecondUs;
  out.at.tv_usec = us % kSecondUs;
  // What the microseconds lose of the instant is no error: an offset hardly changes in one.
  out.offset_s = sample.offset.to_seconds();
  out.leap = static_cast<int>(sample.leap);  // NTP's numbers
  out.magic = kChronyMagic;
  return out;
}

ChronyFeed::ChronyFeed(std::string path, bool trust_tentative, LogSink log)
    : Feed{"chrony:" + path, trust_tentative, std::move(log)}, path_{std::move(path)} {}

// 0 or an errno value.
int ChronyFeed::connect() noexcept {
  fd_ = UniqueFd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd_) return errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(fd_.get(), to, sizeof address) == 0 ? 0 : errno;
}

int ChronyFeed::send(const ChronySample& octets) noexcept {
  const bool sent = ::send(fd_.get(), &octets, sizeof octets, MSG_NOSIGNAL) == sizeof octets;
  return sent ? 0 : errno;
}

// chronyd makes its socket anew when it starts: one that refuses may be that of before.
Result<void> ChronyFeed::put(const TimeSample& sample) {
  const ChronySample octets = chrony_sample(sample);
  if (fd_ && send(octets) == 0) return {};
  int failed = connect();
  if (failed == 0) failed = send(octets);
  if (failed == 0) return {};
  fd_ = UniqueFd{};
  return because(failure(failed));
}

Error ChronyFeed::failure(int reason) const {
  std::string way_out;
  switch (reason) {
    case ENOENT:
    case ECONNREFUSED: way_out = "start chronyd with: " + refclock_line(path_); break;
    case EACCES:
    case EPERM: way_out = "run this as root, or as chronyd's user"; break;
    case EAGAIN: way_out = "chronyd does not read it; is it stopped?"; break;
    default: break;
  }
  return system_error("cannot feed chronyd at " + path_, reason, way_out);
}

}  // namespace timecast
