// SPDX-License-Identifier: MIT
#include "tests/simulation/toy_signer.hpp"

namespace timecast::sim {
namespace {

std::uint64_t hash(const PublicKey& key, const SignedMessage& message) noexcept {
  std::uint64_t h = 0xCBF2'9CE4'8422'2325U;
  for (const Octets part : {Octets{key}, message.context, message.nonce, message.body}) {
    for (const std::uint8_t octet : part) h = (h ^ octet) * 0x100'0000'01B3U;
  }
  return h;
}

}  // namespace

Signer toy_signer(std::uint8_t key) {
  static const std::array<PublicKey, 256> keys = [] {
    std::array<PublicKey, 256> made{};
    for (std::size_t i = 0; i < made.size(); ++i) made[i].fill(static_cast<std::uint8_t>(i));
    return made;
  }();
  return {[](const void* context, const SignedMessage& message, Signature& out) noexcept {
            out.fill(0);
            write_big_endian(out, 0, hash(*static_cast<const PublicKey*>(context), message));
            return true;
          },
          &keys[key], keys[key]};
}

Verifier toy_verifier() {
  return {[](const void*, const PublicKey& key, const SignedMessage& message,
             const Signature& signature) noexcept {
            return read_big_endian<std::uint64_t>(signature, 0) == hash(key, message);
          },
          nullptr};
}

}  // namespace timecast::sim
