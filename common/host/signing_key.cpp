// SPDX-License-Identifier: MIT
#include "common/host/signing_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/host/atomic_file.hpp"
#include "common/host/free_by.hpp"

namespace timecast {

namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using PublicHalf = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY_free>>;
using MemoryFile = std::unique_ptr<BIO, FreeBy<BIO_free>>;

constexpr mode_t kPrivateMode = 0600;

// OpenSSL keeps its reasons in a queue of the thread. The outcome says enough.
bool ok(bool outcome) noexcept {
  if (!outcome) ERR_clear_error();
  return outcome;
}

// The parts of a message in a row, because OpenSSL takes an Ed25519 message whole.
class WholeMessage {
 public:
  static constexpr std::size_t kCapacity = 1500;  // no datagram of ours is longer

  explicit WholeMessage(const SignedMessage& message) noexcept {
    fits_ = message.size() <= kCapacity;
    if (!fits_) return;
    for (const Octets part : {message.context, message.nonce, message.body}) {
      copy_octets(part, MutableOctets{octets_}.subspan(size_));
      size_ += part.size();
    }
  }
  [[nodiscard]] bool fits() const noexcept { return fits_; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return octets_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::array<std::uint8_t, kCapacity> octets_;
  std::size_t size_ = 0;
  bool fits_ = false;
};

EVP_PKEY* evp(const void* key) noexcept {
  // OpenSSL takes no const here, and changes nothing but its own counts and caches, under locks.
  return static_cast<EVP_PKEY*>(const_cast<void*>(key));
}

bool sign(const void* key, const SignedMessage& message, Signature& signature) noexcept {
  const WholeMessage whole{message};
  if (!whole.fits()) return false;
  const DigestContext context{EVP_MD_CTX_new()};
  std::size_t length = signature.size();
  return ok(context != nullptr &&
            EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, evp(key)) == 1 &&
            EVP_DigestSign(context.get(), signature.data(), &length, whole.data(), whole.size()) ==
                1 &&
            length == signature.size());
}

// The key's EVP_PKEY is made at each call: a fiftieth of the time that the check itself takes.
bool verify(const void* /*context*/, const PublicKey& key, const SignedMessage& message,
            const Signature& signature) noexcept {
  const WholeMessage whole{message};
  if (!whole.fits()) return false;
  const DigestContext context{EVP_MD_CTX_new()};
  const PublicHalf half{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())};
  return ok(context != nullptr && half != nullptr &&
            EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, half.get()) == 1 &&
            EVP_DigestVerify(context.get(), signature.data(), signature.size(), whole.data(),
                             whole.size()) == 1);
}

// Without it OpenSSL would ask at the terminal for the passphrase of an encrypted file.
int no_passphrase(char* /*out*/, int /*size*/, int /*writing*/, void* /*context*/) { return -1; }

}  // namespace

void SigningKey::Free::operator()(void* key) const noexcept { EVP_PKEY_free(evp(key)); }

SigningKey::SigningKey(Key key, const PublicKey& public_key) noexcept
    : key_{std::move(key)}, public_key_{public_key} {}

// Takes what OpenSSL made or read: a key, one of another kind, or nothing.
Result<SigningKey> SigningKey::adopt(Key key, const std::string& complaint) {
  PublicKey public_key{};
  std::size_t length = public_key.size();
  EVP_PKEY* const both = evp(key.get());
  const bool usable = both != nullptr && EVP_PKEY_get_id(both) == EVP_PKEY_ED25519 &&
                      EVP_PKEY_get_raw_public_key(both, public_key.data(), &length) == 1;
  if (!ok(usable)) return because(Error{complaint});
  return SigningKey{std::move(key), public_key};
}

Result<SigningKey> SigningKey::generate() {
  return adopt(Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")},
               "cannot make a key: this OpenSSL has no Ed25519");
}

Result<SigningKey> SigningKey::from_seed(const PrivateSeed& seed) {
  return adopt(
      Key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())},
      "cannot make a key: this OpenSSL has no Ed25519");
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  auto content = read_private_file(path);
  if (!content) return because(content.error());
  std::string& pem = *content;
  const MemoryFile file{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  Key key{PEM_read_bio_PrivateKey(file.get(), nullptr, no_passphrase, nullptr)};
  OPENSSL_cleanse(pem.data(), pem.size());
  return adopt(std::move(key),
               path +
                   ": holds no Ed25519 private key (PKCS#8, PEM, no passphrase); restore it, or "
                   "move it away and a new one will be made");
}

Result<SigningKey> SigningKey::load_or_create(const std::string& path, bool& created) {
  created = false;
  if (file_exists(path)) return load(path);
  auto key = generate();
  if (!key) return key;
  if (const auto saved = key->save(path); !saved) {
    // Another process can have made one in the meantime; that one counts.
    return file_exists(path) ? load(path) : because(saved.error());
  }
  created = true;
  return key;
}

Result<void> SigningKey::save(const std::string& path) const {
  const MemoryFile file{BIO_new(BIO_s_mem())};
  const bool written =
      file != nullptr && PEM_write_bio_PKCS8PrivateKey(file.get(), evp(key_.get()), nullptr,
                                                       nullptr, 0, nullptr, nullptr) == 1;
  if (!ok(written)) return because(Error{"cannot write " + path + ": out of memory"});
  char* text = nullptr;
  const auto length = static_cast<std::size_t>(BIO_get_mem_data(file.get(), &text));
  return write_new_file(path, {text, length}, kPrivateMode);
}

Signer SigningKey::signer() const noexcept { return {sign, key_.get(), public_key_}; }

Verifier openssl_verifier() noexcept { return {verify, nullptr}; }

namespace {

constexpr std::size_t kBase64Length = (kPublicKeyOctets + 2) / 3 * 4;

}  // namespace

std::string to_base64(const PublicKey& key) {
  std::array<unsigned char, kBase64Length + 1> text{};  // OpenSSL ends it with a zero
  const int length = EVP_EncodeBlock(text.data(), key.data(), static_cast<int>(key.size()));
  return {text.begin(), text.begin() + length};
}

Result<PublicKey> public_key_from_base64(std::string_view text) {
  std::array<unsigned char, kBase64Length> characters{};
  std::array<unsigned char, kBase64Length / 4 * 3> octets{};
  if (text.size() == kBase64Length) {
    std::copy(text.begin(), text.end(), characters.begin());
    EVP_DecodeBlock(octets.data(), characters.data(), kBase64Length);
  }
  PublicKey key{};
  std::copy_n(octets.begin(), key.size(), key.begin());
  // OpenSSL is lenient; but one key has one form, so that texts can be compared.
  if (to_base64(key) == text) return key;
  return because(Error{'"' + std::string{text} +
                       "\" is no public key; it is one word of 44 base64 characters"});
}

ReferenceId reference_id_of(const PublicKey& key) noexcept {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_Digest(key.data(), key.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return {digest[0], digest[1], digest[2], digest[3]};
}

}  // namespace timecast
