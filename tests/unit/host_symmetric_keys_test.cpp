// SPDX-License-Identifier: MIT
#include "common/host/symmetric_keys.hpp"

#include <sys/stat.h>

#include "common/host/socket_address.hpp"
#include "tests/unit/attack_siege.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/wire_hex.hpp"

namespace timecast::test {
namespace {

constexpr Address kServer = Address::ipv4(192, 0, 2, 1);

const std::string kTulip = "10 MD5 tulip legacy\n";
const std::string kSha1 = "25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n";
const std::string kCmac = "30 AES128CMAC HEX:2b7e151628aed2a6abf7158809cf4f3c\n";

SymmetricKeys keys_in(const std::string& text) {
  auto keys = SymmetricKeys::parse(text, "keys");
  REQUIRE(keys.has_value());
  return std::move(*keys);
}

std::string fault_of(const std::string& text) {
  const auto keys = SymmetricKeys::parse(text, "keys");
  REQUIRE_FALSE(keys.has_value());
  CHECK(keys.error().exit_code == 3);
  return keys.error().text;
}

std::string mac_of(const SymmetricKeys& keys, std::uint32_t id, Octets message) {
  Bytes mac(kMaxMacOctets);
  mac.resize(keys.write(id, message, mac));
  return to_hex(mac);
}

const std::string kMd5Mac = "0000000a47d1bc1bc801ede74f5f854e4cf4f03d";
const std::string kSha1Mac = "000000199ae4453cdb1e24b2c7195a73e3fc5ac88e907222";
const std::string kCmacMac = "0000001e5051bf32498539e66eff153b567b8bcd";

Reject verdict(const SymmetricKeys& keys, std::uint32_t id, std::string_view mac,
               std::string_view message = kH5, const Address& from = kServer) {
  return keys.check(id, from_hex(message), from_hex(mac), from);
}

}  // namespace

TEST_CASE("symmetric keys: a file of ntpd's is read as it is") {
  const SymmetricKeys keys = keys_in(
      "# ntpkey_MD5key_host.3916944000\n"
      "# Thu Feb 15 12:00:00 2024\n"
      "\n"
      " 1 MD5 ]i=.V5\\5!R%2y}!c|s{^  # MD5 key\n"
      "2 M tulip\n"
      "25 SHA1 933F62BE1D604E68A81B557F18CFA200483F5B70  # SHA1 key\n"
      "30\tAES128CMAC\t2b7e151628aed2a6abf7158809cf4f3c 192.0.2.1,fd00::/8\r\n");
  CHECK(mac_of(keys, 25, from_hex(kH5)) == kSha1Mac);
  CHECK(mac_of(keys, 30, from_hex(kH5)) == kCmacMac);
  CHECK(keys.may_serve(30, kServer));
  CHECK(keys.may_serve(30, parse_address("fd00::7").value()));
  CHECK_FALSE(keys.may_serve(30, Address::ipv4(192, 0, 2, 2)));
  CHECK(keys.may_serve(25, Address::ipv4(192, 0, 2, 2)));
}

TEST_CASE("symmetric keys: a file of chrony's is read as it is") {
  const SymmetricKeys keys = keys_in(
      "! chrony has four signs for a comment\n; another\n% and another\n"
      "10 tulip\n"
      "11 MD5 ASCII:hyacinth#1\n"
      "25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n"
      "30 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c\n"
      "31 AES256 HEX:37DDCBC67BB902BCB8E995977FAB4D2B5642F5B32EBCEEE421921D97E5CBFE39\n"
      "4294967295 SHA256 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n");
  CHECK(mac_of(keys, 25, from_hex(kH5)) == kSha1Mac);
  CHECK(mac_of(keys, 30, from_hex(kH5)) == kCmacMac);
  CHECK(mac_of(keys, 31, from_hex(kH5)) == "0000001fdc26fc23a9232ee9af6adaf993964481");
  CHECK(mac_of(keys, 0xFFFF'FFFF, from_hex(kH5)) ==
        "fffffffffad234d6f45a8976ff951d116cf66e98d72f6ea6");
}

TEST_CASE(
    "symmetric keys: twenty characters are text, more hexadecimal ones octets, as ntpd has it") {
  const std::string twenty(20, 'a');
  CHECK(mac_of(keys_in("1 SHA1 " + twenty), 1, {}) ==
        mac_of(keys_in("1 SHA1 ASCII:" + twenty), 1, {}));
  CHECK(mac_of(keys_in("1 SHA1 " + twenty + "aa"), 1, {}) ==
        mac_of(keys_in("1 SHA1 HEX:" + twenty + "aa"), 1, {}));
  CHECK(mac_of(keys_in("1 SHA1 " + twenty + "xy"), 1, {}) ==
        mac_of(keys_in("1 SHA1 ASCII:" + twenty + "xy"), 1, {}));
}

TEST_CASE("symmetric keys: a fault names the line and the way out, and no secret") {
  struct Row {
    std::string line;
    std::string fault;
  };
  const Row rows[] = {
      {"0 SHA1 zebra", "the first word is no key id of 1 to 4294967295, and no public key either"},
      {"4294967296 SHA1 zebra",
       "the first word is no key id of 1 to 4294967295, and no public key either"},
      {"zebra SHA1 7", "the first word is no key id of 1 to 4294967295, and no public key either"},
      {"-1 SHA1 zebra", "the first word is no key id of 1 to 4294967295, and no public key either"},
      {"7", "there is no key behind its id"},
      {"7 SHA1", "there is no key behind its type"},
      {"7 SHA1 # zebra", "there is no key behind its type"},
      {"7 TIGER zebra",
       "the second word is no type of key; it is one of AES128, AES256, AES128CMAC, AES, AES-128, "
       "SHA1, SHA256, SHA384, SHA512, SHA3-224, SHA3-256, SHA3-384, SHA3-512, MD5, M"},
      {"7 SHA1 HEX:zebra", "what is behind HEX: is no even number of hexadecimal digits"},
      {"7 SHA1 HEX:abc", "what is behind HEX: is no even number of hexadecimal digits"},
      {"7 SHA1 HEX:", "what is behind HEX: is no even number of hexadecimal digits"},
      {"7 SHA1 ASCII:", "a key of SHA1 has at least one octet, this one 0"},
      {"7 AES128 zebra", "a key of AES128 has 16 octets, this one 5"},
      {"7 SHA1 zeb#ra",
       "the key has a # in it, where ntpd ends it and chrony does not; write HEX: and its octets"},
      {"7 SHA1 zebra stripe",
       "behind the key is no list of the servers that may use it, ADDR[/BITS],..., and not the "
       "word legacy"},
      {"7 SHA1 zebra 192.0.2.1,",
       "behind the key is no list of the servers that may use it, ADDR[/BITS],..., and not the "
       "word legacy"},
      {"7 SHA1 zebra 192.0.2.1 legacy zebra",
       "there are words behind ID TYPE KEY ADDRESSES legacy"},
      {"7 SHA1 " + std::string(257, 'x'), "the key is longer than 256 octets"},
      {"1 SHA1 zebra", "key 1 is there already; remove one, or give it another id"},
      {"7 SHA1 933F62BE1D604E68A81B557F18CFA200483F5B70\n8 ASCII:zebra",
       "the key is hexadecimal to ntpd and text to chrony, whose lines are in this file too; write "
       "HEX: or ASCII: in front of it"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const std::string fault = fault_of("# a comment\n1 SHA1 lion\n" + row.line + "\n");
    CHECK(fault == "keys:3: " + row.fault);
    CHECK(fault.find("zebra") == std::string::npos);
  }
}

TEST_CASE("symmetric keys: more than there is room for is a fault") {
  std::string text;
  for (std::size_t i = 1; i <= SymmetricKeys::kMostKeys; ++i) {
    text += std::to_string(i) + " SHA1 HEX:00112233445566778899\n";
  }
  CHECK_FALSE(keys_in(text).empty());
  CHECK(fault_of(text + "5000 SHA1 zebra") == "keys:1025: more than 1024 keys; remove some");
}

TEST_CASE("symmetric keys: public keys in the file are left to others") {
  const std::string line = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= announcer of the lab\n";
  CHECK(keys_in(line).empty());
  CHECK_FALSE(keys_in(line + kSha1).empty());
  CHECK_FALSE(is_symmetric_line(line));
  CHECK(is_symmetric_line(kSha1));
}

TEST_CASE("symmetric keys: a MAC counts by the key that is wanted and no other") {
  const SymmetricKeys keys = keys_in(kTulip + kSha1 + kCmac +
                                     "31 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c 192.0.2.7\n32 "
                                     "AES128 HEX:00000000000000000000000000000001");
  struct Row {
    std::string_view name;
    std::uint32_t wanted;
    std::string mac;
    Reject verdict;
  };
  const std::string cmac_digest = kCmacMac.substr(8);
  const Row rows[] = {
      {"MD5 that the line allows", 10, kMd5Mac, kNotRejected},
      {"SHA-1", 25, kSha1Mac, kNotRejected},
      {"AES-128-CMAC", 30, kCmacMac, kNotRejected},
      {"none", 30, "", Reject::missing_mac},
      {"a crypto-NAK", 30, "00000000", Reject::unknown_mac},
      {"Microsoft's", 30, std::string(144, '0'), Reject::unknown_mac},
      {"another of our keys", 30, kSha1Mac, Reject::unknown_mac},
      {"a key that nobody has", 99, kCmacMac, Reject::unknown_mac},
      {"key 0", 0, "00000000" + cmac_digest, Reject::unknown_mac},
      {"the right id, another key's digest", 32, "00000020" + cmac_digest, Reject::bad_mac},
      {"the right digest under another id", 25, "00000019" + cmac_digest, Reject::bad_mac},
      {"a digest of another length", 30, kCmacMac + "00000000", Reject::bad_mac},
      {"a digest cut by four", 25, kSha1Mac.substr(0, 40), Reject::bad_mac},
      {"an octet flipped", 30, kCmacMac.substr(0, 46) + "00", Reject::bad_mac},
      {"right, by a server that may not use it", 31, "0000001f" + cmac_digest, Reject::not_allowed},
      {"wrong, by a server that may not use it", 31, "0000001f" + std::string(32, '0'),
       Reject::bad_mac},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict(keys, row.wanted, row.mac) == row.verdict);
  }
  CHECK(verdict(keys, 30, kCmacMac, kH3) == Reject::bad_mac);
  CHECK(verdict(keys, 31, "0000001f" + cmac_digest, kH5, Address::ipv4(192, 0, 2, 7)) ==
        kNotRejected);
}

// Whoever has seen H(key || header) can append to it what ends with the padding of the hash.
TEST_CASE("symmetric keys: extension fields count behind a CMAC alone") {
  const SymmetricKeys keys = keys_in(kTulip + kSha1 + kCmac);
  const Bytes longer = from_hex(kH5) + from_hex(kField28);
  for (const std::uint32_t id : {10U, 25U, 30U}) {
    CAPTURE(id);
    CHECK(verdict(keys, id, mac_of(keys, id, longer), to_hex(longer)) ==
          (id == 30 ? kNotRejected : Reject::bad_mac));
  }
}

TEST_CASE("symmetric keys: MD5 counts only where that is said") {
  SymmetricKeys keys = keys_in("10 MD5 tulip\n" + kSha1);
  CHECK(verdict(keys, 10, kMd5Mac) == Reject::unknown_mac);
  CHECK(mac_of(keys, 10, from_hex(kH5)).empty());
  const auto refused = keys.want({10, false});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text ==
        "keys: key 10 is of MD5, which no longer protects; give it another type on both sides "
        "(AES128), or say legacy: behind the key, or ,key=10,legacy");
  REQUIRE(keys.want({10, true}).has_value());
  CHECK(verdict(keys, 10, kMd5Mac) == kNotRejected);
  CHECK(mac_of(keys, 10, from_hex(kH5)) == kMd5Mac);
  CHECK(keys.want({26, false}).error().text == "keys: there is no key 26; there are 10, 25");
  CHECK(SymmetricKeys{}.want({26, false}).error().text == ": there is no key 26; there is none");
}

TEST_CASE("symmetric keys: what is weak is said without the key") {
  const SymmetricKeys keys =
      keys_in("7 SHA1 zebra\n8 AES128CMAC 0123456789ab\n9 SHA1 0123456789\n");
  const auto& warnings = keys.warnings();
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0] == "keys: key 7 is of 40 bits: whoever records a packet can find it; take 128");
  CHECK(warnings[1] == "keys: key 8 is not of 16 octets: it is filled with zeros, as ntpd does");
}

