// SPDX-License-Identifier: MIT
//
// The reference ids by which servers of stratum 2 and more name whom they follow.
//
// Errors:  where OpenSSL has no MD5 (FIPS) that of an IPv6 address is unknown: four zeros.
// Threads: any; pure functions.
// Source:  RFC 5905 section 7.3, "Reference ID"; its loop check: section 11.2.1 (TEST12 of ntpd).
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/header.hpp>

#include "common/host/interfaces.hpp"

namespace timecast {

// An IPv4 address itself; the first four octets of an IPv6 address's MD5.
[[nodiscard]] ReferenceId reference_id_of(const Address& address) noexcept;

// Of all addresses of a host by which others can follow it.
[[nodiscard]] std::vector<ReferenceId> reference_ids_of(const std::vector<Interface>& interfaces);

// GPS, 192.0.2.1, none: characters up to stratum 1, numbers above.
[[nodiscard]] std::string reference_id_text(const Header& header);

// Whether it is a name, as reference clocks have, whatever the stratum. An address may look like
// one too.
[[nodiscard]] bool is_name(const ReferenceId& id) noexcept;

// Whether the packet's sender follows one of these. At stratum 1 the id is a text.
[[nodiscard]] bool follows_any(Octets packet, const std::vector<ReferenceId>& ids) noexcept;

}  // namespace timecast
