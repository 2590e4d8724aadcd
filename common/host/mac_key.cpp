// SPDX-License-Identifier: MIT
#include "common/host/mac_key.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "common/host/free_by.hpp"

namespace timecast {

namespace {

// Longer digests are cut to 20 octets, so that RFC 7822 tells a MAC from an extension field.
constexpr MacKind kKinds[] = {
    {"AES128", "AES-128-CBC", 16, 16, true, false, false},
    {"AES256", "AES-256-CBC", 32, 16, true, false, false},
    {"AES128CMAC", "AES-128-CBC", 16, 16, true, true, false},
    {"AES", "AES-128-CBC", 16, 16, true, true, false},
    {"AES-128", "AES-128-CBC", 16, 16, true, true, false},
    {"SHA1", "SHA1", 0, 20, false, false, false},
    {"SHA256", "SHA256", 0, 20, false, false, false},
    {"SHA384", "SHA384", 0, 20, false, false, false},
    {"SHA512", "SHA512", 0, 20, false, false, false},
    {"SHA3-224", "SHA3-224", 0, 20, false, false, false},
    {"SHA3-256", "SHA3-256", 0, 20, false, false, false},
    {"SHA3-384", "SHA3-384", 0, 20, false, false, false},
    {"SHA3-512", "SHA3-512", 0, 20, false, false, false},
    {"MD5", "MD5", 0, 16, false, false, true},
    {"M", "MD5", 0, 16, false, false, true},
};

using Mac = std::unique_ptr<EVP_MAC, FreeBy<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeBy<EVP_MAC_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;

char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// A key of a fitted kind, as long as it must be. Cleared when it goes.
class FittedSecret {
 public:
  FittedSecret(const MacKind& kind, Octets secret) noexcept : secret_{secret} {
    if (!kind.is_fitted) return;
    copy_octets(secret.first(std::min(secret.size(), kind.key_octets)), fitted_);
    secret_ = Octets{fitted_}.first(kind.key_octets);
  }
  ~FittedSecret() { OPENSSL_cleanse(fitted_.data(), fitted_.size()); }
  FittedSecret(const FittedSecret&) = delete;
  FittedSecret& operator=(const FittedSecret&) = delete;
  [[nodiscard]] Octets octets() const noexcept { return secret_; }

 private:
  std::array<std::uint8_t, 32> fitted_{};
  Octets secret_;
};

MacContext primed_cmac(const MacKind& kind, Octets secret) noexcept {
  const Mac mac{EVP_MAC_fetch(nullptr, "CMAC", nullptr)};
  if (mac == nullptr) return nullptr;
  MacContext context{EVP_MAC_CTX_new(mac.get())};
  // OpenSSL takes no const here, and changes nothing.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, const_cast<char*>(kind.algorithm), 0),
      OSSL_PARAM_construct_end()};
  const bool ready = context != nullptr &&
                     EVP_MAC_init(context.get(), secret.data(), secret.size(), parameters) == 1;
  return ready ? std::move(context) : nullptr;
}

DigestContext primed_digest(const MacKind& kind, Octets secret) noexcept {
  const EVP_MD* const algorithm = EVP_get_digestbyname(kind.algorithm);
  DigestContext context{EVP_MD_CTX_new()};
  const bool ready = context != nullptr && algorithm != nullptr &&
                     EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
                     EVP_DigestUpdate(context.get(), secret.data(), secret.size()) == 1;
  return ready ? std::move(context) : nullptr;
}

using Whole = std::array<std::uint8_t, EVP_MAX_MD_SIZE>;

bool finish_cmac(const void* primed, Octets message, Whole& out) noexcept {
  std::size_t size = 0;
  const MacContext context{EVP_MAC_CTX_dup(static_cast<const EVP_MAC_CTX*>(primed))};
  return context != nullptr && EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1;
}

bool finish_digest(const void* primed, Octets message, Whole& out) noexcept {
  const DigestContext context{EVP_MD_CTX_new()};
  return context != nullptr &&
         EVP_MD_CTX_copy_ex(context.get(), static_cast<const EVP_MD_CTX*>(primed)) == 1 &&
         EVP_DigestUpdate(context.get(), message.data(), message.size()) == 1 &&
         EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
}

}  // namespace

const MacKind* mac_kind_named(std::string_view name) noexcept {
  for (const MacKind& kind : kKinds) {
    const bool same = std::equal(name.begin(), name.end(), kind.name.begin(), kind.name.end(),
                                 [](char a, char b) { return upper(a) == b; });
    if (same) return &kind;
  }
  return nullptr;
}

std::string mac_kind_names() {
  std::string names;
  for (const MacKind& kind : kKinds) {
    names += (names.empty() ? "" : ", ") + std::string{kind.name};
  }
  return names;
}

MacKey::MacKey(const MacKind& kind, Primed primed) noexcept
    : kind_{&kind}, primed_{std::move(primed)} {}

Result<MacKey> MacKey::create(const MacKind& kind, Octets secret) {
  const FittedSecret fitted{kind, secret};
  const Octets octets = fitted.octets();
  if (secret.empty() || (kind.key_octets != 0 && octets.size() != kind.key_octets)) {
    return because(Error{"a key of " + std::string{kind.name} + " has " +
                         (kind.key_octets == 0 ? "at least one octet"
                                               : std::to_string(kind.key_octets) + " octets") +
                         ", this one " + std::to_string(secret.size())});
  }
  Primed primed{nullptr, [](void* /*none*/) {}};
  if (kind.is_cmac) {
    primed = Primed{primed_cmac(kind, octets).release(),
                    [](void* context) { EVP_MAC_CTX_free(static_cast<EVP_MAC_CTX*>(context)); }};
  } else {
    primed = Primed{primed_digest(kind, octets).release(),
                    [](void* context) { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context)); }};
  }
  ERR_clear_error();
  if (primed == nullptr) {
    return because(Error{"this OpenSSL has no " + std::string{kind.name} +
                         "; give the key another type, on both sides"});
  }
  return MacKey{kind, std::move(primed)};
}

MacDigest MacKey::digest(Octets message) const noexcept {
  Whole whole{};
  const auto finish = kind_->is_cmac ? finish_cmac : finish_digest;
  MacDigest digest;
  if (finish(primed_.get(), message, whole)) {
    digest.size = kind_->digest_octets;
    copy_octets(Octets{whole}.first(digest.size), digest.octets);
  }
  ERR_clear_error();
  return digest;
}

// Lengths are no secret; octets are compared all of them, whatever the first ones say
// (CVE-2016-1550).
bool MacKey::holds(Octets message, Octets digest) const noexcept {
  const MacDigest made = this->digest(message);
  return made.size != 0 && made.size == digest.size() &&
         CRYPTO_memcmp(made.octets.data(), digest.data(), made.size) == 0;
}

}  // namespace timecast
