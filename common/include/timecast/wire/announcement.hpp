// SPDX-License-Identifier: MIT
//
// timecast's own extension fields: the announcement (also the signed challenge and its reply) and
// the successor of a key.
//
//   announcement, type 0xF7E1, 124 octets, last in its packet:
//     0 type | 2 length | 4 magic "TCST" | 8 version 1 | 9 algorithm 1 (Ed25519) | 10 flags
//    12 public key (32) | 44 chain | 46 query spread (100 ms) | 48 interval (ms)
//    52 sequence | 60 signature (64)
//   successor, type 0xF7E2, 104 octets, before the announcement:
//     0 type | 2 length | 4 magic "TCRO" | 8 old public key (32) | 40 signature of the old key (64)
//
// Errors:  a Reject; a field of the right type with another magic is somebody else's experiment
//          and counts as absent.
// Builds:  freestanding.
// Source:  docs/protocol.md; RFC 9748 (experimental types); RFC 8032.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <timecast/wire/packet.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

inline constexpr std::uint16_t kAnnouncementType = 0xF7E1;
inline constexpr std::size_t kAnnouncementOctets = 124;
inline constexpr std::size_t kAnnouncementPacketOctets = kHeaderOctets + kAnnouncementOctets;
inline constexpr std::uint16_t kSuccessorType = 0xF7E2;
inline constexpr std::size_t kSuccessorOctets = 104;

inline constexpr std::uint16_t kFlagClockStepped = 0x0001;
// The sender's clock is the reference of an isolated network: nobody vouches for it.
inline constexpr std::uint16_t kFlagIsland = 0x0002;

struct Announcement {
  std::uint16_t flags = 0;
  PublicKey key{};
  std::uint16_t chain = 0;         // one per interface and family, new at every start
  std::uint16_t query_spread = 0;  // unit 100 ms: over how long new listeners spread queries
  std::uint32_t interval_ms = 0;   // between announcements of this chain
  std::uint64_t sequence = 0;      // strictly increasing per key and chain
  std::size_t offset = 0;          // of the field in its packet
  std::array<std::uint8_t, 64> signature{};  // in a challenge: the nonce

  [[nodiscard]] bool clock_stepped() const noexcept { return (flags & kFlagClockStepped) != 0; }
  [[nodiscard]] bool is_island() const noexcept { return (flags & kFlagIsland) != 0; }
  [[nodiscard]] Duration query_spread_duration() const noexcept {
    return Duration::nanoseconds(std::int64_t{query_spread} * 100'000'000);
  }
  [[nodiscard]] Duration interval() const noexcept {
    return Duration::nanoseconds(std::int64_t{interval_ms} * 1'000'000);
  }
  // Nobody announces more often or more rarely.
  [[nodiscard]] bool has_interval() const noexcept {
    return interval_ms >= 100 && interval_ms <= 1'024'000;
  }
};

// The announcement of a packet. Reject::no_announcement if there is none, bad_announcement if it
// is not the last field, comes twice, is followed by a MAC, has anything but a successor in front,
// or has another size, version or algorithm.
[[nodiscard]] Expected<Announcement, Reject> find_announcement(const Packet& packet) noexcept;

// A request for a signed reply: everything but the nonce is zero.
[[nodiscard]] bool is_challenge(const Announcement& announcement) noexcept;

// Writes the field at `offset`, REQUIRES room for it there.
void write_announcement(MutableOctets packet, std::size_t offset,
                        const Announcement& announcement) noexcept;
void write_challenge(MutableOctets packet, std::size_t offset, const Nonce& nonce) noexcept;

// Signs the packet, whose announcement field stands at `offset`, in place. The nonce is empty for
// announcements. False if the signer refuses.
[[nodiscard]] bool sign_packet(MutableOctets packet, std::size_t offset, Octets nonce,
                               const Signer& signer) noexcept;

// REQUIRES: `announcement` was found in this packet.
[[nodiscard]] bool verify_packet(Octets packet, const Announcement& announcement, Octets nonce,
                                 const Verifier& verifier) noexcept;

struct Successor {
  PublicKey old_key{};
  Signature signature{};
};

// The successor field of a packet, if one stands there whole; nothing otherwise.
[[nodiscard]] std::optional<Successor> find_successor(const Packet& packet) noexcept;
void write_successor(MutableOctets packet, std::size_t offset, const Successor& successor) noexcept;

// The old key's word for the new one.
[[nodiscard]] bool endorse(const PublicKey& new_key, const Signer& old_key,
                           Successor& successor) noexcept;
[[nodiscard]] bool verify_successor(const Successor& successor, const PublicKey& new_key,
                                    const Verifier& verifier) noexcept;

}  // namespace timecast
