// SPDX-License-Identifier: MIT
//
// What is read from files that people or programs write: settings, trusted keys, what a listener
// keeps. The first octet says which.
#include <string>

#include "common/host/json_settings.hpp"
#include "common/host/option_value.hpp"
#include "common/host/signing_key.hpp"
#include "listener/clocks/frequency_memory.hpp"
#include "listener/daemon/key_book.hpp"
#include "listener/daemon/replay_floors.hpp"
#include "listener/daemon/trusted_keys.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace timecast;
using fuzz::must;

namespace {

void read_numbers(const std::string& text) {
  if (const auto number = parse_whole_number(text, 3, 1'000)) {
    must(*number >= 3 && *number <= 1'000, "a number lies within its limits");
  }
  if (const auto span = parse_seconds(text, Duration{}, Duration::seconds(60))) {
    must(*span >= Duration{} && *span <= Duration::seconds(60), "a span too");
  }
}

void read_key_book(const std::string& text) {
  const auto book = parse_key_book(text, "book");
  if (!book) return;
  const auto again = parse_key_book(key_book_text(*book), "book");
  must(again && *again == *book, "a book is read as it is written");
  static_cast<void>(keys_that_count({}, *book, SignatureMode::first_use));
}

void read_floors(const std::string& text) {
  const auto floors = parse_floors(text, "floors", {});
  if (!floors) return;
  const auto again = parse_floors(floors_text(*floors), "floors", {});
  must(again && floors_text(*again) == floors_text(*floors), "floors are read as they are written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text{data + 1, data + size};
  switch (data[0] % 7) {
    case 0: static_cast<void>(parse_json_settings(text)); break;
    case 1: static_cast<void>(public_key_from_base64(text)); break;
    case 2: static_cast<void>(parse_trusted_keys(text, "keys")); break;
    case 3: read_key_book(text); break;
    case 4: read_floors(text); break;
    case 5: static_cast<void>(parse_frequency(text)); break;
    default: read_numbers(text);
  }
  return 0;
}
