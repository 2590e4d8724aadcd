// SPDX-License-Identifier: MIT
//
// Signatures behind an interface, so that the layers below the sans-I/O line need no crypto
// library, and a board can use its own.
//
// Errors:  a signature that cannot be made or does not verify is `false`, never an exception.
// Threads: the functions are called on the thread that calls the core.
// Builds:  freestanding.
// Source:  Ed25519: RFC 8032, pure, no prehash.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <timecast/wire/octets.hpp>

namespace timecast {

inline constexpr std::size_t kPublicKeyOctets = 32;
inline constexpr std::size_t kSignatureOctets = 64;
inline constexpr std::size_t kNonceOctets = 64;

using PublicKey = std::array<std::uint8_t, kPublicKeyOctets>;
using Signature = std::array<std::uint8_t, kSignatureOctets>;
using Nonce = std::array<std::uint8_t, kNonceOctets>;

// What is signed is the concatenation of the parts, in this order. They stay apart so that nobody
// must assemble them who can hash them one by one.
struct SignedMessage {
  Octets context;
  Octets nonce;  // empty but in replies to a challenge
  Octets body;

  [[nodiscard]] constexpr std::size_t size() const noexcept {
    return context.size() + nonce.size() + body.size();
  }
};

struct Verifier {
  bool (*verify)(const void* context, const PublicKey& key, const SignedMessage& message,
                 const Signature& signature) noexcept = nullptr;
  const void* context = nullptr;

  [[nodiscard]] bool operator()(const PublicKey& key, const SignedMessage& message,
                                const Signature& signature) const noexcept {
    return verify != nullptr && verify(context, key, message, signature);
  }
};

struct Signer {
  bool (*sign)(const void* context, const SignedMessage& message,
               Signature& signature) noexcept = nullptr;
  const void* context = nullptr;
  PublicKey key{};  // the public half, sent in every announcement

  [[nodiscard]] bool operator()(const SignedMessage& message, Signature& signature) const noexcept {
    return sign != nullptr && sign(context, message, signature);
  }
};

}  // namespace timecast
