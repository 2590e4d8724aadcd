// SPDX-License-Identifier: MIT
//
// The keys that a listener trusts beside those in its operator's file: what first use has found,
// what `keys add` was told, what trusted keys have endorsed. In its state directory, a line each:
//
//     KEY first-use | KEY added | KEY endorsed KEY-THAT-ENDORSES-IT
//
// Errors:  an Error that names file and line. A missing file is an empty book.
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include <timecast/listener/config.hpp>

#include "common/host/places.hpp"

namespace timecast {

enum class KeyOrigin : std::uint8_t { first_use, added, endorsed };

struct BookedKey {
  PublicKey key{};
  KeyOrigin origin = KeyOrigin::first_use;
  PublicKey endorser{};  // if it is endorsed
  friend bool operator==(const BookedKey&, const BookedKey&) = default;
};

using KeyBook = std::vector<BookedKey>;

// "trusted on first use", "added by hand", "endorsed by KEY"
[[nodiscard]] std::string describe(const BookedKey& key);

[[nodiscard]] Result<KeyBook> parse_key_book(const std::string& text, const std::string& path);
[[nodiscard]] std::string key_book_text(const KeyBook& book);

// In the given state directory, or the usual one.
[[nodiscard]] Result<KeyBook> read_key_book(const GivenPlace& directory);
[[nodiscard]] Result<void> write_key_book(const GivenPlace& directory, const KeyBook& book);

// Those of the book that count, beside the operator's: added ones; endorsed ones, if their endorser
// counts; and what first use has found, where nobody has named a key and first use is wanted. With
// the operator's at most kMaxKeys.
[[nodiscard]] std::vector<PublicKey> keys_that_count(const std::vector<PublicKey>& named,
                                                     const KeyBook& book, SignatureMode mode);
// How many more would.
[[nodiscard]] std::size_t keys_without_room(const std::vector<PublicKey>& named,
                                            const KeyBook& book, SignatureMode mode);

}  // namespace timecast
