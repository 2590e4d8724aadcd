// SPDX-License-Identifier: MIT
#include "listener/daemon/trusted_keys.hpp"

#include <doctest/doctest.h>
#include <timecast/listener/config.hpp>

#include "common/host/signing_key.hpp"
#include "common/host/symmetric_keys.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/host_memory.hpp"

using namespace timecast;

namespace {

PublicKey key_of(std::uint8_t first) {
  PublicKey key{};
  key[0] = first;
  return key;
}

std::string line_of(std::uint8_t first) { return to_base64(key_of(first)); }

Result<std::vector<PublicKey>> read_from(const TemporaryDirectory& directory,
                                         const std::string& content) {
  put_file(directory / "keys", content);
  return read_trusted_keys(directory / "keys");
}

}  // namespace

TEST_CASE("trusted keys: one a line, with names, comments, blanks and empty lines") {
  const TemporaryDirectory directory;
  const auto keys =
      read_from(directory, "# announcers of this site\n\n" + line_of(1) + "\n  " + line_of(2) +
                               "\tthe one in the cellar\n" + line_of(3) +
                               " # the other one\r\n   \n#" + line_of(4) + "\n" + line_of(5));
  REQUIRE(keys);
  CHECK(*keys == std::vector<PublicKey>{key_of(1), key_of(2), key_of(3), key_of(5)});
}

TEST_CASE("trusted keys: a key that is there twice counts once") {
  const TemporaryDirectory directory;
  const auto keys = read_from(directory, line_of(1) + '\n' + line_of(2) + '\n' + line_of(1) + '\n');
  REQUIRE(keys);
  CHECK(*keys == std::vector<PublicKey>{key_of(1), key_of(2)});
}

TEST_CASE("trusted keys: what is no key is named by its line") {
  const TemporaryDirectory directory;
  const std::string place = directory / "keys";
  for (const std::string& bad :
       {std::string{"rubbish"}, line_of(1).substr(1), line_of(1) + "A", std::string{"-----BEGIN"},
        std::string(44, '='), std::string("\xFF\xFE\0x", 4), std::string(5000, 'A')}) {
    CAPTURE(bad);
    const auto keys = read_from(directory, "# comment\n" + line_of(1) + "\n" + bad + "\n");
    REQUIRE_FALSE(keys);
    CHECK(keys.error().text.starts_with(place + ":3: "));
    CHECK(keys.error().exit_code == 3);
  }
}

TEST_CASE("trusted keys: as many as the listener holds, and no more") {
  const TemporaryDirectory directory;
  std::string content;
  for (std::uint8_t i = 1; i <= kMaxKeys; ++i) content += line_of(i) + '\n';
  REQUIRE(read_from(directory, content));
  CHECK(read_from(directory, content)->size() == kMaxKeys);
  const auto keys = read_from(directory, content + line_of(99) + '\n');
  REQUIRE_FALSE(keys);
  CHECK(keys.error().text == (directory / "keys") + ":9: more than 8 keys; remove some");
  CHECK(keys.error().exit_code == 3);
}

TEST_CASE("trusted keys: a file without a key is an error with a way out") {
  const TemporaryDirectory directory;
  for (const char* const content : {"", "\n\n", "# nothing\n", "   \n"}) {
    CAPTURE(content);
    const auto keys = read_from(directory, content);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().text == (directory / "keys") +
                                   ": there is no key in it; `timecast-announcer key show` prints "
                                   "one");
    CHECK(keys.error().exit_code == 3);
  }
}

TEST_CASE("trusted keys: a file that cannot be read is a bad setting") {
  const TemporaryDirectory directory;
  const auto missing = read_trusted_keys(directory / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text ==
        "cannot read " + (directory / "missing") +
            ": no such file or directory; `timecast-announcer key show` prints a line for it");
  CHECK(missing.error().exit_code == 3);
  CHECK(read_trusted_keys(directory.path()).error().exit_code == 3);
}

TEST_CASE("trusted keys: secrets that are in the same file are nowhere in memory afterwards") {
  const TemporaryDirectory directory;
  ListenerOptions options;
  options.keys_file = directory / "keys";
  static_cast<void>(output_of([&] {
    put_file(*options.keys_file,
             line_of(1) + " cellar\n1 AES128 HEX:" + secret_digits() + "\n" + line_of(2) + "\n");
    return 0;
  }));
  CHECK(output_of([&] {
          const auto keys = read_trusted_keys(*options.keys_file);
          return keys && keys->size() == 2 ? secrets_in_memory() : 100;
        }).exit_code == 0);
  CHECK(output_of([&] {
          return trusted_keys_file(options) == options.keys_file ? secrets_in_memory() : 100;
        }).exit_code == 0);
  CHECK(output_of([&] {
          const auto keys = SymmetricKeys::load(*options.keys_file, {{1, false}});
          return keys ? secrets_in_memory() : 100;
        }).exit_code == 0);
}
