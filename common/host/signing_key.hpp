// SPDX-License-Identifier: MIT
//
// Ed25519 by OpenSSL: an announcer's key, and the check of others' signatures.
//
//     const auto key = SigningKey::load_or_create(directory + "/announcer.key", created);
//     config.signer = key->signer();
//
// The private half is a PKCS#8 PEM file of mode 0600; the public half is shown as one line of
// base64.
//
// Errors:  an Error that names the file. Signing and verifying: false.
// Threads: any; a Signer must not outlive its SigningKey.
// Source:  RFC 8032; RFC 8410 for the file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <timecast/wire/header.hpp>
#include <timecast/wire/signature.hpp>

#include "common/host/error.hpp"

namespace timecast {

using PrivateSeed = std::array<std::uint8_t, 32>;

class SigningKey {
 public:
  [[nodiscard]] static Result<SigningKey> generate();
  [[nodiscard]] static Result<SigningKey> from_seed(const PrivateSeed& seed);
  // Refuses a file that others can read.
  [[nodiscard]] static Result<SigningKey> load(const std::string& path);
  // `created` says whether the key is new.
  [[nodiscard]] static Result<SigningKey> load_or_create(const std::string& path, bool& created);

  // Refuses to replace a file: a lost key makes every listener that trusts it deaf.
  [[nodiscard]] Result<void> save(const std::string& path) const;

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }
  [[nodiscard]] Signer signer() const noexcept;

 private:
  struct Free {
    void operator()(void* key) const noexcept;  // OpenSSL clears the private half
  };
  using Key = std::unique_ptr<void, Free>;  // an EVP_PKEY

  SigningKey(Key key, const PublicKey& public_key) noexcept;
  static Result<SigningKey> adopt(Key key, const std::string& complaint);

  Key key_;
  PublicKey public_key_{};
};

[[nodiscard]] Verifier openssl_verifier() noexcept;

[[nodiscard]] std::string to_base64(const PublicKey& key);
[[nodiscard]] Result<PublicKey> public_key_from_base64(std::string_view text);

// The first four octets of SHA-256: the reference id of an island announcer.
[[nodiscard]] ReferenceId reference_id_of(const PublicKey& key) noexcept;

}  // namespace timecast
