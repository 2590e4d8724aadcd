// SPDX-License-Identifier: MIT
#include "listener/daemon/trusted_keys.hpp"

#include <algorithm>
#include <sstream>

#include <timecast/listener/config.hpp>

#include "common/host/atomic_file.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/symmetric_keys.hpp"

namespace timecast {

namespace {

constexpr const char* kWayOut = "; `timecast-announcer key show` prints a line for it";

Error at_line(const std::string& path, int number, const std::string& what) {
  return Error{path + ":" + std::to_string(number) + ": " + what, kExitBadSettings};
}

// What cannot be read, or has a fault, is complained of where it is used.
bool has_symmetric_alone(const std::string& path) {
  const auto content = read_file(path);
  if (!content) return false;
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
  const auto content = read_file(path);
  if (!content)
    return because(
        Error{content.error().text + kWayOut, kExitBadSettings, content.error().errno_value});
  return parse_trusted_keys(*content, path);
}

Result<std::vector<PublicKey>> parse_trusted_keys(const std::string& text,
                                                  const std::string& path) {
  std::vector<PublicKey> keys;
  bool has_symmetric = false;
  std::istringstream lines{text};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    has_symmetric = has_symmetric || is_symmetric_line(line);
    if (is_symmetric_line(line) || words_of_key_line(line).empty()) continue;
    std::istringstream words{line.substr(0, line.find('#'))};
    std::string word;
    if (!(words >> word)) continue;
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
