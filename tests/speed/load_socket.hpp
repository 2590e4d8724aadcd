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

  struct Sources {
    in_addr first{};
    std::uint32_t count = 1;  // addresses, the first and those behind it, which this host has
    std::size_t row = 1;      // requests in a row from each, at most kBatch
  };
  // A row walks through this host's stack as one (UDP_SEGMENT, udp(7)) and arrives as its requests,
  // at one instant, so that a processor can ask more than it could answer.
  // The exit status of the process is 1 where no socket can be opened.
  LoadSocket(const sockaddr_in& server, const Sources& sources);
  LoadSocket(const LoadSocket&) = delete;
  LoadSocket& operator=(const LoadSocket&) = delete;
  ~LoadSocket();

  [[nodiscard]] int fd() const noexcept { return fd_; }
  // Where the `i`th request of the next batch goes, to be filled in.
  [[nodiscard]] HeaderOctets& request(std::size_t i) noexcept { return out_[i]; }
  // Sends that many, each row from the next address. Returns how many left.
  std::size_t send(std::size_t count) noexcept;
  // How many came, at most kBatch.
  std::size_t receive() noexcept;
  [[nodiscard]] Arrived arrived(std::size_t i) const noexcept;

 private:
  // Of one row: where it comes from, and where one request ends.
  static constexpr std::size_t kSourceOctets = CMSG_SPACE(sizeof(in_pktinfo));
  static constexpr std::size_t kEndOctets = CMSG_SPACE(sizeof(std::uint16_t));
  using OutNotes = std::array<std::uint8_t, kSourceOctets + kEndOctets>;
  struct In {
    std::array<std::uint8_t, kAnnouncementPacketOctets + 4> octets{};
    alignas(cmsghdr) std::array<std::uint8_t, 128> notes{};
    sockaddr_in from{};
    iovec part{};
  };
  void prepare_sending() noexcept;
  void prepare_row(std::size_t row, std::size_t first, std::size_t count) noexcept;
  void prepare_reading() noexcept;

  int fd_;
  sockaddr_in server_;
  Sources sources_;
  std::uint32_t next_ = 0;
  std::array<HeaderOctets, kBatch> out_{};
  std::array<iovec, kBatch> out_parts_{};
  static_assert(sizeof(OutNotes) % alignof(cmsghdr) == 0);
  alignas(cmsghdr) std::array<OutNotes, kBatch> out_notes_{};
  std::array<In, kBatch> in_{};
  std::array<mmsghdr, kBatch> out_messages_{}, in_messages_{};
};

}  // namespace timecast::test
