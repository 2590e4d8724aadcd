// SPDX-License-Identifier: MIT
//
// One symmetric key with its algorithm: makes digests, and compares them in constant time.
//
//     const auto key = MacKey::create(*mac_kind_named("AES128"), secret);
//     key->holds(message, digest)
//
// The secret itself is not kept: what OpenSSL has made of it is, and is cleared with it.
//
// Errors:  a secret that does not fit its algorithm, in words without the secret.
// Threads: any, one key from one thread at a time.
// Source:  RFC 8573 (AES-CMAC); RFC 5905 section 7.3 and chrony.conf(5) for digests behind a key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <timecast/wire/octets.hpp>

#include "common/host/error.hpp"

namespace timecast {

struct MacKind {
  std::string_view name;   // in key files, in capital letters
  const char* algorithm;   // OpenSSL's name for it
  std::size_t key_octets;  // that it must have; 0: any
  std::size_t digest_octets;
  bool is_cmac;
  // ntpd's word for it: a shorter key is filled with zeros, a longer one cut, as ntpd does.
  bool is_fitted;
  bool is_legacy;  // RFC 8573: MUST NOT be used any more
};

// By its name in ntpd's or chrony's key files, in letters of any case; nullptr if it is none.
[[nodiscard]] const MacKind* mac_kind_named(std::string_view name) noexcept;
// "AES128, AES256, ..."
[[nodiscard]] std::string mac_kind_names();

struct MacDigest {
  std::array<std::uint8_t, 20> octets{};
  std::size_t size = 0;  // 0: it could not be made
  [[nodiscard]] Octets value() const noexcept { return Octets{octets}.first(size); }
};

class MacKey {
 public:
  [[nodiscard]] static Result<MacKey> create(const MacKind& kind, Octets secret);

  [[nodiscard]] const MacKind& kind() const noexcept { return *kind_; }
  [[nodiscard]] MacDigest digest(Octets message) const noexcept;
  [[nodiscard]] bool holds(Octets message, Octets digest) const noexcept;

 private:
  // An EVP_MAC_CTX or an EVP_MD_CTX that has the key already.
  using Primed = std::unique_ptr<void, void (*)(void*)>;
  MacKey(const MacKind& kind, Primed primed) noexcept;

  const MacKind* kind_;
  Primed primed_;
};

}  // namespace timecast
