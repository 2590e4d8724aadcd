// SPDX-License-Identifier: MIT
//
// Ed25519 of OpenSSL, straight: what tests of the wire layer sign and verify with.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include <openssl/evp.h>
#include <timecast/wire/signature.hpp>

namespace timecast::test {

struct Free {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

inline std::vector<std::uint8_t> concatenated(const SignedMessage& message) {
  std::vector<std::uint8_t> octets;
  for (const Octets part : {message.context, message.nonce, message.body}) {
    octets.insert(octets.end(), part.begin(), part.end());
  }
  return octets;
}

class Ed25519Key {
 public:
  explicit Ed25519Key(Octets seed)
      : key_{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())} {
    std::size_t size = public_.size();
    if (!key_ || EVP_PKEY_get_raw_public_key(key_.get(), public_.data(), &size) != 1) {
      throw std::runtime_error("not the seed of a key");
    }
  }
  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_; }
  // Must not outlive this key.
  [[nodiscard]] Signer signer() const noexcept { return {&sign, this, public_}; }

 private:
  static bool sign(const void* self, const SignedMessage& message, Signature& out) noexcept {
    const Context context{EVP_MD_CTX_new()};
    const auto octets = concatenated(message);
    EVP_PKEY* const key = static_cast<const Ed25519Key*>(self)->key_.get();
    std::size_t size = out.size();
    return EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestSign(context.get(), out.data(), &size, octets.data(), octets.size()) == 1;
  }

  Key key_;
  PublicKey public_{};
};

inline Verifier ed25519_verifier() noexcept {
  return {[](const void*, const PublicKey& key, const SignedMessage& message,
             const Signature& signature) noexcept {
            const Key loaded{
                EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())};
            const Context context{EVP_MD_CTX_new()};
            const auto octets = concatenated(message);
            return loaded &&
                   EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, loaded.get()) ==
                       1 &&
                   EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                    octets.data(), octets.size()) == 1;
          },
          nullptr};
}

}  // namespace timecast::test
