// SPDX-License-Identifier: MIT
#include "common/host/signing_key.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

std::vector<std::uint8_t> from_hex(std::string_view hex) {
  std::vector<std::uint8_t> octets(hex.size() / 2);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, octets[i], 16);
  }
  return octets;
}

template <class Array>
Array array_from_hex(std::string_view hex) {
  const auto octets = from_hex(hex);
  Array array{};
  REQUIRE(octets.size() == array.size());
  std::copy(octets.begin(), octets.end(), array.begin());
  return array;
}

struct Vector {
  const char* seed;
  const char* public_key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
};

// RFC 8410 section 10.3, and the public half from section 10.1.
constexpr char kPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr char kPemSeed[] = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
constexpr char kPemPublic[] = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

SigningKey key_from(const char* seed) {
  auto key = SigningKey::from_seed(array_from_hex<PrivateSeed>(seed));
  REQUIRE(key);
  return std::move(*key);
}

// A PEM file that is none of ours, as OpenSSL writes it.
std::string foreign_pem(const char* kind) {
  EVP_PKEY* key = std::string_view{kind} == "elliptic curve"
                      ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  BIO* file = BIO_new(BIO_s_mem());
  if (std::string_view{kind} == "public half") {
    PEM_write_bio_PUBKEY(file, key);
  } else {
    const bool locked = std::string_view{kind} == "with passphrase";
    const char phrase[] = "phrase";
    PEM_write_bio_PKCS8PrivateKey(file, key, locked ? EVP_aes_128_cbc() : nullptr,
                                  locked ? phrase : nullptr, locked ? 6 : 0, nullptr, nullptr);
  }
  char* text = nullptr;
  const auto length = static_cast<std::size_t>(BIO_get_mem_data(file, &text));
  std::string pem{text, length};
  BIO_free(file);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace

TEST_CASE("host signing key: keys and signatures are those of RFC 8032") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.seed);
    const SigningKey key = key_from(vector.seed);
    const auto message = from_hex(vector.message);
    const auto expected = array_from_hex<Signature>(vector.signature);
    CHECK(key.public_key() == array_from_hex<PublicKey>(vector.public_key));
    CHECK(key.signer().key == key.public_key());

    Signature signature{};
    CHECK(key.signer()({{}, {}, message}, signature));
    CHECK(signature == expected);
    CHECK(openssl_verifier()(key.public_key(), {{}, {}, message}, signature));
  }
}

TEST_CASE("host signing key: what is signed are the three parts in a row") {
  const SigningKey key = key_from(kVectors[0].seed);
  const std::array<std::uint8_t, 6> message{1, 2, 3, 4, 5, 6};
  const Octets octets{message};
  Signature whole{}, parts{}, moved{};
  CHECK(key.signer()({{}, {}, octets}, whole));
  CHECK(key.signer()({octets.first(1), octets.subspan(1, 2), octets.subspan(3)}, parts));
  CHECK(key.signer()({octets.subspan(1, 2), octets.first(1), octets.subspan(3)}, moved));
  CHECK(whole == parts);
  CHECK(whole != moved);
}

TEST_CASE("host signing key: a signature fits one message and one key, bit for bit") {
  const SigningKey key = key_from(kVectors[0].seed);
  const Verifier verify = openssl_verifier();
  std::array<std::uint8_t, 3> message{0x55, 0xAA, 0x0F};
  const auto signed_message = [&] {
    const Octets octets{message};
    return SignedMessage{octets.first(1), octets.subspan(1, 1), octets.subspan(2)};
  };
  Signature signature{};
  REQUIRE(key.signer()(signed_message(), signature));
  PublicKey public_key = key.public_key();

  for (const MutableOctets place :
       {MutableOctets{message}, MutableOctets{signature}, MutableOctets{public_key}}) {
    for (std::size_t bit = 0; bit < 8 * place.size(); ++bit) {
      CAPTURE(place.size());
      CAPTURE(bit);
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      place[bit / 8] ^= mask;
      CHECK_FALSE(verify(public_key, signed_message(), signature));
      place[bit / 8] ^= mask;
    }
  }
  CHECK(verify(public_key, signed_message(), signature));
  CHECK(ERR_peek_error() == 0);  // nothing is left behind for other users of OpenSSL
}

