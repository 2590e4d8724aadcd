// SPDX-License-Identifier: MIT
//
// Signatures for tests without cryptography: a hash of the key and of every octet that is signed,
// in which each bit counts. Whoever knows the public key can make them.
#pragma once

#include <timecast/wire/signature.hpp>

namespace timecast::test {

// FNV-1a. Each step is a bijection, so that one changed octet always changes the result.
inline std::uint64_t fnv(std::uint64_t hash, Octets octets) noexcept {
  for (const std::uint8_t octet : octets) hash = (hash ^ octet) * 0x0000'0100'0000'01B3U;
  return hash;
}

inline Signature toy_signature(const PublicKey& key, const SignedMessage& message) noexcept {
  Signature signature{};
  for (std::size_t i = 0; i < signature.size(); i += 8) {
    std::uint64_t hash = fnv(0xCBF2'9CE4'8422'2325U + i, key);
    hash = fnv(fnv(fnv(hash, message.context), message.nonce), message.body);
    write_big_endian(signature, i, hash);
  }
  return signature;
}

// REQUIRES: `key` outlives the signer.
inline Signer toy_signer(const PublicKey& key) noexcept {
  return {[](const void* context, const SignedMessage& message, Signature& out) noexcept {
            out = toy_signature(*static_cast<const PublicKey*>(context), message);
            return true;
          },
          &key, key};
}

inline Verifier toy_verifier() noexcept {
  return {
      [](const void*, const PublicKey& key, const SignedMessage& message,
         const Signature& signature) noexcept { return signature == toy_signature(key, message); },
      nullptr};
}

// One that has lost its private half.
inline Signer refusing_signer(const PublicKey& key) noexcept {
  return {[](const void*, const SignedMessage&, Signature&) noexcept { return false; }, nullptr,
          key};
}

}  // namespace timecast::test
