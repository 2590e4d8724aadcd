// SPDX-License-Identifier: MIT
//
// Reads a recording of network traffic, packet by packet: the classic pcap format, in both orders
// of octets, with microseconds or nanoseconds.
//
//     offset  0 magic | 4 version 2.4 | 8 zone, accuracy (unused) | 16 snap length | 20 link type
//     each packet: 0 seconds | 4 fraction | 8 octets here | 12 octets it had | 16 the octets
//
// Bounded: holds one packet at a time, of kLongestPacket octets at most.
//
// Errors:  what is wrong, with the packet's number from 1 on, and the way out. Nothing can be read
//          after one.
// Threads: one.
// Source:  draft-ietf-opsawg-pcap.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/octets.hpp>

#include "common/host/error.hpp"

namespace timecast {

struct PcapPacket {
  std::uint64_t number = 0;
  Timestamp<Realtime> at;
  Octets octets;  // valid until the next is read
};

class PcapReader {
 public:
  static constexpr std::size_t kLongestPacket = 262'144;  // tcpdump's own limit

  // Reads at most so many octets to there; 0 at the end.
  using Read = std::function<Result<std::size_t>(MutableOctets)>;

  // Reads the file's header.
  [[nodiscard]] static Result<PcapReader> open(Read read);

  // Nothing at the end of the file.
  [[nodiscard]] Result<std::optional<PcapPacket>> next();

  [[nodiscard]] std::uint32_t link_type() const noexcept { return link_type_; }

 private:
  static constexpr std::size_t kRecordOctets = 16;

  explicit PcapReader(Read read) : read_{std::move(read)} {}
  [[nodiscard]] std::uint32_t number_at(Octets octets, std::size_t offset) const noexcept;
  [[nodiscard]] Result<PcapPacket> packet_from(Octets record);

  Read read_;
  bool little_endian_ = false;
  bool nanoseconds_ = false;
  std::uint32_t link_type_ = 0;
  std::uint64_t count_ = 0;
  std::vector<std::uint8_t> octets_;
};

}  // namespace timecast
