// SPDX-License-Identifier: MIT
#include <timecast/wire/announcement.hpp>

namespace timecast {
namespace {

constexpr std::uint32_t kAnnouncementMagic = 0x54435354;  // "TCST"
constexpr std::uint32_t kSuccessorMagic = 0x5443524F;     // "TCRO"
constexpr std::uint8_t kFieldVersion = 1;
constexpr std::uint8_t kAlgorithmEd25519 = 1;
constexpr std::size_t kSignatureOffset = kAnnouncementOctets - kSignatureOctets;
static_assert(kSignatureOffset == 60);

// The zero octet at the end of each context is part of it: sizeof counts it.
constexpr std::uint8_t kAnnouncementContext[] = "timecast announcement v1";
constexpr std::uint8_t kSuccessorContext[] = "timecast successor v1";
static_assert(sizeof kAnnouncementContext == 25);

bool has_magic(const ExtensionField& field, std::uint16_t type, std::uint32_t magic) noexcept {
  return field.type == type && read_big_endian<std::uint32_t>(field.octets, 4) == magic;
}

// Right behind the header, or behind the successor of a key. Were any other field allowed there, a
// challenge could be made whose nonce is a header and the beginning of a field that covers the
// reply's own header: the signature of the reply would be one over an announcement of any content.
bool stands_in_place(const Packet& packet, const ExtensionField& field) noexcept {
  return field.offset == kHeaderOctets ||
         (field.offset == kHeaderOctets + kSuccessorOctets && find_successor(packet));
}

bool is_well_formed(const Packet& packet, const ExtensionField& field) noexcept {
  return stands_in_place(packet, field) && field.octets.size() == kAnnouncementOctets &&
         field.octets[8] == kFieldVersion && field.octets[9] == kAlgorithmEd25519 &&
         field.offset + field.octets.size() == packet.octets.size();  // last, and no MAC behind it
}

Announcement read_announcement(const ExtensionField& field) noexcept {
  const Octets o = field.octets;
  Announcement a;
  a.flags = read_big_endian<std::uint16_t>(o, 10);
  copy_octets(o.subspan(12, kPublicKeyOctets), a.key);
  a.chain = read_big_endian<std::uint16_t>(o, 44);
  a.query_spread = read_big_endian<std::uint16_t>(o, 46);
  a.interval_ms = read_big_endian<std::uint32_t>(o, 48);
  a.sequence = read_big_endian<std::uint64_t>(o, 52);
  a.offset = field.offset;
  copy_octets(o.subspan(kSignatureOffset), a.signature);
  return a;
}

SignedMessage announcement_message(Octets packet, std::size_t offset, Octets nonce) noexcept {
  return {kAnnouncementContext, nonce, packet.first(offset + kSignatureOffset)};
}

}  // namespace

Expected<Announcement, Reject> find_announcement(const Packet& packet) noexcept {
  // Any earlier field of this kind is not the last one, so the first found decides.
  for (const ExtensionField field : packet.fields()) {
    if (!has_magic(field, kAnnouncementType, kAnnouncementMagic)) continue;
    if (!is_well_formed(packet, field)) return because(Reject::bad_announcement);
    return read_announcement(field);
  }
  return because(Reject::no_announcement);
}

bool is_challenge(const Announcement& a) noexcept {
  return a.flags == 0 && all_zero(a.key) && a.chain == 0 && a.query_spread == 0 &&
         a.interval_ms == 0 && a.sequence == 0;
}

void write_announcement(MutableOctets packet, std::size_t offset, const Announcement& a) noexcept {
  const MutableOctets o = packet.subspan(offset, kAnnouncementOctets);
  write_big_endian(o, 0, kAnnouncementType);
  write_big_endian(o, 2, static_cast<std::uint16_t>(kAnnouncementOctets));
  write_big_endian(o, 4, kAnnouncementMagic);
  o[8] = kFieldVersion;
  o[9] = kAlgorithmEd25519;
  write_big_endian(o, 10, a.flags);
  copy_octets(a.key, o.subspan(12, kPublicKeyOctets));
  write_big_endian(o, 44, a.chain);
  write_big_endian(o, 46, a.query_spread);
  write_big_endian(o, 48, a.interval_ms);
  write_big_endian(o, 52, a.sequence);
  copy_octets(a.signature, o.subspan(kSignatureOffset));
}

void write_challenge(MutableOctets packet, std::size_t offset, const Nonce& nonce) noexcept {
  Announcement challenge;
  challenge.signature = nonce;
  write_announcement(packet, offset, challenge);
}

bool sign_packet(MutableOctets packet, std::size_t offset, Octets nonce,
                 const Signer& signer) noexcept {
  Signature signature{};
  if (!signer(announcement_message(packet, offset, nonce), signature)) return false;
  copy_octets(signature, packet.subspan(offset + kSignatureOffset, kSignatureOctets));
  return true;
}

bool verify_packet(Octets packet, const Announcement& a, Octets nonce,
                   const Verifier& verifier) noexcept {
  return verifier(a.key, announcement_message(packet, a.offset, nonce), a.signature);
}

std::optional<Successor> find_successor(const Packet& packet) noexcept {
  for (const ExtensionField field : packet.fields()) {
    if (!has_magic(field, kSuccessorType, kSuccessorMagic)) continue;
    if (field.octets.size() != kSuccessorOctets) return std::nullopt;
    Successor successor;
    copy_octets(field.octets.subspan(8, kPublicKeyOctets), successor.old_key);
    copy_octets(field.octets.subspan(40, kSignatureOctets), successor.signature);
    return successor;
  }
  return std::nullopt;
}

void write_successor(MutableOctets packet, std::size_t offset,
                     const Successor& successor) noexcept {
  const MutableOctets o = packet.subspan(offset, kSuccessorOctets);
  write_big_endian(o, 0, kSuccessorType);
  write_big_endian(o, 2, static_cast<std::uint16_t>(kSuccessorOctets));
  write_big_endian(o, 4, kSuccessorMagic);
  copy_octets(successor.old_key, o.subspan(8, kPublicKeyOctets));
  copy_octets(successor.signature, o.subspan(40, kSignatureOctets));
}

bool endorse(const PublicKey& new_key, const Signer& old_key, Successor& successor) noexcept {
  successor.old_key = old_key.key;
  return old_key({kSuccessorContext, {}, new_key}, successor.signature);
}

bool verify_successor(const Successor& successor, const PublicKey& new_key,
                      const Verifier& verifier) noexcept {
  return verifier(successor.old_key, {kSuccessorContext, {}, new_key}, successor.signature);
}

}  // namespace timecast
