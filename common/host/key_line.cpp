// SPDX-License-Identifier: MIT
#include "common/host/key_line.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <limits>
#include <span>

#include "common/host/option_value.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr std::string_view kSpaces = " \t\r\f\v";
constexpr std::string_view kCommentLines = "!;#%";  // chrony's; ntpd's is # alone
constexpr std::string_view kHex = "HEX:";
constexpr std::string_view kAscii = "ASCII:";
constexpr std::string_view kLegacy = "legacy";
constexpr std::size_t kLongestNtpdText = 20;  // a longer key of ntpd is hexadecimal
constexpr std::size_t kLongestKey = 256;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_hex(std::string_view text) noexcept {
  return !text.empty() && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; });
}

Secret from_hex_digits(std::string_view digits) {
  std::vector<std::uint8_t> octets(digits.size() / 2);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] =
        static_cast<std::uint8_t>(hex_digit(digits[2 * i]) * 16 + hex_digit(digits[2 * i + 1]));
  }
  return Secret{std::move(octets)};
}

Secret from_text(std::string_view text) {
  return Secret{std::vector<std::uint8_t>(text.begin(), text.end())};
}

Result<Secret> secret_of(std::string_view word, bool with_chronys) {
  if (word.starts_with(kAscii)) return from_text(word.substr(kAscii.size()));
  if (word.starts_with(kHex)) {
    const std::string_view digits = word.substr(kHex.size());
    if (is_hex(digits)) return from_hex_digits(digits);
    return because(Error{"what is behind HEX: is no even number of hexadecimal digits"});
  }
  if (word.find('#') != std::string_view::npos) {
    return because(
        Error{"the key has a # in it, where ntpd ends it and chrony does not; write HEX: and its "
              "octets"});
  }
  if (word.size() <= kLongestNtpdText || !is_hex(word)) return from_text(word);
  if (!with_chronys) return from_hex_digits(word);
  return because(
      Error{"the key is hexadecimal to ntpd and text to chrony, whose lines are in this file too; "
            "write HEX: or ASCII: in front of it"});
}

Result<std::vector<Prefix>> servers_in(std::string_view list) {
  std::vector<Prefix> servers;
  while (true) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const auto prefix = parse_prefix(list.substr(0, comma));
    if (!prefix) {
      return because(
          Error{"behind the key is no list of the servers that may use it, ADDR[/BITS],..., and "
                "not the word legacy"});
    }
    servers.push_back(*prefix);
    if (comma == list.size()) return servers;
    list.remove_prefix(comma + 1);
  }
}

// What is behind a key.
Result<void> take_rest(std::span<const std::string_view> words, KeyLine& line) {
  if (!words.empty() && words.front() != kLegacy) {
    auto servers = servers_in(words.front());
    if (!servers) return because(servers.error());
    line.servers = std::move(*servers);
    words = words.subspan(1);
  }
  line.legacy = !words.empty() && words.front() == kLegacy;
  if (words.size() == (line.legacy ? 1 : 0)) return {};
  return because(Error{"there are words behind ID TYPE KEY ADDRESSES legacy"});
}

}  // namespace

Secret::~Secret() { OPENSSL_cleanse(octets_.data(), octets_.size()); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Error at_line(const std::string& path, std::size_t number, const std::string& what) {
  return Error{path + ":" + std::to_string(number) + ": " + what, kExitBadSettings};
}

std::vector<std::string_view> words_of_key_line(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
    if (line.empty() || line.front() == '#') return words;
    if (words.empty() && kCommentLines.find(line.front()) != std::string_view::npos) return words;
    const std::size_t end = std::min(line.find_first_of(kSpaces), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

bool is_chronys(const std::vector<std::string_view>& words) noexcept {
  if (words.size() < 2) return false;
  const auto marked = [](std::string_view word) {
    return word.starts_with(kHex) || word.starts_with(kAscii);
  };
  const bool has_type = mac_kind_named(words[1]) != nullptr;
  return !has_type || (words.size() > 2 && marked(words[2]));
}

Result<KeyLine> parse_key_line(const std::vector<std::string_view>& words, bool with_chronys) {
  KeyLine line;
  const auto id = parse_whole_number(words[0], 1, std::numeric_limits<std::uint32_t>::max());
  if (!id) {
    return because(
        Error{"the first word is no key id of 1 to 4294967295, and no public key either"});
  }
  line.id = static_cast<std::uint32_t>(*id);
  if (words.size() == 1) return because(Error{"there is no key behind its id"});
  auto next = words.begin() + 1;
  line.kind = mac_kind_named(*next);
  const bool has_type = line.kind != nullptr;
  if (has_type) ++next;
  if (next == words.end()) return because(Error{"there is no key behind its type"});
  // Without a type a line has no more than a key, and what we add to it.
  const bool is_short = next + 1 == words.end() || next[1] == kLegacy;
  if (!has_type && !is_short) {
    return because(Error{"the second word is no type of key; it is one of " + mac_kind_names()});
  }
  if (!has_type) line.kind = mac_kind_named("MD5");
  auto secret = secret_of(*next, with_chronys);
  if (!secret) return because(secret.error());
  line.secret = std::move(*secret);
  if (line.secret.octets().size() > kLongestKey) {
    return because(Error{"the key is longer than " + std::to_string(kLongestKey) + " octets"});
  }
  if (auto rest = take_rest({++next, words.end()}, line); !rest) return because(rest.error());
  return line;
}

}  // namespace timecast