TEST_CASE("symmetric keys: a server answers by whichever key it is asked, if it may") {
  const SymmetricKeys keys = keys_in("10 MD5 tulip\n" + kSha1 + kCmac +
                                     "31 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c 192.0.2.7\n");
  const MacKeys all = keys.all();
  const auto check = [&](const std::string& mac) {
    return all.check(from_hex(kH5), from_hex(mac), kServer);
  };
  CHECK(check(kSha1Mac) == kNotRejected);
  CHECK(check(kCmacMac) == kNotRejected);
  CHECK(check(kMd5Mac) == Reject::unknown_mac);
  CHECK(check("0000001f" + kCmacMac.substr(8)) == Reject::not_allowed);
  CHECK(check("00000063" + kCmacMac.substr(8)) == Reject::unknown_mac);
  CHECK(check("") == Reject::unknown_mac);
  CHECK(check("000000") == Reject::unknown_mac);
  CHECK(MacKeys{}.check(from_hex(kH5), from_hex(kCmacMac), kServer) == Reject::unknown_mac);
  Bytes mac(kMaxMacOctets);
  CHECK(MacKeys{}.write(30, from_hex(kH5), mac) == 0);
  CHECK(all.write(30, from_hex(kH5), mac) == 20);
  CHECK(all.write(10, from_hex(kH5), mac) == 0);
}

