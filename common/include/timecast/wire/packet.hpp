// SPDX-License-Identifier: MIT
//
// An NTP packet taken apart: header, extension fields, message authentication code.
//
//     if (const auto packet = decode(octets)) {
//       for (const ExtensionField field : packet->fields()) use(field.type, field.value());
//     }
//
// Errors:  decode() is total: a Packet, or the Reject that names the first structural error.
// Builds:  freestanding. A Packet refers to the octets it was decoded from.
// Source:  RFC 5905 section 7.3; RFC 7822, which replaces its section 7.5 (fields and MAC).
#pragma once

#include <cstddef>
#include <cstdint>

#include <timecast/wire/expected.hpp>
#include <timecast/wire/header.hpp>
#include <timecast/wire/octets.hpp>
#include <timecast/wire/reject.hpp>

namespace timecast {

inline constexpr std::size_t kMaxPacketOctets = 1280;  // never fragmented, IPv6 included
inline constexpr std::size_t kMinFieldOctets = 16;
inline constexpr std::size_t kCryptoNakOctets = 4;

struct ExtensionField {
  std::uint16_t type = 0;
  std::size_t offset = 0;  // of the field in its packet
  Octets octets;           // the whole field: type, length, value, padding

  [[nodiscard]] constexpr Octets value() const noexcept { return octets.subspan(4); }
};

// The fields of a packet that decode() has checked.
class ExtensionFields {
 public:
  class Iterator {
   public:
    constexpr Iterator(Octets packet, std::size_t offset) noexcept
        : packet_{packet}, offset_{offset} {}
    constexpr ExtensionField operator*() const noexcept {
      return {read_big_endian<std::uint16_t>(packet_, offset_), offset_,
              packet_.subspan(offset_, length())};
    }
    constexpr Iterator& operator++() noexcept {
      offset_ += length();
      return *this;
    }
    friend constexpr bool operator!=(const Iterator& a, const Iterator& b) noexcept {
      return a.offset_ != b.offset_;
    }

   private:
    [[nodiscard]] constexpr std::size_t length() const noexcept {
      return read_big_endian<std::uint16_t>(packet_, offset_ + 2);
    }
    Octets packet_;
    std::size_t offset_;
  };

  constexpr ExtensionFields(Octets packet, std::size_t end) noexcept : packet_{packet}, end_{end} {}
  [[nodiscard]] constexpr Iterator begin() const noexcept { return {packet_, kHeaderOctets}; }
  [[nodiscard]] constexpr Iterator end() const noexcept { return {packet_, end_}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return end_ == kHeaderOctets; }

 private:
  Octets packet_;
  std::size_t end_;
};

struct Packet {
  Header header;
  Octets octets;           // the whole packet
  std::size_t fields_end;  // where the MAC begins, if there is one
  Octets mac;              // key id and digest; empty if none; 4 octets: crypto-NAK

  [[nodiscard]] constexpr ExtensionFields fields() const noexcept { return {octets, fields_end}; }
  [[nodiscard]] constexpr bool is_crypto_nak() const noexcept {
    return mac.size() == kCryptoNakOctets;
  }
};

[[nodiscard]] Expected<Packet, Reject> decode(Octets octets) noexcept;

}  // namespace timecast
