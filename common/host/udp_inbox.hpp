// SPDX-License-Identifier: MIT
//
// Where a UDP socket's datagrams are read to. For udp_socket.cpp and udp_messages.cpp alone.
#pragma once

#include <sys/socket.h>

#include <array>
#include <vector>

#include "common/host/udp_socket.hpp"

namespace timecast {

struct UdpSocket::Inbox {
  static constexpr std::size_t kDatagramOctets = 2048;  // no packet of ours is as long
  static constexpr std::size_t kNoteOctets = 256;

  // Side by side: hardly a datagram has more than a few octets of either.
  struct Slot {
    sockaddr_storage from;
    iovec part;
    alignas(cmsghdr) std::array<std::uint8_t, kNoteOctets> notes;
  };

  explicit Inbox(std::size_t batch) : slots(batch), octets(batch), messages(batch), used{batch} {}

  // The kernel has shortened the lengths of those that it filled.
  void prepare() noexcept {
    for (std::size_t i = 0; i < used; ++i) {
      Slot& slot = slots[i];
      slot.part = {octets[i].data(), kDatagramOctets};
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

  std::vector<Slot> slots;
  // A line longer, so that they do not share the few lines of a cache that 2048 apart are all.
  std::vector<std::array<std::uint8_t, kDatagramOctets + 64>> octets;
  std::vector<mmsghdr> messages;
  std::size_t used;         // since prepare(); at first all want it
  bool one_by_one = false;  // this kernel reads no batches
};

}  // namespace timecast