TEST_CASE("symmetric keys: they are the same if the same packets count by them") {
  const SymmetricKeys keys = keys_in("1 SHA1 zebra\n2 MD5 lion legacy\n");
  CHECK(keys.same_as(keys_in("# new\n2 M ASCII:lion  legacy\n1 sha1 HEX:7a65627261\n")));
  for (const char* const other :
       {"1 SHA1 zebra\n", "1 SHA1 zebra\n2 MD5 lion\n", "1 SHA1 zebras\n2 MD5 lion legacy\n",
        "1 SHA256 zebra\n2 MD5 lion legacy\n", "3 SHA1 zebra\n2 MD5 lion legacy\n",
        "1 SHA1 zebra 192.0.2.1\n2 MD5 lion legacy\n", ""}) {
    CHECK_FALSE(keys.same_as(keys_in(other)));
  }
}

TEST_CASE("symmetric keys: which numbers have another secret or type is known, and no more") {
  using Ids = std::vector<std::uint32_t>;
  const SymmetricKeys before = keys_in("1 SHA1 zebra\n2 MD5 lion legacy\n3 SHA1 gnu\n");
  struct Row {
    const char* text;
    Ids changed;
  };
  const Row rows[] = {{"1 SHA1 zebra\n2 MD5 lion\n3 SHA1 gnu 192.0.2.1\n4 SHA1 new\n", {}},
                      {"1 SHA1 okapi\n2 MD5 lion legacy\n", {1}},
                      {"1 SHA256 zebra\n2 M ASCII:lion\n3 SHA1 zebra\n", {1, 3}},
                      {"", {}}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(keys_in(row.text).changed_from(before) == row.changed);
  }
  CHECK(before.changed_from(SymmetricKeys{}).empty());
}

