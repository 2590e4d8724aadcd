// SPDX-License-Identifier: MIT
#include "common/host/common_options.hpp"

#include <algorithm>
#include <limits>

#include <timecast/wire/groups.hpp>

#include "common/host/broadcast.hpp"
#include "common/host/chosen_interfaces.hpp"
#include "common/host/settings_file.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

Result<void> take_group(Address& group4, Address& group6, std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return because(address.error());
  if (!address->is_multicast()) {
    return because(unfit(text, "is no multicast address; 239.255.0.0/16 stays on the site"));
  }
  const bool is_ipv4 = address->family == Family::ipv4;
  Address& group = is_ipv4 ? group4 : group6;
  if (group != (is_ipv4 ? kPreciseGroup4 : kNtpGroup6)) {
    return because(unfit(text, "is a second group of its family; leave one out"));
  }
  group = *address;
  return {};
}

constexpr std::string_view kKeyPrefix = ",key=";
constexpr std::string_view kLegacySuffix = ",legacy";
constexpr const char* kReachesOne = "is neither a group nor a broadcast address";

}  // namespace

Result<Endpoint> parse_destination(std::string_view text) {
  auto to = parse_endpoint(text, kPlainPort);
  if (!to || may_reach_many(to->address)) return to;
  return because(unfit(text, kReachesOne));
}

Result<MacUse> take_key(std::string_view& text) {
  const std::string_view whole = text;
  const std::size_t comma = std::min(text.find(','), text.size());
  std::string_view rest = text.substr(comma);
  text = text.substr(0, comma);
  if (rest.empty()) return MacUse{};
  MacUse use;
  use.legacy = rest.ends_with(kLegacySuffix);
  if (use.legacy) rest.remove_suffix(kLegacySuffix.size());
  const Error unclear = unfit(whole, "is no destination with ,key=ID or ,key=ID,legacy behind it");
  if (!rest.starts_with(kKeyPrefix)) return because(unclear);
  const auto id = parse_whole_number(rest.substr(kKeyPrefix.size()), 1,
                                     std::numeric_limits<std::uint32_t>::max());
  if (!id) return because(unclear);
  use.key = static_cast<std::uint32_t>(*id);
  return use;
}

std::string key_text(const MacUse& use) {
  if (use.key == 0) return {};
  return std::string{kKeyPrefix} + std::to_string(use.key) +
         (use.legacy ? std::string{kLegacySuffix} : "");
}

Result<void> add_destination(const KeyedEndpoint& to, std::string_view text,
                             std::vector<KeyedEndpoint>& all) {
  const auto same = std::find_if(all.begin(), all.end(), [&to](const Endpoint& each) {
    return each == static_cast<const Endpoint&>(to);
  });
  if (same == all.end()) {
    all.push_back(to);
  } else if (same->mac != to.mac) {
    return because(unfit(text, "is named twice, with two keys or with one and none"));
  }
  return {};
}

std::vector<MacUse> keys_of(const std::vector<KeyedEndpoint>& all) {
  std::vector<MacUse> keys;
  for (const KeyedEndpoint& to : all) {
    if (to.mac.key != 0) keys.push_back(to.mac);
  }
  return keys;
}

std::optional<KeyedEndpoint> first_keyed(const std::vector<KeyedEndpoint>& all) {
  const auto found =
      std::find_if(all.begin(), all.end(), [](const KeyedEndpoint& to) { return to.mac.key != 0; });
  return found == all.end() ? std::nullopt : std::optional{*found};
}

Result<Address> parse_group_or_broadcast(std::string_view text) {
  auto address = parse_address(text);
  if (!address || may_reach_many(*address)) return address;
  return because(unfit(text, kReachesOne));
}

Option interface_option(std::vector<std::string>& out, const std::string& purpose) {
  OptionValue value = each_text(out);
  value.standard =
      "all that are up and can multicast, but loopback, point-to-point and bridges of "
      "containers alone";
  return {"--interface", "IF", purpose + " this interface: its name or one of its addresses", value,
          true};
}

Result<void> check_said_interfaces(const std::vector<std::string>& interfaces,
                                   const GivenPlace& file, const std::vector<std::string>& filed) {
  auto there = check_interfaces(interfaces);
  if (there) return there;
  return because(said_error(there.error(), "--interface", file, filed));
}

Option settings_option(GivenPlace& file, const std::string& name) {
  OptionValue value = text(file);
  value.standard = std::string{kSettingsDirectory} + '/' + name + ".json, if it is there";
  return {std::string_view{kSettingsOption},
          "FILE",
          "read settings from here",
          value,
          false,
          InFile::never};
}

Option group_option(Address& group4, Address& group6) {
  const auto take = [&group4, &group6](std::string_view text) {
    return take_group(group4, group6, text);
  };
  const auto said = [&group4, &group6] {
    return OptionValue::Texts{to_string(group4), to_string(group6)};
  };
  return {"--group",
          "ADDR",
          "multicast group of the precise stream, one for IPv4 and one for IPv6",
          {take, {}, to_string(group4) + " and " + to_string(group6), JsonForm::text, said},
          true};
}

Option port_option(std::uint16_t& out) {
  return {"--port", "N", "port of the precise stream", whole_number<std::uint16_t>(out, 1)};
}

Option state_directory_option(GivenPlace& out, const char* what) {
  OptionValue place = text(out);
  place.standard =
      "$STATE_DIRECTORY, else $XDG_STATE_HOME/timecast, else for root /var/lib/timecast, else "
      "~/.local/state/timecast";
  return {"--state-dir", "DIR", what, place, false, InFile::at_start};
}

Option socket_option(GivenPlace& out, const std::string& program) {
  OptionValue value = text(out);
  value.standard = "/run/" + program + "/control, else below $XDG_RUNTIME_DIR";
  return {"--socket", "PATH", "control socket", value, false, InFile::at_start};
}

}  // namespace timecast
