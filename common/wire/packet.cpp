// SPDX-License-Identifier: MIT
#include <timecast/wire/packet.hpp>

namespace timecast {
namespace {

// RFC 7822: what is left after the header or a field is a MAC if it is at most 24 octets long.
constexpr std::size_t kMaxVersion4Mac = 24;
constexpr std::size_t kMinMac = 20;

constexpr bool is_version3_trailer(std::size_t rest) noexcept {
  // None, crypto-NAK, MD5, SHA-1, and Microsoft's extended authenticator.
  return rest == 0 || rest == kCryptoNakOctets || rest == 20 || rest == 24 || rest == 72;
}

// Where the fields of a version 4 packet end, or why they are not fields.
Expected<std::size_t, Reject> walk_fields(Octets octets) noexcept {
  std::size_t offset = kHeaderOctets;
  while (octets.size() - offset > kMaxVersion4Mac) {
    const std::size_t rest = octets.size() - offset;
    const std::size_t length = read_big_endian<std::uint16_t>(octets, offset + 2);
    if (length < kMinFieldOctets || length > rest || length % 4 != 0) {
      return because(Reject::bad_field_length);
    }
    offset += length;
  }
  return offset;
}

bool is_version4_mac(Octets octets, std::size_t offset) noexcept {
  const std::size_t rest = octets.size() - offset;
  if (rest == 0 || rest >= kMinMac) return true;
  // A crypto-NAK stands right behind the header: nobody authenticates fields with it.
  return rest == kCryptoNakOctets && offset == kHeaderOctets &&
         read_big_endian<std::uint32_t>(octets, offset) == 0;
}

}  // namespace

Expected<Packet, Reject> decode(Octets octets) noexcept {
  if (octets.size() < kHeaderOctets) return because(Reject::too_short);
  if (octets.size() > kMaxPacketOctets) return because(Reject::too_long);
  if (octets.size() % 4 != 0) return because(Reject::length_not_multiple_of_four);
  const Header header = decode_header(octets.first<kHeaderOctets>());
  if (header.version < 1 || header.version > kNtpVersion) return because(Reject::bad_version);

  if (header.version < kNtpVersion) {  // no fields before version 4: the rest is the MAC
    if (!is_version3_trailer(octets.size() - kHeaderOctets)) {
      return because(Reject::bad_mac_length);
    }
    return Packet{header, octets, kHeaderOctets, octets.subspan(kHeaderOctets)};
  }
  const auto end = walk_fields(octets);
  if (!end) return because(end.error());
  if (!is_version4_mac(octets, *end)) return because(Reject::bad_mac_length);
  return Packet{header, octets, *end, octets.subspan(*end)};
}

}  // namespace timecast
