// SPDX-License-Identifier: MIT
#include "announcer/daemon/succession.hpp"

#include <doctest/doctest.h>

#include "announcer/daemon/identity.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kNow{Duration::seconds(1'793'491'200)};

PublicKey key_in(const TemporaryDirectory& directory, const char* file = "announcer.key") {
  const auto key = SigningKey::load(directory / file);
  REQUIRE(key);
  return key->public_key();
}

void make_identity(const TemporaryDirectory& directory) {
  REQUIRE(open_identity(directory.path(), kNow));
}

}  // namespace

TEST_CASE("succession: the new key is endorsed by the old one, which is kept") {
  const TemporaryDirectory directory;
  make_identity(directory);
  const PublicKey old_key = key_in(directory);
  const auto renewed = renew_key(directory.path());
  REQUIRE(renewed);
  CHECK(*renewed != old_key);
  CHECK(key_in(directory) == *renewed);
  CHECK(key_in(directory, "announcer.key.old") == old_key);
  CHECK(mode_of(directory / "announcer.key") == 0600);
  const auto identity = open_identity(directory.path(), kNow);
  REQUIRE(identity);
  REQUIRE(identity->succession);
  CHECK(identity->succession->old_key == old_key);
  CHECK(verify_successor(*identity->succession, *renewed, openssl_verifier()));
}

TEST_CASE("succession: root renews for the user whose directory it is") {
  const TemporaryDirectory directory;
  make_identity(directory);
  for (const char* name : {"", "announcer.key", "announcer.sequence"}) {
    give_to_another(directory / name);
  }
  REQUIRE(renew_key(directory.path()));
  for (const char* name : {"announcer.key", "announcer.key.old", "announcer.successor"}) {
    CAPTURE(name);
    CHECK(have_one_owner(directory / name, directory.path()));
  }
}

TEST_CASE("succession: root renews for the user whose key it was, in a directory of root's") {
  const TemporaryDirectory directory;
  make_identity(directory);
  give_to_another(directory / "announcer.key");
  REQUIRE(renew_key(directory.path()));
  CHECK(have_one_owner(directory / "announcer.key", directory / "announcer.key.old"));
}

TEST_CASE("succession: a second renewal is endorsed by the first") {
  const TemporaryDirectory directory;
  make_identity(directory);
  const auto first = renew_key(directory.path());
  const auto second = renew_key(directory.path());
  REQUIRE(second);
  const auto succession = load_succession(directory.path(), *second);
  REQUIRE(succession);
  REQUIRE(*succession);
  CHECK((*succession)->old_key == *first);
}

TEST_CASE("succession: without a key, or while an announcer runs, nothing is renewed") {
  const TemporaryDirectory directory;
  CHECK_FALSE(renew_key(directory.path()));
  const auto identity = open_identity(directory.path(), kNow);
  REQUIRE(identity);
  const PublicKey key = key_in(directory);
  const auto renewed = renew_key(directory.path());
  REQUIRE_FALSE(renewed);
  CHECK(renewed.error().text.find("another announcer uses") != std::string::npos);
  CHECK(key_in(directory) == key);
}

TEST_CASE("succession: an endorsement of another key is none, and rubbish is an error") {
  const TemporaryDirectory directory;
  make_identity(directory);
  REQUIRE(renew_key(directory.path()));
  const auto of_nobody = load_succession(directory.path(), PublicKey{7});
  REQUIRE(of_nobody);
  CHECK_FALSE(*of_nobody);
  for (const std::string& rubbish : {std::string{}, std::string(104, 'x'), std::string(105, 'x')}) {
    put_file(directory / "announcer.successor", rubbish);
    CHECK_FALSE(load_succession(directory.path(), PublicKey{7}));
  }
  CHECK_FALSE(*load_succession(directory / "nothing", PublicKey{7}));
}