TEST_CASE("symmetric keys: a file that everybody can open is not trusted") {
  const TemporaryDirectory directory;
  const std::string path = directory / "keys";
  put_file(path, kSha1);
  struct Row {
    mode_t mode;
    bool is_read;
  };
  for (const Row row : {Row{0600, true}, Row{0640, true}, Row{0660, true}, Row{0644, false},
                        Row{0601, false}, Row{0602, false}}) {
    REQUIRE(::chmod(path.c_str(), row.mode) == 0);
    const auto keys = SymmetricKeys::load(path, {{25, false}});
    CAPTURE(row.mode);
    CHECK(keys.has_value() == row.is_read);
    if (keys) continue;
    CHECK(keys.error().text ==
          "cannot trust " + path + ": everybody can open it; chmod o= " + path);
    CHECK(keys.error().exit_code == 3);
  }
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(SymmetricKeys::load(path, {{26, false}}).error().text ==
        path + ": there is no key 26; there are 25");
  CHECK(SymmetricKeys::load(directory / "none", {}).error().text ==
        "cannot read " + directory.path() + "/none: no such file or directory");
}

TEST_CASE("attack: CVE-2016-1549 the holder of a symmetric key speaks from fifty addresses") {
  const SymmetricKeys keys = keys_in("1 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c 192.0.2.1\n");
  const Bytes h5 = from_hex(kH5);
  const Bytes mac = from_hex(mac_of(keys, 1, h5));
  int refused = 0;
  for (std::uint8_t i = 2; i < 52; ++i) {
    const Reject verdict = keys.check(1, h5, mac, Address::ipv4(192, 0, 2, i));
    refused += verdict == Reject::not_allowed ? 1 : 0;
  }
  CHECK(refused == 50);
  CHECK(keys.check(1, h5, mac, kServer) == kNotRejected);
  seen("refused: not_allowed 50 of 50");
}

TEST_CASE("attack: CVE-2015-7974 a key that is another server's") {
  const SymmetricKeys keys = keys_in(
      "1 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c 192.0.2.1\n"
      "2 AES128 HEX:00000000000000000000000000000002 192.0.2.9\n");
  const Bytes h5 = from_hex(kH5);
  // Its holder in the name of the server whose key is wanted, then under that key's number, then
  // with the wanted key from where it does not belong.
  CHECK(keys.check(1, h5, from_hex(mac_of(keys, 2, h5)), kServer) == Reject::unknown_mac);
  CHECK(keys.check(1, h5, from_hex("00000001" + mac_of(keys, 2, h5).substr(8)), kServer) ==
        Reject::bad_mac);
  CHECK(keys.check(1, h5, from_hex(mac_of(keys, 1, h5)), Address::ipv4(192, 0, 2, 9)) ==
        Reject::not_allowed);
  CHECK(keys.check(1, h5, from_hex(mac_of(keys, 1, h5)), kServer) == kNotRejected);
  seen("refused: unknown_mac, bad_mac, not_allowed");
}

}  // namespace timecast::test
