// SPDX-License-Identifier: MIT
//
// The cheapest server of NTP that sockets allow: reads a batch with the kernel's receive stamps,
// reads the clock for each reply, sends a batch. It checks nothing, limits nobody and has no loop;
// what a server costs more than this is its own.
//
//     timecast-serving-floor ADDRESS PORT RECEIVE SEND      how many at once
//
// The exit status is 1 if it cannot begin; it ends by a signal.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <timecast/wire/header.hpp>

namespace timecast::test {
namespace {

constexpr std::size_t kMost = 64;
constexpr int kReceiveBuffer = 1 << 20;

NtpTimestamp ntp(const timespec& t) noexcept {
  return to_ntp(
      Timestamp<Announced>{Duration::seconds(t.tv_sec) + Duration::nanoseconds(t.tv_nsec)});
}

struct Slot {
  HeaderOctets octets;
  alignas(cmsghdr) std::array<std::uint8_t, 128> notes;
  sockaddr_in from;
  iovec part;
};

class Floor {
 public:
  Floor(int fd, unsigned receive, unsigned send) : fd_{fd}, receive_{receive}, send_{send} {
    Header header;
    header.mode = Mode::server;
    header.stratum = 10;
    header.precision = Log2Seconds{-20};
    header_ = encode(header);
  }

  [[noreturn]] void run() {
    while (true) {
      prepare();
      const int count = ::recvmmsg(fd_, messages_.data(), receive_, MSG_WAITFORONE, nullptr);
      for (int i = 0; i < count; i += static_cast<int>(send_)) {
        answer(static_cast<std::size_t>(i),
               std::min(static_cast<std::size_t>(count - i), std::size_t{send_}));
      }
    }
  }

 private:
  void prepare() noexcept {
    for (std::size_t i = 0; i < receive_; ++i) {
      Slot& slot = slots_[i];
      slot.part = {slot.octets.data(), slot.octets.size()};
      messages_[i].msg_hdr = {&slot.from,        sizeof slot.from,  &slot.part, 1,
                              slot.notes.data(), slot.notes.size(), 0};
    }
  }

  void answer(std::size_t first, std::size_t count) noexcept {
    for (std::size_t i = first; i < first + count; ++i) {
      Slot& slot = slots_[i];
      HeaderOctets reply = header_;
      std::copy_n(slot.octets.begin() + kTransmitOffset, 8, reply.begin() + 24);
      timespec stamp{};
      cmsghdr* const note = CMSG_FIRSTHDR(&messages_[i].msg_hdr);
      if (note != nullptr) std::memcpy(&stamp, CMSG_DATA(note), sizeof stamp);
      write_big_endian(reply, 32, ntp(stamp).bits());
      timespec now{};
      ::clock_gettime(CLOCK_REALTIME, &now);
      write_big_endian(reply, kTransmitOffset, ntp(now).bits());
      slot.octets = reply;
      messages_[i].msg_hdr.msg_control = nullptr;
      messages_[i].msg_hdr.msg_controllen = 0;
    }
    ::sendmmsg(fd_, messages_.data() + first, static_cast<unsigned>(count), 0);
  }

  int fd_;
  unsigned receive_, send_;
  HeaderOctets header_;
  std::array<Slot, kMost> slots_{};
  std::array<mmsghdr, kMost> messages_{};
};

int open_socket(const char* address, const char* port) noexcept {
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  constexpr int kStamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &kStamps, sizeof kStamps);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  constexpr int kNoFragments = IP_PMTUDISC_DO;
  ::setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &kNoFragments, sizeof kNoFragments);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  const bool bound = ::inet_pton(AF_INET, address, &local.sin_addr) == 1 &&
                     ::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0;
  return bound ? fd : -1;
}

}  // namespace
}  // namespace timecast::test

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const int fd = timecast::test::open_socket(argv[1], argv[2]);
  const int receive = std::atoi(argv[3]);
  const int send = std::atoi(argv[4]);
  constexpr int kMost = timecast::test::kMost;
  if (fd < 0 || receive < 1 || receive > kMost || send < 1 || send > kMost) return 1;
  static timecast::test::Floor floor{fd, static_cast<unsigned>(receive),
                                     static_cast<unsigned>(send)};
  floor.run();
}
