// SPDX-License-Identifier: MIT
//
// One line of a file of symmetric keys, as ntpd or chrony writes it.
//
// Errors:  what is wrong with the line and the way out, without any word that could be a secret.
// Threads: any; pure functions.
// Source:  ntp.keys(5), chrony.conf(5); where the two differ, what is not the same to both is
//          refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"
#include "common/host/mac_key.hpp"

namespace timecast {

// Octets that are cleared when they go. They are in one place, whoever holds them.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::vector<std::uint8_t> octets) noexcept : octets_{std::move(octets)} {}
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&& other) noexcept {
    std::swap(octets_, other.octets_);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();
  [[nodiscard]] Octets octets() const noexcept { return octets_; }

 private:
  std::vector<std::uint8_t> octets_;
};

struct KeyLine {
  std::uint32_t id = 0;
  const MacKind* kind = nullptr;
  Secret secret;
  std::vector<Prefix> servers;  // that may use it; empty: any
  bool legacy = false;
};

// The lines of a key file.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);
// What is wrong with one of them, by its number from one on.
[[nodiscard]] Error at_line(const std::string& path, std::size_t number, const std::string& what);

// The line's words; a comment ends it, or is all of it.
[[nodiscard]] std::vector<std::string_view> words_of_key_line(std::string_view line);

// Whether a line of these words can be chrony's alone.
[[nodiscard]] bool is_chronys(const std::vector<std::string_view>& words) noexcept;

// REQUIRES: a word at least. `with_chronys`: a line of the file is chrony's alone.
[[nodiscard]] Result<KeyLine> parse_key_line(const std::vector<std::string_view>& words,
                                             bool with_chronys);

}  // namespace timecast
