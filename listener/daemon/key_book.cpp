// SPDX-License-Identifier: MIT
#include "listener/daemon/key_book.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "common/host/atomic_file.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

namespace {

constexpr const char* kFile = "/listener.keys";
constexpr mode_t kMode = 0644;
constexpr std::pair<const char*, KeyOrigin> kOrigins[] = {{"first-use", KeyOrigin::first_use},
                                                          {"added", KeyOrigin::added},
                                                          {"endorsed", KeyOrigin::endorsed}};

bool contains(const std::vector<PublicKey>& keys, const PublicKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::optional<KeyOrigin> origin_of(const std::string& word) {
  for (const auto& [name, origin] : kOrigins) {
    if (word == name) return origin;
  }
  return std::nullopt;
}

// Nothing if the line is none.
std::optional<BookedKey> parse_line(const std::string& line) {
  std::istringstream words{line};
  std::string key_word;
  std::string origin_word;
  std::string endorser_word;
  std::string more;
  words >> key_word >> origin_word >> endorser_word >> more;
  const auto key = public_key_from_base64(key_word);
  const auto origin = origin_of(origin_word);
  if (!key || !origin || !more.empty()) return std::nullopt;
  BookedKey booked{*key, *origin, {}};
  if (endorser_word.empty() != (*origin != KeyOrigin::endorsed)) return std::nullopt;
  if (*origin != KeyOrigin::endorsed) return booked;
  const auto endorser = public_key_from_base64(endorser_word);
  if (!endorser) return std::nullopt;
  booked.endorser = *endorser;
  return booked;
}

// However many.
std::vector<PublicKey> keys_that_would_count(const std::vector<PublicKey>& named,
                                             const KeyBook& book, SignatureMode mode) {
  std::vector<PublicKey> counting = named;
  const auto take = [&counting](const PublicKey& key) {
    if (!contains(counting, key)) counting.push_back(key);
  };
  for (const BookedKey& each : book) {
    if (each.origin == KeyOrigin::added) take(each.key);
  }
  const bool learns = mode == SignatureMode::first_use && counting.empty();
  for (const BookedKey& each : book) {
    if (each.origin == KeyOrigin::first_use && learns) take(each.key);
  }
  // In the order of the book: an endorser is booked before whom it endorses.
  for (const BookedKey& each : book) {
    if (each.origin == KeyOrigin::endorsed && contains(counting, each.endorser)) take(each.key);
  }
  counting.erase(counting.begin(), counting.begin() + static_cast<std::ptrdiff_t>(named.size()));
  return counting;
}

std::size_t room_beside(const std::vector<PublicKey>& named) {
  return kMaxKeys - std::min(named.size(), kMaxKeys);
}

}  // namespace

std::string describe(const BookedKey& key) {
  switch (key.origin) {
    case KeyOrigin::first_use: return "trusted on first use";
    case KeyOrigin::added: return "added by hand";
    case KeyOrigin::endorsed: return "endorsed by " + to_base64(key.endorser);
  }
  return {};
}

Result<KeyBook> parse_key_book(const std::string& text, const std::string& path) {
  KeyBook book;
  std::istringstream lines{text};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto booked = parse_line(line);
    if (!booked) {
      return because(Error{path + ":" + std::to_string(number) +
                               ": this is no trusted key; remove the line, or the file",
                           kExitBadSettings});
    }
    book.push_back(*booked);
  }
  return book;
}

std::string key_book_text(const KeyBook& book) {
  std::string text;
  for (const BookedKey& each : book) {
    text += to_base64(each.key);
    for (const auto& [name, origin] : kOrigins) {
      if (each.origin == origin) text += std::string{" "} + name;
    }
    if (each.origin == KeyOrigin::endorsed) text += ' ' + to_base64(each.endorser);
    text += '\n';
  }
  return text;
}

Result<KeyBook> read_key_book(const GivenPlace& directory) {
  const auto place = find_state_directory(directory);
  if (!place) return because(place.error());
  const std::string path = *place + kFile;
  if (!file_exists(path)) return KeyBook{};
  const auto text = read_file(path);
  if (!text) return because(text.error());
  return parse_key_book(*text, path);
}

Result<void> write_key_book(const GivenPlace& directory, const KeyBook& book) {
  const auto place = state_directory(directory);
  if (!place) return because(place.error());
  auto written = write_file(*place + kFile, key_book_text(book), kMode);
  if (!written) return because(state_error(written.error()));
  return written;
}

std::vector<PublicKey> keys_that_count(const std::vector<PublicKey>& named, const KeyBook& book,
                                       SignatureMode mode) {
  std::vector<PublicKey> counting = keys_that_would_count(named, book, mode);
  counting.resize(std::min(counting.size(), room_beside(named)));
  return counting;
}

std::size_t keys_without_room(const std::vector<PublicKey>& named, const KeyBook& book,
                              SignatureMode mode) {
  const std::size_t all = keys_that_would_count(named, book, mode).size();
  return all - std::min(all, room_beside(named));
}

}  // namespace timecast
