// SPDX-License-Identifier: MIT
#include "announcer/core/reply.hpp"

#include <timecast/wire/mac.hpp>

namespace timecast {
namespace {

constexpr std::uint16_t kNtpPort = 123;
constexpr std::uint16_t kFirstUnprivilegedPort = 1024;

bool is_mac(Octets octets) noexcept {
  return octets.size() > kKeyIdOctets && octets.size() <= kMaxMacOctets;
}

}  // namespace

Expected<Request, Reject> read_request(Octets octets) noexcept {
  const auto packet = decode(octets);
  if (!packet) return because(packet.error());
  const Header& header = packet->header;
  if (header.mode != Mode::client) return because(Reject::bad_mode);
  Request request{header.version,  header.poll,  header.origin, header.receive,
                  header.transmit, std::nullopt, packet->mac};
  if (!request.mac.empty()) {
    // Behind the header alone, because a digest of the old kind can be extended by fields. A NAK,
    // and Microsoft's, no key of ours has made.
    const bool may_hold = packet->fields().empty() && is_mac(request.mac);
    return may_hold ? Expected<Request, Reject>{request} : because(Reject::unknown_mac);
  }
  const auto challenge = find_announcement(*packet);
  if (!challenge) {
    if (challenge.error() == Reject::no_announcement) return request;
    return because(challenge.error());
  }
  // Only the plainest challenge: anything before it would have to be answered at equal length.
  const bool plain = octets.size() == kAnnouncementPacketOctets && is_challenge(*challenge);
  if (!plain) return because(Reject::bad_announcement);
  request.nonce = challenge->signature;
  return request;
}

bool answerable(const Endpoint& from, const Endpoint& self) noexcept {
  if (!from.address.is_unicast() || from.port == 0) return false;
  if (from.port < kFirstUnprivilegedPort && from.port != kNtpPort) return false;
  if (from.address == self.address && from.port == self.port) return false;
  return from.address.is_loopback() == self.address.is_loopback();  // none comes from the wire
}

}  // namespace timecast
