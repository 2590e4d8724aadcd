// SPDX-License-Identifier: MIT
#include "tests/speed/load_socket.hpp"

#include <time.h>
#include <unistd.h>
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace timecast::test {

LoadSocket::LoadSocket(const sockaddr_in& server, in_addr first, std::uint32_t sources)
    : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)},
      server_{server},
      first_{ntohl(first.s_addr)},
      sources_{sources} {
  constexpr int kStamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  constexpr int kBuffer = 4 << 20;
  ::setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPING, &kStamps, sizeof kStamps);
  if (::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  }
  sockaddr_in any{};
  any.sin_family = AF_INET;
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) {
    std::perror("load: cannot open a socket");
    std::exit(1);
  }
  prepare_sending();
}

LoadSocket::~LoadSocket() { ::close(fd_); }

void LoadSocket::prepare_sending() noexcept {
  for (std::size_t i = 0; i < kBatch; ++i) {
    Out& out = out_[i];
    out.part = {out.octets.data(), out.octets.size()};
    msghdr& message = out_messages_[i].msg_hdr;
    message = {&server_, sizeof server_, &out.part, 1, out.source.data(), out.source.size(), 0};
    cmsghdr* const note = CMSG_FIRSTHDR(&message);
    note->cmsg_level = IPPROTO_IP;
    note->cmsg_type = IP_PKTINFO;
    note->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  }
}

std::size_t LoadSocket::send(std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    in_pktinfo source{};
    source.ipi_spec_dst.s_addr = htonl(first_ + next_);
    next_ = (next_ + 1) % sources_;
    std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&out_messages_[i].msg_hdr)), &source, sizeof source);
  }
  const int sent = ::sendmmsg(fd_, out_messages_.data(), static_cast<unsigned>(count), 0);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void LoadSocket::prepare_reading() noexcept {
  for (std::size_t i = 0; i < kBatch; ++i) {
    In& in = in_[i];
    in.part = {in.octets.data(), in.octets.size()};
    in_messages_[i].msg_hdr = {&in.from,        sizeof in.from,  &in.part, 1,
                               in.notes.data(), in.notes.size(), 0};
  }
}

std::size_t LoadSocket::receive() noexcept {
  prepare_reading();
  const int count = ::recvmmsg(fd_, in_messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

Arrived LoadSocket::arrived(std::size_t i) const noexcept {
  Arrived arrived{Octets{in_[i].octets}.first(in_messages_[i].msg_len), in_[i].from};
  msghdr copy = in_messages_[i].msg_hdr;
  const cmsghdr* const note = CMSG_FIRSTHDR(&copy);
  if (note == nullptr || note->cmsg_type != SO_TIMESTAMPING) return arrived;
  timespec stamp{};
  std::memcpy(&stamp, CMSG_DATA(note), sizeof stamp);
  arrived.at_ns = std::int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec;
  return arrived;
}

}  // namespace timecast::test
