// SPDX-License-Identifier: MIT
#include "listener/daemon/trusted_keys.hpp"

#include <algorithm>
#include <string_view>

#include <timecast/listener/config.hpp>

#include "common/host/atomic_file.hpp"
#include "common/host/key_line.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/symmetric_keys.hpp"

namespace timecast {

namespace {

constexpr const char* kWayOut = "; `timecast-announcer key show` prints a line for it";

// What cannot be read, or has a fault, is complained of where it is used.
bool has_symmetric_alone(const std::string& path) {
  auto content = read_file(path);
  if (!content) return false;
  const ClearedAtEnd cleared{*content};
  const auto keys = parse_trusted_keys(*content, path);
  return keys && keys->empty();
}

}  // namespace

GivenPlace trusted_keys_file(const ListenerOptions& options) {
  if (options.signatures == SignatureMode::off) return std::nullopt;
  if (options.keys_file && !has_symmetric_alone(*options.keys_file)) return options.keys_file;
  std::string usual = parent_of(settings_file_place("listener")) + "/trusted-keys";
  return file_exists(usual) ? GivenPlace{std::move(usual)} : std::nullopt;
}

Result<std::vector<PublicKey>> read_trusted_keys(const std::string& path) {
  auto content = read_file(path);
  if (!content) {
    return because(
        Error{content.error().text + kWayOut, kExitBadSettings, content.error().errno_value});
  }
  const ClearedAtEnd cleared{*content};
  return parse_trusted_keys(*content, path);
}

Result<std::vector<PublicKey>> parse_trusted_keys(const std::string& text,
                                                  const std::string& path) {
  std::vector<PublicKey> keys;
  bool has_symmetric = false;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    has_symmetric = has_symmetric || is_symmetric_line(line);
    const auto words = words_of_key_line(line);
    if (is_symmetric_line(line) || words.empty()) continue;
    const std::string_view word = words[0].substr(0, words[0].find('#'));
    const auto key = public_key_from_base64(word);
    if (!key) return because(at_line(path, number, key.error().text));
    if (std::find(keys.begin(), keys.end(), *key) != keys.end()) continue;
    if (keys.size() == kMaxKeys) {
      return because(
          at_line(path, number, "more than " + std::to_string(kMaxKeys) + " keys; remove some"));
    }
    keys.push_back(*key);
  }
  if (keys.empty() && !has_symmetric) {
    return because(Error{path + ": there is no key in it; `timecast-announcer key show` prints one",
                         kExitBadSettings});
  }
  return keys;
}

}  // namespace timecast
