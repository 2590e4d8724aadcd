// SPDX-License-Identifier: MIT
#include <timecast/wire/packet.hpp>

namespace timecast {
namespace {

// RFC 7822: what is left after the header or a field is a MAC if it is at most this long.
constexpr std::size_t kMaxMac = 24;

// Where the fields of a version 4 packet end, or why they are not fields.
Expected<std::size_t, Reject> walk_fields(Octets octets) noexcept {
  std::size_t offset = kHeaderOctets;
  while (octets.size() - offset > kMaxMac) {
    const std::size_t rest = octets.size() - offset;
    const std::size_t length = read_big_endian<std::uint16_t>(octets, offset + 2);
    if (length < kMinFieldOctets || length > rest || length % 4 != 0) {
      return because(Reject::bad_field_length);
    }
    offset += length;
  }
  return offset;
}

// None, or a key id with a digest of 16 (MD5, CMAC) or 20 octets (SHA-1). Right behind the header
// also a crypto-NAK, because nobody authenticates fields with it, and before version 4 Microsoft's
// extended authenticator of 72 octets.
bool has_sound_mac(const Packet& packet) noexcept {
  const std::size_t size = packet.mac.size();
  if (size == 0 || size == 20 || size == kMaxMac) return true;
  if (packet.fields_end != kHeaderOctets) return false;
  return size == kCryptoNakOctets ? all_zero(packet.mac) : size == 72;
}

}  // namespace

Expected<Packet, Reject> decode(Octets octets) noexcept {
  if (octets.size() < kHeaderOctets) return because(Reject::too_short);
  if (octets.size() > kMaxPacketOctets) return because(Reject::too_long);
  if (octets.size() % 4 != 0) return because(Reject::length_not_multiple_of_four);
  const Header header = decode_header(octets.first<kHeaderOctets>());
  if (header.version < 1 || header.version > kNtpVersion) return because(Reject::bad_version);

  std::size_t end = kHeaderOctets;
  if (header.version == kNtpVersion) {  // before it there are no fields: the rest is the MAC
    const auto walked = walk_fields(octets);
    if (!walked) return because(walked.error());
    end = *walked;
  }
  const Packet packet{header, octets, end, octets.subspan(end)};
  if (!has_sound_mac(packet)) return because(Reject::bad_mac_length);
  return packet;
}

}  // namespace timecast
