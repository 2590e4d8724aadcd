// SPDX-License-Identifier: MIT
#include "common/host/reference_id.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace timecast {

namespace {

constexpr std::uint8_t kLastNamedStratum = 1;  // up to it the reference id is characters

bool is_printable(std::uint8_t octet) noexcept { return octet >= 0x20 && octet < 0x7F; }

}  // namespace

ReferenceId reference_id_of(const Address& address) noexcept {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  ReferenceId id{};
  if (address.family == Family::ipv4) {
    copy_octets(Octets{address.octets}.first(id.size()), id);
  } else if (EVP_Digest(address.octets.data(), address.octets.size(), digest.data(), nullptr,
                        EVP_md5(), nullptr) == 1) {
    copy_octets(Octets{digest}.first(id.size()), id);
  } else {
    ERR_clear_error();
  }
  return id;
}

std::vector<ReferenceId> reference_ids_of(const std::vector<Interface>& interfaces) {
  std::vector<ReferenceId> ids;
  for (const Interface& interface : interfaces) {
    for (const Prefix& prefix : interface.addresses) {
      // Every host calls itself so.
      if (prefix.address.is_loopback()) continue;
      const ReferenceId id = reference_id_of(prefix.address);
      if (!all_zero(id)) ids.push_back(id);
    }
  }
  return ids;
}

std::string reference_id_text(const Header& header) {
  const ReferenceId& id = header.reference_id;
  if (header.stratum > kLastNamedStratum) {
    std::string numbers;
    for (const std::uint8_t octet : id) {
      numbers += (numbers.empty() ? "" : ".") + std::to_string(octet);
    }
    return numbers;
  }
  if (all_zero(id)) return "none";
  std::string name;
  for (const std::uint8_t octet : id) {
    if (octet != 0) name += is_printable(octet) ? static_cast<char>(octet) : '.';
  }
  return name;
}

bool is_name(const ReferenceId& id) noexcept {
  const auto* const end = std::find(id.begin(), id.end(), std::uint8_t{0});
  return end != id.begin() && std::all_of(id.begin(), end, is_printable) &&
         std::all_of(end, id.end(), [](std::uint8_t octet) { return octet == 0; });
}

bool follows_any(Octets packet, const std::vector<ReferenceId>& ids) noexcept {
  if (packet.size() < kHeaderOctets) return false;
  const Header header = decode_header(packet.first<kHeaderOctets>());
  return header.stratum >= 2 && std::find(ids.begin(), ids.end(), header.reference_id) != ids.end();
}

}  // namespace timecast
