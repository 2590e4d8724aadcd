// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/announcement.hpp>

#include "tests/unit/wire_hex.hpp"
#include "tests/unit/wire_toy_signer.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

constexpr std::string_view kOldKey =
    "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f";
constexpr std::string_view kSignature =
    "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
    "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f";
constexpr PublicKey kOld{1, 2, 3};
constexpr PublicKey kNew{4, 5, 6};

Bytes successor_field() {
  return from_hex("f7e2 0068 5443524f") + from_hex(kOldKey) + from_hex(kSignature);
}

std::optional<Successor> found_in(const Bytes& octets) {
  return find_successor(decode(octets).value());
}

TEST_CASE("old key and signature of a successor stand at their places") {
  const auto successor = found_in(from_hex(test::kH5) + successor_field());
  REQUIRE(successor);
  CHECK(to_hex(successor->old_key) == kOldKey);
  CHECK(to_hex(successor->signature) == kSignature);

  Bytes written(kSuccessorOctets + 16, 0xEE);
  write_successor(written, 8, *successor);
  CHECK(to_hex(Octets{written}.subspan(8, kSuccessorOctets)) == to_hex(successor_field()));
  CHECK(to_hex(Octets{written}.first(8)) == "eeeeeeeeeeeeeeee");
  CHECK(to_hex(Octets{written}.last(8)) == "eeeeeeeeeeeeeeee");
}

TEST_CASE("a successor is found only where one stands whole") {
  const Bytes plain = from_hex(test::kH5);
  const Bytes other = from_hex(test::kField28);
  Bytes short_one = from_hex("f7e2 0064 5443524f") + Bytes(92, 1);
  Bytes long_one = from_hex("f7e2 006c 5443524f") + Bytes(100, 1);
  struct Row {
    std::string name;
    Bytes octets;
    bool found;
  };
  const Row rows[] = {
      {"alone", plain + successor_field(), true},
      {"behind another field", plain + other + successor_field(), true},
      {"before another field", plain + successor_field() + other, true},
      {"before a MAC", plain + successor_field() + Bytes(20, 1), true},
      {"none", plain, false},
      {"another field", plain + other, false},
      {"another magic", plain + from_hex("f7e2 0068 54435354") + Bytes(96, 1), false},
      {"another type", plain + from_hex("f7e3 0068 5443524f") + Bytes(96, 1), false},
      {"100 octets", plain + short_one, false},
      {"108 octets", plain + long_one, false},
      {"a second one behind one of 100 octets", plain + short_one + successor_field(), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(found_in(row.octets).has_value() == row.found);
  }
}

TEST_CASE("the old key signs the new one under a context of its own") {
  // "timecast successor v1" and a zero octet.
  const Bytes context = from_hex("74696d656361737420737563636573736f7220763100");
  const Signer signs_this_alone{
      [](const void* expected, const SignedMessage& m, Signature& out) noexcept {
        out.fill(0x77);
        return equal_octets(m.context, *static_cast<const Bytes*>(expected)) && m.nonce.empty() &&
               equal_octets(m.body, kNew);
      },
      &context, kOld};
  Successor successor;
  REQUIRE(endorse(kNew, signs_this_alone, successor));
  CHECK(successor.old_key == kOld);
  CHECK(to_hex(successor.signature) == to_hex(Bytes(64, 0x77)));
}

TEST_CASE("an endorsement holds for its two keys alone, to the bit") {
  Successor successor;
  REQUIRE(endorse(kNew, test::toy_signer(kOld), successor));
  CHECK(verify_successor(successor, kNew, test::toy_verifier()));
  const auto flip = [](auto& octets, std::size_t bit) {
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] ^ (1U << (bit % 8)));
  };
  for (std::size_t bit = 0; bit < kPublicKeyOctets * 8; ++bit) {
    CAPTURE(bit);
    PublicKey other_new = kNew;
    flip(other_new, bit);
    REQUIRE(!verify_successor(successor, other_new, test::toy_verifier()));
    Successor other_old = successor;
    flip(other_old.old_key, bit);
    REQUIRE(!verify_successor(other_old, kNew, test::toy_verifier()));
  }
  for (std::size_t bit = 0; bit < kSignatureOctets * 8; ++bit) {
    CAPTURE(bit);
    Successor spoilt = successor;
    flip(spoilt.signature, bit);
    REQUIRE(!verify_successor(spoilt, kNew, test::toy_verifier()));
  }
  CHECK(!verify_successor(successor, kNew, Verifier{}));
}

TEST_CASE("a key that is lost endorses nobody") {
  Successor successor;
  CHECK(!endorse(kNew, test::refusing_signer(kOld), successor));
}

}  // namespace
}  // namespace timecast
