// SPDX-License-Identifier: MIT
#include "common/host/mac_key.hpp"

#include <doctest/doctest.h>
#include <openssl/crypto.h>

#include "tests/unit/attack_siege.hpp"
#include "tests/unit/wire_hex.hpp"

namespace {

// How often digests were compared, and how many octets at least.
int compared = 0;          // NOLINT: OpenSSL's function has no other way to tell
std::size_t shortest = 0;  // NOLINT

}  // namespace

// In the place of OpenSSL's in this program: the same, and it counts.
extern "C" int CRYPTO_memcmp(const void* a, const void* b, std::size_t size) {
  ++compared;
  shortest = compared == 1 || size < shortest ? size : shortest;
  const auto* left = static_cast<const volatile unsigned char*>(a);
  const auto* right = static_cast<const volatile unsigned char*>(b);
  int difference = 0;
  for (std::size_t i = 0; i < size; ++i) difference |= left[i] ^ right[i];
  return difference;
}

namespace timecast::test {
namespace {

constexpr std::string_view kSha1Key = "933f62be1d604e68a81b557f18cfa200483f5b70";
constexpr std::string_view kAes128Key = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kAes256Key =
    "37ddcbc67bb902bcb8e995977fab4d2b5642f5b32ebceee421921d97e5cbfe39";
constexpr std::string_view kTulip = "74756c6970";

MacKey key_of(std::string_view kind, std::string_view hex) {
  auto key = MacKey::create(*mac_kind_named(kind), from_hex(hex));
  REQUIRE(key.has_value());
  return std::move(*key);
}

std::string digest_of(std::string_view kind, std::string_view key, Octets message) {
  return to_hex(key_of(kind, key).digest(message).value());
}

}  // namespace

TEST_CASE("mac key: every vector of the protocol is made") {
  const Bytes h5 = from_hex(kH5);
  const Bytes h3 = from_hex(kH3);
  CHECK(digest_of("MD5", kTulip, h5) == "47d1bc1bc801ede74f5f854e4cf4f03d");
  CHECK(digest_of("SHA1", kSha1Key, h5) == "9ae4453cdb1e24b2c7195a73e3fc5ac88e907222");
  CHECK(digest_of("AES128CMAC", kAes128Key, h5) == "5051bf32498539e66eff153b567b8bcd");
  CHECK(digest_of("AES128", kAes128Key, h5 + from_hex(kField28)) ==
        "dc5f75b6029a162085d0cf3f9d91722f");
  CHECK(digest_of("MD5", kTulip, h3) == "55ed3d3aec4cd3f03dd254750e313dc6");
  CHECK(digest_of("AES256", kAes256Key, h5) == "dc26fc23a9232ee9af6adaf993964481");
  CHECK(digest_of("SHA256", kSha1Key, h5) == "fad234d6f45a8976ff951d116cf66e98d72f6ea6");
}

TEST_CASE("mac key: the examples of RFC 4493 are made") {
  CHECK(digest_of("AES128", kAes128Key, {}) == "bb1d6929e95937287fa37d129b756746");
  CHECK(digest_of("AES128", kAes128Key, from_hex("6bc1bee22e409f96e93d7e117393172a")) ==
        "070a16b46b4d4144f79bdd9dd04a287c");
}

TEST_CASE("mac key: a key makes the same digest each time") {
  const Bytes h5 = from_hex(kH5);
  for (const std::string_view kind : {"AES128", "AES-128"}) {
    const MacKey key = key_of(kind, kAes128Key);
    const std::string first = to_hex(key.digest(h5).value());
    CHECK(to_hex(key.digest(from_hex(kH3)).value()) != first);
    CHECK(to_hex(key.digest(h5).value()) == first);
  }
}

TEST_CASE("mac key: every algorithm that a file can name is there, with its digest") {
  for (const std::string_view name :
       {"md5", "M", "SHA1", "sha256", "SHA384", "SHA512", "SHA3-224", "SHA3-256", "SHA3-384",
        "SHA3-512", "AES128", "aes128cmac", "AES", "AES-128"}) {
    CAPTURE(name);
    const MacKind* const kind = mac_kind_named(name);
    REQUIRE(kind != nullptr);
    const auto key = MacKey::create(*kind, from_hex(kAes128Key));
    REQUIRE(key.has_value());
    CHECK(key->digest(from_hex(kH5)).size == kind->digest_octets);
    CHECK(key->holds(from_hex(kH5), key->digest(from_hex(kH5)).value()));
    CHECK(kind->is_legacy == (kind->digest_octets == 16 && !kind->is_cmac));
  }
  for (const std::string_view name : {"", "TIGER", "AES12", "AES1288", "SHA"}) {
    CHECK(mac_kind_named(name) == nullptr);
  }
}

TEST_CASE("mac key: a key of a length that its algorithm has not is refused without being told") {
  for (const std::string_view hex :
       {std::string_view{}, std::string_view{"41"}, kAes128Key.substr(2), kAes256Key}) {
    const auto key = MacKey::create(*mac_kind_named("AES128"), from_hex(hex));
    REQUIRE_FALSE(key.has_value());
    CHECK(key.error().text ==
          "a key of AES128 has 16 octets, this one " + std::to_string(hex.size() / 2));
  }
  CHECK(MacKey::create(*mac_kind_named("SHA1"), {}).error().text ==
        "a key of SHA1 has at least one octet, this one 0");
}

// ntpd's libntp fills and cuts.
TEST_CASE("mac key: ntpd's keys are made as long as they must be") {
  const Bytes h5 = from_hex(kH5);
  CHECK(digest_of("AES128CMAC", kTulip, h5) ==
        digest_of("AES128", std::string{kTulip} + std::string(22, '0'), h5));
  CHECK(digest_of("AES", std::string{kAes128Key} + "ffff", h5) ==
        digest_of("AES128", kAes128Key, h5));
}

TEST_CASE("attack: CVE-2016-1550 a digest is guessed octet by octet from how long a look takes") {
  const Bytes message = from_hex(kH5);
  int refused = 0;
  int guesses = 0;
  compared = 0;
  for (const std::string_view kind : {"MD5", "SHA1", "AES128", "SHA512"}) {
    const MacKey key = key_of(kind, kAes128Key);
    const MacDigest right = key.digest(message);
    shortest = right.size;
    for (std::size_t i = 0; i < right.size; ++i) {
      for (unsigned wrong = 1; wrong < 256; ++wrong) {
        MacDigest guess = right;
        guess.octets[i] = static_cast<std::uint8_t>(guess.octets[i] ^ wrong);
        ++guesses;
        refused += key.holds(message, guess.value()) ? 0 : 1;
      }
    }
    CHECK(key.holds(message, right.value()));
    CHECK(shortest == right.size);  // all of it, each time
    CHECK_FALSE(key.holds(message, right.value().first(right.size - 4)));
    CHECK_FALSE(key.holds(message, {}));
  }
  CHECK(refused == guesses);
  // Once a guess, by the function whose time does not depend on what it compares.
  CHECK(compared == guesses + 4);
  seen(std::to_string(refused) + " of " + std::to_string(guesses) +
       " wrong digests refused, each compared whole");
}

}  // namespace timecast::test
