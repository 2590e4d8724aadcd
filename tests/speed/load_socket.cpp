// SPDX-License-Identifier: MIT
#include "tests/speed/load_socket.hpp"

#include <time.h>
#include <unistd.h>
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace timecast::test {

namespace {

template <class Value>
void write_note(cmsghdr* note, int level, int type, const Value& value) noexcept {
  note->cmsg_level = level;
  note->cmsg_type = type;
  note->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(note), &value, sizeof value);
}

}  // namespace

LoadSocket::LoadSocket(const sockaddr_in& server, const Sources& sources)
    : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)}, server_{server}, sources_{sources} {
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
  for (std::size_t i = 0; i < kBatch; ++i) out_parts_[i] = {out_[i].data(), out_[i].size()};
}

void LoadSocket::prepare_row(std::size_t row, std::size_t first, std::size_t count) noexcept {
  msghdr& message = out_messages_[row].msg_hdr;
  const std::size_t notes = kSourceOctets + (count > 1 ? kEndOctets : 0);
  message = {&server_, sizeof server_, &out_parts_[first], count, out_notes_[row].data(), notes, 0};
  cmsghdr* const source_note = CMSG_FIRSTHDR(&message);
  in_pktinfo source{};
  source.ipi_spec_dst.s_addr = htonl(ntohl(sources_.first.s_addr) + next_);
  next_ = (next_ + 1) % sources_.count;
  write_note(source_note, IPPROTO_IP, IP_PKTINFO, source);
  if (count == 1) return;
  constexpr std::uint16_t kEach = kHeaderOctets;
  write_note(CMSG_NXTHDR(&message, source_note), IPPROTO_UDP, UDP_SEGMENT, kEach);
}

std::size_t LoadSocket::send(std::size_t count) noexcept {
  unsigned rows = 0;
  for (std::size_t i = 0; i < count; i += sources_.row) {
    prepare_row(rows++, i, std::min(sources_.row, count - i));
  }
  const int sent = ::sendmmsg(fd_, out_messages_.data(), rows, 0);
  return sent < 0 ? 0 : std::min(count, static_cast<std::size_t>(sent) * sources_.row);
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
