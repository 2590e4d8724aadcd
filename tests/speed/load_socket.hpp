// SPDX-License-Identifier: MIT
//
// A client's socket that asks from many addresses at once and reads many replies at once.
//
// Threads: one.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/header.hpp>

namespace timecast::test {

struct Arrived {
  Octets octets;
  sockaddr_in from{};
  std::int64_t at_ns = 0;  // CLOCK_REALTIME by the kernel; 0: it gave no stamp
};

class LoadSocket {
 public:
  static constexpr std::size_t kBatch = 32;

  // Its requests come from `first` and the `sources` - 1 addresses behind it, which this host has.
  // The exit status of the process is 1 where that cannot be.
  LoadSocket(const sockaddr_in& server, in_addr first, std::uint32_t sources);
  LoadSocket(const LoadSocket&) = delete;
  LoadSocket& operator=(const LoadSocket&) = delete;
  ~LoadSocket();

  [[nodiscard]] int fd() const noexcept { return fd_; }
  // Where the `i`th request of the next batch goes, to be filled in.
  [[nodiscard]] HeaderOctets& request(std::size_t i) noexcept { return out_[i].octets; }
  // Sends that many, each from the next address. Returns how many left.
  std::size_t send(std::size_t count) noexcept;
  // How many came, at most kBatch.
  std::size_t receive() noexcept;
  [[nodiscard]] Arrived arrived(std::size_t i) const noexcept;

 private:
  struct Out {
    HeaderOctets octets{};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in_pktinfo))> source{};
    iovec part{};
  };
  struct In {
    std::array<std::uint8_t, kAnnouncementPacketOctets + 4> octets{};
    alignas(cmsghdr) std::array<std::uint8_t, 128> notes{};
    sockaddr_in from{};
    iovec part{};
  };
  void prepare_sending() noexcept;
  void prepare_reading() noexcept;

  int fd_;
  sockaddr_in server_;
  std::uint32_t first_, sources_, next_ = 0;
  std::array<Out, kBatch> out_{};
  std::array<In, kBatch> in_{};
  std::array<mmsghdr, kBatch> out_messages_{}, in_messages_{};
};

}  // namespace timecast::test