// S plus the order of the group: a lenient check would accept a second form of each signature.
TEST_CASE("host signing key: a signature has one form") {
  const auto order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const SigningKey key = key_from(kVectors[1].seed);
  const auto message = from_hex(kVectors[1].message);
  auto signature = array_from_hex<Signature>(kVectors[1].signature);
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += unsigned{signature[32 + i]} + order[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  CHECK_FALSE(openssl_verifier()(key.public_key(), {{}, {}, message}, signature));
}

TEST_CASE("host signing key: a message longer than any datagram is neither signed nor verified") {
  const SigningKey key = key_from(kVectors[0].seed);
  const std::vector<std::uint8_t> octets(1501);
  const auto message_of = [&](std::size_t size) {
    const Octets all = Octets{octets}.first(size);
    return SignedMessage{all.first(25), all.subspan(25, 64), all.subspan(89)};
  };
  Signature signature{};
  CHECK(key.signer()(message_of(1500), signature));
  CHECK(openssl_verifier()(key.public_key(), message_of(1500), signature));
  CHECK_FALSE(key.signer()(message_of(1501), signature));
  CHECK_FALSE(openssl_verifier()(key.public_key(), message_of(1501), signature));
}

TEST_CASE("host signing key: a saved key is a private PKCS#8 file and comes back the same") {
  const TemporaryDirectory directory;
  const std::string path = directory / "announcer.key";
  const SigningKey key = key_from(kPemSeed);
  REQUIRE(key.save(path));
  CHECK(file_content(path) == kPem);
  CHECK(mode_of(path) == 0600);
  const auto loaded = SigningKey::load(path);
  REQUIRE(loaded);
  CHECK(loaded->public_key() == key.public_key());
  CHECK(to_base64(loaded->public_key()) == kPemPublic);
}

TEST_CASE("host signing key: a key works after it was moved and its source is gone") {
  std::vector<SigningKey> keys;
  keys.push_back(key_from(kVectors[1].seed));
  keys.push_back(key_from(kVectors[2].seed));
  const auto message = from_hex(kVectors[1].message);
  Signature signature{};
  CHECK(keys[0].signer()({{}, {}, message}, signature));
  CHECK(signature == array_from_hex<Signature>(kVectors[1].signature));
}

TEST_CASE("host signing key: no key replaces a file that is there") {
  const TemporaryDirectory directory;
  const std::string path = directory / "announcer.key";
  put_file(path, "precious");
  const auto saved = key_from(kPemSeed).save(path);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().text == "cannot write " + path + ": file exists");
  CHECK(file_content(path) == "precious");
  CHECK(directory.count() == 1);
}

TEST_CASE("host signing key: a file that others can open is refused") {
  const TemporaryDirectory directory;
  struct Row {
    mode_t mode;
    bool accepted;
  };
  const Row rows[] = {{0600, true},  {0400, true},  {0640, false}, {0604, false},
                      {0620, false}, {0602, false}, {0644, false}, {0610, false}};
  const std::string path = directory / "announcer.key";
  const std::string refusal =
      "cannot trust " + path + ": others than its owner can open it; chmod 600 " + path;
  for (const Row& row : rows) {
    CAPTURE(row.mode);
    put_file(path, kPem, row.mode);
    bool created = true;
    for (const auto& key : {SigningKey::load(path), SigningKey::load_or_create(path, created)}) {
      CHECK(key.has_value() == row.accepted);
      CHECK_FALSE(created);
      if (!key) CHECK(key.error().text == refusal);
    }
    REQUIRE(::chmod(path.c_str(), 0600) == 0);  // so that the next row can write
  }
}

