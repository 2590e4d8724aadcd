// SPDX-License-Identifier: MIT
#include "listener/daemon/key_book.hpp"

#include <doctest/doctest.h>

#include "common/host/signing_key.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

PublicKey key_of(std::uint8_t first) {
  PublicKey key{};
  key[0] = first;
  return key;
}

const KeyBook kBook = {{key_of(1), KeyOrigin::first_use, {}},
                       {key_of(2), KeyOrigin::endorsed, key_of(1)},
                       {key_of(3), KeyOrigin::added, {}},
                       {key_of(4), KeyOrigin::endorsed, key_of(9)}};

using Keys = std::vector<PublicKey>;

}  // namespace

TEST_CASE("key book: what is written is read again") {
  const TemporaryDirectory directory;
  REQUIRE(write_key_book(directory.path(), kBook));
  const auto book = read_key_book(directory.path());
  REQUIRE(book);
  CHECK(*book == kBook);
}

TEST_CASE("key book: one that is not there is empty") {
  const TemporaryDirectory directory;
  const auto book = read_key_book(directory / "nothing");
  REQUIRE(book);
  CHECK(book->empty());
}

TEST_CASE("key book: a line that is none is named") {
  const std::string good = to_base64(key_of(1));
  for (const std::string& bad :
       {std::string{"rubbish"}, std::string{}, good, good + " borrowed", good + " endorsed",
        good + " added " + good, good + " endorsed rubbish", good + " first-use x",
        good + " endorsed " + good + " more"}) {
    CAPTURE(bad);
    const auto book = parse_key_book(good + " added\n" + bad + "\n", "the/book");
    REQUIRE_FALSE(book);
    CHECK(book.error().text == "the/book:2: this is no trusted key; remove the line, or the file");
    CHECK(book.error().exit_code == kExitBadSettings);
  }
}

TEST_CASE("key book: who counts depends on whom the operator names and whether first use holds") {
  struct Row {
    const char* name;
    Keys named;
    KeyBook book;
    SignatureMode mode;
    Keys counting;
  };
  const KeyBook learnt = {{key_of(1), KeyOrigin::first_use, {}},
                          {key_of(2), KeyOrigin::endorsed, key_of(1)},
                          {key_of(5), KeyOrigin::endorsed, key_of(2)}};
  const Row rows[] = {
      {"nobody", {}, {}, SignatureMode::first_use, {}},
      {"found, and endorsed in a row",
       {},
       learnt,
       SignatureMode::first_use,
       {key_of(1), key_of(2), key_of(5)}},
      {"found, but another is named", {key_of(7)}, learnt, SignatureMode::first_use, {}},
      {"found, but first use is not wanted", {}, learnt, SignatureMode::pinned, {}},
      {"added ones leave nothing to first use", {}, kBook, SignatureMode::first_use, {key_of(3)}},
      {"named, and endorsed by that",
       {key_of(9)},
       kBook,
       SignatureMode::pinned,
       {key_of(3), key_of(4)}},
      {"named and added", {key_of(3)}, kBook, SignatureMode::pinned, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(keys_that_count(row.named, row.book, row.mode) == row.counting);
  }
}

TEST_CASE("key book: of more keys than there is room for the first count, and the rest is told") {
  KeyBook book;
  Keys first;
  for (std::uint8_t i = 1; i <= kMaxKeys + 3; ++i) {
    book.push_back({key_of(i), KeyOrigin::added, {}});
    if (i <= kMaxKeys) first.push_back(key_of(i));
  }
  CHECK(keys_that_count({}, book, SignatureMode::pinned) == first);
  CHECK(keys_without_room({}, book, SignatureMode::pinned) == 3);
  // The operator's own go before.
  first.resize(kMaxKeys - 2);
  CHECK(keys_that_count({key_of(50), key_of(51)}, book, SignatureMode::pinned) == first);
  CHECK(keys_without_room({key_of(50), key_of(51)}, book, SignatureMode::pinned) == 5);
  Keys many;
  for (std::uint8_t i = 0; i < kMaxKeys; ++i)
    many.push_back(key_of(static_cast<std::uint8_t>(60 + i)));
  CHECK(keys_that_count(many, book, SignatureMode::pinned).empty());
  book.resize(kMaxKeys);
  CHECK(keys_without_room({}, book, SignatureMode::pinned) == 0);
}
