// SPDX-License-Identifier: MIT
#include "common/host/reference_id.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace timecast {

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

bool follows_any(Octets packet, const std::vector<ReferenceId>& ids) noexcept {
  if (packet.size() < kHeaderOctets) return false;
  const Header header = decode_header(packet.first<kHeaderOctets>());
  return header.stratum >= 2 && std::find(ids.begin(), ids.end(), header.reference_id) != ids.end();
}

}  // namespace timecast
