// SPDX-License-Identifier: MIT
//
// Recordings for tests: frames as they are on a link, and pcap files with them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "common/host/socket_address.hpp"
#include "listener/daemon/pcap_reader.hpp"
#include "tests/unit/wire_hex.hpp"

namespace timecast::test {

inline Bytes number16(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)};
}

inline Bytes number32(std::uint32_t n, bool little_endian = false) {
  Bytes octets = number16(n >> 16U) + number16(n);
  if (little_endian) std::reverse(octets.begin(), octets.end());
  return octets;
}

inline Bytes octets_of(Octets octets) {
  Bytes bytes;
  bytes.assign(octets.begin(), octets.end());
  return bytes;
}

inline Bytes octets_of(const Address& address) {
  return octets_of(Octets{address.octets}.first(address.family == Family::ipv4 ? 4 : 16));
}

inline Bytes udp(const Endpoint& from, const Endpoint& to, const Bytes& payload) {
  return number16(from.port) + number16(to.port) +
         number16(static_cast<std::uint32_t>(payload.size() + 8)) + number16(0) + payload;
}

// `options` of so many times four octets.
inline Bytes ipv4(const Endpoint& from, const Endpoint& to, const Bytes& payload,
                  std::uint8_t options = 0) {
  const std::uint32_t header = 20U + 4U * options;
  Bytes packet = Bytes{static_cast<std::uint8_t>(0x40U | (5U + options)), 0} +
                 number16(static_cast<std::uint32_t>(header + 8 + payload.size())) +
                 from_hex("00000000 ff11 0000");
  return packet + octets_of(from.address) + octets_of(to.address) +
         Bytes(std::size_t{4} * options, 1) + udp(from, to, payload);
}

// `extension`: headers between, whose first kind is `next`.
inline Bytes ipv6(const Endpoint& from, const Endpoint& to, const Bytes& payload,
                  std::uint8_t next = 17, const Bytes& extension = {}) {
  const Bytes inner = extension + udp(from, to, payload);
  return from_hex("60000000") + number16(static_cast<std::uint32_t>(inner.size())) +
         Bytes{next, 255} + octets_of(from.address) + octets_of(to.address) + inner;
}

inline Bytes ethernet(std::uint16_t type, const Bytes& packet) {
  return from_hex("01005e7f7b7c 020000000002") + number16(type) + packet;
}

struct PcapForm {
  bool little_endian = true;
  bool nanoseconds = false;
  std::uint32_t link_type = 1;
};

class PcapFile {
 public:
  explicit PcapFile(const PcapForm& form = {}) : form_{form} {
    octets = number(form.nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4) +
             (form.little_endian ? from_hex("02000400") : from_hex("00020004")) + number(0) +
             number(0) + number(65'535) + number(form.link_type);
  }
  PcapFile& add(Timestamp<Realtime> at, const Bytes& frame) {
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    const std::int64_t ns = at.since_epoch().count_ns();
    const std::int64_t fraction = ns % kNanoseconds / (form_.nanoseconds ? 1 : 1000);
    const auto size = static_cast<std::uint32_t>(frame.size());
    octets = octets + number(static_cast<std::uint32_t>(ns / kNanoseconds)) +
             number(static_cast<std::uint32_t>(fraction)) + number(size) + number(size) + frame;
    return *this;
  }
  [[nodiscard]] Bytes number(std::uint32_t n) const { return number32(n, form_.little_endian); }

  Bytes octets;

 private:
  PcapForm form_;
};

// Reads octets `step` at a time, as a pipe may give them.
inline PcapReader::Read reading(Bytes octets, std::size_t step = 65'536) {
  return [octets = std::move(octets), step, at = std::size_t{0}](MutableOctets to) mutable {
    const std::size_t count = std::min({step, to.size(), octets.size() - at});
    copy_octets(Octets{octets}.subspan(at, count), to);
    at += count;
    return Result<std::size_t>{count};
  };
}

}  // namespace timecast::test
