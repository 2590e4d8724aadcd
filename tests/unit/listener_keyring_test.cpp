// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "listener/core/keyring.hpp"

namespace timecast {
namespace {

Timestamp<Boot> at(std::int64_t seconds) {
  return Timestamp<Boot>{Duration::seconds(1'000 + seconds)};
}

PublicKey key(std::uint8_t number) {
  PublicKey k{};
  k.fill(number);
  return k;
}

ListenerConfig config_of(SignatureMode mode, std::size_t keys = 0) {
  ListenerConfig config;
  config.signatures = mode;
  config.key_count = keys;
  for (std::size_t i = 0; i < std::min(keys, kMaxKeys); ++i) {
    config.keys[i] = key(static_cast<std::uint8_t>(i + 1));
  }
  return config;
}

}  // namespace

TEST_CASE("keyring: on first use those are pinned that prove themselves within ten minutes") {
  ListenerConfig config = config_of(SignatureMode::first_use);
  Keyring keyring{config};
  CHECK(keyring.accepts(key(1), at(0)));
  CHECK_FALSE(keyring.is_pinned(key(1)));
  keyring.on_announcement(at(0));
  keyring.on_proof(key(1), at(1));
  CHECK(keyring.is_pinned(key(1)));
  CHECK(keyring.accepts(key(2), at(600)));
  keyring.on_proof(key(2), at(600));
  CHECK(keyring.is_pinned(key(2)));

  CHECK_FALSE(keyring.accepts(key(3), at(601)));
  keyring.on_proof(key(3), at(601));
  CHECK_FALSE(keyring.is_pinned(key(3)));
  CHECK(keyring.accepts(key(1), at(1'000'000)));
  CHECK(keyring.accepts(key(2), at(1'000'000)));
}

TEST_CASE("keyring: the ten minutes count from the first announcement, not from later ones") {
  ListenerConfig config = config_of(SignatureMode::first_use);
  Keyring keyring{config};
  keyring.on_announcement(at(0));
  keyring.on_announcement(at(500));
  keyring.on_proof(key(1), at(500));
  CHECK_FALSE(keyring.accepts(key(2), at(601)));
}

TEST_CASE("keyring: at most four keys are learnt, however soon") {
  ListenerConfig config = config_of(SignatureMode::first_use);
  Keyring keyring{config};
  keyring.on_announcement(at(0));
  for (std::uint8_t i = 1; i <= 6; ++i) keyring.on_proof(key(i), at(1));
  for (std::uint8_t i = 1; i <= 4; ++i) CHECK(keyring.accepts(key(i), at(2)));
  CHECK_FALSE(keyring.accepts(key(5), at(2)));
  CHECK_FALSE(keyring.accepts(key(6), at(2)));
}

TEST_CASE("keyring: one key that proves itself often takes one place") {
  ListenerConfig config = config_of(SignatureMode::first_use);
  Keyring keyring{config};
  keyring.on_announcement(at(0));
  for (int i = 0; i < 100; ++i) keyring.on_proof(key(1), at(i));
  for (std::uint8_t i = 2; i <= 4; ++i) keyring.on_proof(key(i), at(200));
  CHECK(keyring.is_pinned(key(4)));
}

TEST_CASE("keyring: as long as nobody has proved himself the first may still come") {
  ListenerConfig config = config_of(SignatureMode::first_use);
  Keyring keyring{config};
  keyring.on_announcement(at(0));
  CHECK(keyring.accepts(key(1), at(1'000'000)));
  keyring.on_proof(key(1), at(1'000'000));
  CHECK(keyring.is_pinned(key(1)));
  CHECK_FALSE(keyring.accepts(key(2), at(1'000'000)));
}

TEST_CASE("keyring: keys that were given leave nothing to be learnt") {
  for (const SignatureMode mode : {SignatureMode::first_use, SignatureMode::pinned}) {
    ListenerConfig config = config_of(mode, 2);
    Keyring keyring{config};
    keyring.on_announcement(at(0));
    CHECK(keyring.accepts(key(1), at(0)));
    CHECK(keyring.accepts(key(2), at(1'000'000)));
    CHECK_FALSE(keyring.accepts(key(3), at(0)));
    keyring.on_proof(key(3), at(0));
    CHECK_FALSE(keyring.accepts(key(3), at(0)));
  }
}

TEST_CASE("keyring: pinned without keys accepts nobody") {
  ListenerConfig config = config_of(SignatureMode::pinned);
  Keyring keyring{config};
  CHECK_FALSE(keyring.accepts(key(1), at(0)));
  keyring.on_announcement(at(0));
  keyring.on_proof(key(1), at(0));
  CHECK_FALSE(keyring.accepts(key(1), at(0)));
}

TEST_CASE("keyring: without signatures everybody counts and nobody is pinned") {
  ListenerConfig config = config_of(SignatureMode::off);
  Keyring keyring{config};
  keyring.on_announcement(at(0));
  keyring.on_proof(key(1), at(0));
  CHECK_FALSE(keyring.is_pinned(key(1)));
  CHECK(keyring.accepts(key(1), at(1'000'000)));
}

TEST_CASE("keyring: more keys than there is room for are cut off, not read past") {
  ListenerConfig config = config_of(SignatureMode::pinned, kMaxKeys + 5);
  Keyring keyring{config};
  CHECK(keyring.accepts(key(kMaxKeys), at(0)));
  CHECK_FALSE(keyring.accepts(key(kMaxKeys + 1), at(0)));
}

}  // namespace timecast
