// SPDX-License-Identifier: MIT
#include "listener/daemon/frame.hpp"

#include <algorithm>
#include <string>

namespace timecast {

namespace {

using Found = Expected<std::optional<FramedDatagram>, const char*>;

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86DD;
constexpr std::uint16_t kEtherVlan = 0x8100;
constexpr std::uint16_t kEtherProviderVlan = 0x88A8;

constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;

constexpr std::size_t kUdpOctets = 8;
constexpr std::size_t kIpv4Octets = 20;
constexpr std::size_t kIpv6Octets = 40;
constexpr int kMostExtensionHeaders = 8;

constexpr const char* kIpv4Cut = "the IPv4 packet is cut off";
constexpr const char* kIpv6Cut = "the IPv6 packet is cut off";
constexpr const char* kIsFragment = "a fragment; fragments are not put together";

Found nothing() { return std::optional<FramedDatagram>{}; }

Address address_at(Octets packet, std::size_t offset, Family family) noexcept {
  Address address{family, {}};
  copy_octets(packet.subspan(offset, family == Family::ipv4 ? 4 : 16), address.octets);
  return address;
}

// `so_far` has the addresses and the hop limit.
Found read_udp(FramedDatagram so_far, Octets udp) {
  if (udp.size() < kUdpOctets) return because("the UDP header is cut off");
  const std::size_t length = read_big_endian<std::uint16_t>(udp, 4);
  if (length < kUdpOctets) return because("its UDP length is less than its header");
  if (length > udp.size()) return because("its UDP length is more than its packet holds");
  so_far.from.port = read_big_endian<std::uint16_t>(udp, 0);
  so_far.to.port = read_big_endian<std::uint16_t>(udp, 2);
  so_far.octets = udp.subspan(kUdpOctets, length - kUdpOctets);
  return std::optional{so_far};
}

Found read_ipv4(Octets packet) {
  if (packet.size() < kIpv4Octets) return because(kIpv4Cut);
  const std::size_t header = std::size_t{packet[0] & 15U} * 4;
  const std::size_t total = read_big_endian<std::uint16_t>(packet, 2);
  if (packet[0] >> 4U != 4 || header < kIpv4Octets || total < header) {
    return because("its IPv4 header contradicts itself");
  }
  if (packet[9] != kUdp) return nothing();
  if (total > packet.size()) return because(kIpv4Cut);
  constexpr std::uint16_t kMoreOrOffset = 0x3FFF;
  if ((read_big_endian<std::uint16_t>(packet, 6) & kMoreOrOffset) != 0) return because(kIsFragment);
  FramedDatagram datagram;
  datagram.from.address = address_at(packet, 12, Family::ipv4);
  datagram.to.address = address_at(packet, 16, Family::ipv4);
  datagram.hop_limit = packet[8];
  return read_udp(datagram, packet.subspan(header, total - header));  // Ethernet pads behind it
}

bool is_extension(std::uint8_t kind) noexcept {
  return kind == kHopByHop || kind == kRouting || kind == kDestinationOptions;
}

Found read_ipv6(Octets packet) {
  if (packet.size() < kIpv6Octets) return because(kIpv6Cut);
  if (packet[0] >> 4U != 6) return because("its IPv6 header contradicts itself");
  const std::size_t length = read_big_endian<std::uint16_t>(packet, 4);
  const std::size_t here = std::min(length, packet.size() - kIpv6Octets);
  FramedDatagram datagram;
  datagram.from.address = address_at(packet, 8, Family::ipv6);
  datagram.to.address = address_at(packet, 24, Family::ipv6);
  datagram.hop_limit = packet[7];
  std::uint8_t kind = packet[6];
  Octets rest = packet.subspan(kIpv6Octets, here);
  for (int i = 0; i < kMostExtensionHeaders && is_extension(kind); ++i) {
    if (rest.size() < 8) return because(kIpv6Cut);
    const std::size_t header = (std::size_t{rest[1]} + 1) * 8;
    if (header > rest.size()) return because(kIpv6Cut);
    kind = rest[0];
    rest = rest.subspan(header);
  }
  if (kind == kFragment) return because(kIsFragment);
  if (kind != kUdp) return nothing();
  return here < length ? because(kIpv6Cut) : read_udp(datagram, rest);
}

Found read_ip(Octets packet) {
  if (packet.empty()) return because("there is nothing in it");
  switch (packet[0] >> 4U) {
    case 4: return read_ipv4(packet);
    case 6: return read_ipv6(packet);
    default: return because("it is neither IPv4 nor IPv6");
  }
}

Found read_by_ether_type(std::uint16_t type, Octets packet) {
  if (type == kEtherIpv4) return read_ipv4(packet);
  if (type == kEtherIpv6) return read_ipv6(packet);
  return nothing();
}

Found read_ethernet(Octets frame) {
  std::size_t type_at = 12;
  constexpr const char* kCut = "the Ethernet header is cut off";
  if (frame.size() < type_at + 2) return because(kCut);
  auto type = read_big_endian<std::uint16_t>(frame, type_at);
  if (type == kEtherVlan || type == kEtherProviderVlan) {
    type_at += 4;
    if (frame.size() < type_at + 2) return because(kCut);
    type = read_big_endian<std::uint16_t>(frame, type_at);
  }
  return read_by_ether_type(type, frame.subspan(type_at + 2));
}

Found read_cooked(Octets frame, std::size_t header, std::size_t type_at) {
  if (frame.size() < header) return because("the Linux cooked header is cut off");
  return read_by_ether_type(read_big_endian<std::uint16_t>(frame, type_at), frame.subspan(header));
}

}  // namespace

Result<LinkType> link_type_from(std::uint32_t number) {
  for (const LinkType type : {LinkType::ethernet, LinkType::raw_ip, LinkType::linux_cooked,
                              LinkType::ipv4, LinkType::ipv6, LinkType::linux_cooked2}) {
    if (number == static_cast<std::uint32_t>(type)) return type;
  }
  return because(Error{"is of link type " + std::to_string(number) +
                       "; Ethernet, raw IP and Linux cooked are known"});
}

Expected<std::optional<FramedDatagram>, const char*> datagram_in(LinkType type, Octets frame) {
  switch (type) {
    case LinkType::ethernet: return read_ethernet(frame);
    case LinkType::raw_ip: return read_ip(frame);
    case LinkType::linux_cooked: return read_cooked(frame, 16, 14);
    case LinkType::ipv4: return read_ipv4(frame);
    case LinkType::ipv6: return read_ipv6(frame);
    case LinkType::linux_cooked2: return read_cooked(frame, 20, 0);
  }
  return nothing();
}

}  // namespace timecast
