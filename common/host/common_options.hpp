// SPDX-License-Identifier: MIT
//
// Options that both programs have, under the same names and with the same meaning.
//
// Threads: any. An option refers to the variables it was made for, which must live as long.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/mac.hpp>

#include "common/host/command_line.hpp"
#include "common/host/places.hpp"

namespace timecast {

// Where packets for many go, a group or a broadcast address: ADDR[:PORT], or the plain stream's
// port.
[[nodiscard]] Result<Endpoint> parse_destination(std::string_view text);
// What may stand behind a destination, ",key=ID" or ",key=ID,legacy": cuts it off the text.
[[nodiscard]] Result<MacUse> take_key(std::string_view& text);
// The same in words; nothing without a key.
[[nodiscard]] std::string key_text(const MacUse& use);
// Adds a destination. Said twice it must have the same key.
[[nodiscard]] Result<void> add_destination(const KeyedEndpoint& to, std::string_view text,
                                           std::vector<KeyedEndpoint>& all);
// The keys that destinations name.
[[nodiscard]] std::vector<MacUse> keys_of(const std::vector<KeyedEndpoint>& all);
// A destination that names a key, if one does.
[[nodiscard]] std::optional<KeyedEndpoint> first_keyed(const std::vector<KeyedEndpoint>& all);
// A group or broadcast address without a port.
[[nodiscard]] Result<Address> parse_group_or_broadcast(std::string_view text);

// `purpose`: what is done by the interfaces, "listen on".
[[nodiscard]] Option interface_option(std::vector<std::string>& out, const std::string& purpose);
// Whether those are there; if not, where they were said, as said_error() has it.
[[nodiscard]] Result<void> check_said_interfaces(const std::vector<std::string>& interfaces,
                                                 const GivenPlace& file,
                                                 const std::vector<std::string>& filed);
// Which settings file is read instead of the usual NAME.json.
[[nodiscard]] Option settings_option(GivenPlace& file, const std::string& name);
// One group for each family. The variables hold the usual ones.
[[nodiscard]] Option group_option(Address& group4, Address& group6);
[[nodiscard]] Option port_option(std::uint16_t& out);
// `what` is kept there: the option's help.
[[nodiscard]] Option state_directory_option(GivenPlace& out, const char* what);
[[nodiscard]] Option socket_option(GivenPlace& out, const std::string& program);

}  // namespace timecast
