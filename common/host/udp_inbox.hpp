// SPDX-License-Identifier: MIT
//
// Where a UDP socket's datagrams are read to. For udp_socket.cpp and udp_messages.cpp alone.
#pragma once

#include <sys/socket.h>

#include <array>

#include "common/host/udp_socket.hpp"

namespace timecast {

struct UdpSocket::Inbox {
  static constexpr std::size_t kBatch = 16;
  static constexpr std::size_t kDatagramOctets = 2048;  // no packet of ours is as long
  static constexpr std::size_t kNoteOctets = 256;

  struct Slot {
    std::array<std::uint8_t, kDatagramOctets> octets;
    alignas(cmsghdr) std::array<std::uint8_t, kNoteOctets> notes;
    sockaddr_storage from;
    iovec part;
  };

  // The kernel shortens these lengths at each read.
  void prepare() noexcept {
    for (std::size_t i = 0; i < kBatch; ++i) {
      Slot& slot = slots[i];
      slot.part = {slot.octets.data(), slot.octets.size()};
      msghdr& message = messages[i].msg_hdr;
      message = {};
      message.msg_name = &slot.from;
      message.msg_namelen = sizeof slot.from;
      message.msg_iov = &slot.part;
      message.msg_iovlen = 1;
      message.msg_control = slot.notes.data();
      message.msg_controllen = slot.notes.size();
    }
  }

  std::array<Slot, kBatch> slots;
  std::array<mmsghdr, kBatch> messages;
  bool one_by_one = false;  // this kernel reads no batches
};

}  // namespace timecast
