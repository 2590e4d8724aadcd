// SPDX-License-Identifier: MIT
#include "announcer/daemon/options.hpp"

#include "common/host/common_options.hpp"
#include "common/host/option_value.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr std::string_view kBroadcastWord = "broadcast";

// Nothing if the text is an address.
std::optional<std::string_view> after_broadcast_word(std::string_view text) {
  if (!text.starts_with(kBroadcastWord)) return std::nullopt;
  const std::string_view rest = text.substr(kBroadcastWord.size());
  return rest.empty() || rest[0] == ':' ? std::optional{rest} : std::nullopt;
}

Result<Endpoint> parse_unkeyed(std::string_view text) {
  if (const auto port = after_broadcast_word(text)) {
    auto own = parse_endpoint(to_string(kOwnBroadcast) + std::string{*port}, kPlainPort);
    if (own) return own;
    return because(unfit(text, "has no port of 1 to 65535"));
  }
  return parse_destination(text);
}

}  // namespace

Result<KeyedEndpoint> parse_plain_destination(std::string_view text) {
  const auto use = take_key(text);
  if (!use) return because(use.error());
  const auto to = parse_unkeyed(text);
  if (!to) return because(to.error());
  return KeyedEndpoint{*to, *use};
}

std::string destination_text(const Endpoint& destination) {
  if (destination.address != kOwnBroadcast) return to_string(destination);
  return std::string{kBroadcastWord} + ':' + std::to_string(destination.port);
}

}  // namespace timecast