TEST_CASE("host signing key: a file that holds no such key is refused and stays as it is") {
  const TemporaryDirectory directory;
  const std::string pem = kPem;
  const std::string contents[] = {"",
                                  "not a key\n",
                                  pem.substr(0, pem.size() / 2),
                                  std::string(pem).replace(40, 1, "*"),
                                  std::string(pem).replace(28, 4, "MC4D"),
                                  std::string(64'000, 'A'),
                                  foreign_pem("elliptic curve"),
                                  foreign_pem("public half"),
                                  foreign_pem("with passphrase")};
  const std::string path = directory / "announcer.key";
  for (const std::string& content : contents) {
    CAPTURE(content.substr(0, 100));
    put_file(path, content);
    bool created = true;
    const auto key = SigningKey::load_or_create(path, created);
    REQUIRE_FALSE(key);
    CHECK(key.error().text ==
          path +
              ": holds no Ed25519 private key (PKCS#8, PEM, no passphrase); restore it, or "
              "move it away and a new one will be made");
    CHECK_FALSE(created);
    CHECK(file_content(path) == content);
    CHECK(ERR_peek_error() == 0);
  }
}

// On a terminal of its own, where OpenSSL would find somebody to ask.
TEST_CASE("host signing key: nobody is asked for a passphrase") {
  const TemporaryDirectory directory;
  put_file(directory / "locked.key", foreign_pem("with passphrase"));
  std::cout.flush();  // or the child could write it there
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(SigningKey::load(directory / "locked.key") ? 1 : 0);
  char first = 0;
  CHECK(::read(terminal, &first, 1) <= 0);  // it ends without a word
  ::close(terminal);                        // which hangs up on one that asks
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("host signing key: load does not create, load_or_create does so once") {
  const TemporaryDirectory directory;
  const std::string path = directory / "announcer.key";
  const auto missing = SigningKey::load(path);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text == "cannot read " + path + ": no such file or directory");

  bool created = false;
  const auto first = SigningKey::load_or_create(path, created);
  REQUIRE(first);
  CHECK(created);
  const auto second = SigningKey::load_or_create(path, created);
  REQUIRE(second);
  CHECK_FALSE(created);
  CHECK(first->public_key() == second->public_key());
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("host signing key: a place that cannot be written is an error") {
  const TemporaryDirectory directory;
  const std::string path = directory / "nowhere/announcer.key";
  bool created = true;
  const auto key = SigningKey::load_or_create(path, created);
  REQUIRE_FALSE(key);
  CHECK(key.error().text == "cannot write " + path + ": no such file or directory");
  CHECK_FALSE(created);
}

TEST_CASE("host signing key: of several that create at once, all use the key of one") {
  constexpr std::size_t kThreads = 8;
  const TemporaryDirectory directory;
  const std::string path = directory / "announcer.key";
  std::array<PublicKey, kThreads> keys{};
  std::array<bool, kThreads> created{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto key = SigningKey::load_or_create(path, created[i]);
      if (key) keys[i] = key->public_key();
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto saved = SigningKey::load(path);
  REQUIRE(saved);
  for (const PublicKey& key : keys) CHECK(key == saved->public_key());
  CHECK(std::count(created.begin(), created.end(), true) == 1);
  CHECK(directory.count() == 1);
}

TEST_CASE("host signing key: generated keys differ") {
  const auto one = SigningKey::generate();
  const auto other = SigningKey::generate();
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->public_key() != other->public_key());
}

TEST_CASE("host signing key: a public key is one word of base64 and back") {
  PublicKey ascending{};
  for (std::size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<std::uint8_t>(i);
  PublicKey ones{};
  ones.fill(0xFF);
  struct Row {
    PublicKey key;
    const char* text;
  };
  const Row rows[] = {
      {PublicKey{}, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
      {ascending, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
      {ones, "//////////////////////////////////////////8="},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(to_base64(row.key) == row.text);
    const auto key = public_key_from_base64(row.text);
    REQUIRE(key);
    CHECK(*key == row.key);
  }
}

TEST_CASE("host signing key: what is no public key in its one form is refused") {
  const std::string good = kPemPublic;
  const std::string texts[] = {"",
                               good.substr(1),
                               good.substr(0, 43),
                               good + "=",
                               " " + good,
                               good + "\n",
                               " " + good.substr(0, 43),
                               std::string(good).replace(5, 1, "*"),
                               std::string(good).replace(5, 1, "="),
                               std::string(good).replace(43, 1, "A"),  // 33 octets
                               std::string(good).replace(42, 1, "F"),  // a bit after the last octet
                               std::string(44, '=')};
  for (const std::string& text : texts) {
    CAPTURE(text);
    const auto key = public_key_from_base64(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().text ==
          '"' + text + "\" is no public key; it is one word of 44 base64 characters");
  }
}

TEST_CASE("host signing key: the reference id is the start of the key's SHA-256") {
  const auto key = array_from_hex<PublicKey>(kVectors[0].public_key);
  CHECK(reference_id_of(key) == ReferenceId{0x21, 0xFE, 0x31, 0xDF});
}
