// SPDX-License-Identifier: MIT
#include "common/host/socket_address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace timecast {

socklen_t to_socket_address(const Endpoint& endpoint, sockaddr_storage& out) noexcept {
  const auto& octets = endpoint.address.octets;
  if (endpoint.address.family == Family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, octets.data(), sizeof v4.sin_addr);
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  if (endpoint.address.family == Family::ipv6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, octets.data(), sizeof v6.sin6_addr);
    // On other addresses a scope would be an error or a surprise: they are reached by route.
    if (needs_interface(endpoint.address)) v6.sin6_scope_id = endpoint.interface;
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  return 0;
}

Endpoint endpoint_from(const sockaddr_storage& in) noexcept {
  Endpoint endpoint;
  if (in.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &in, sizeof v4);
    endpoint.address.family = Family::ipv4;
    std::memcpy(endpoint.address.octets.data(), &v4.sin_addr, sizeof v4.sin_addr);
    endpoint.port = ntohs(v4.sin_port);
  } else if (in.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &in, sizeof v6);
    endpoint.port = ntohs(v6.sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      endpoint.address.family = Family::ipv4;
      std::memcpy(endpoint.address.octets.data(), &v6.sin6_addr.s6_addr[12], 4);
    } else {
      endpoint.address.family = Family::ipv6;
      std::memcpy(endpoint.address.octets.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
      endpoint.interface = v6.sin6_scope_id;
    }
  }
  return endpoint;
}

bool needs_interface(const Address& address) noexcept {
  if (address.family != Family::ipv6) return false;
  const auto& octets = address.octets;
  if (octets[0] == 0xFE) return (octets[1] & 0xC0U) == 0x80U;
  const unsigned scope = octets[1] & 0x0FU;
  return octets[0] == 0xFF && (scope == 1 || scope == 2);
}

std::string to_string(const Address& address) {
  if (address.family == Family::none) return "no address";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
  ::inet_ntop(family, address.octets.data(), text.data(), text.size());
  return text.data();
}

std::string to_string(const Prefix& prefix) {
  return to_string(prefix.address) + '/' + std::to_string(prefix.length);
}

std::string to_string(const Endpoint& endpoint) {
  std::string text = to_string(endpoint.address);
  if (endpoint.interface != 0 && needs_interface(endpoint.address)) {
    std::array<char, IF_NAMESIZE> name{};
    const bool known = ::if_indextoname(endpoint.interface, name.data()) != nullptr;
    text += '%' + (known ? std::string{name.data()} : std::to_string(endpoint.interface));
  }
  if (endpoint.address.family == Family::ipv6) text = '[' + text + ']';
  return text + ':' + std::to_string(endpoint.port);
}

namespace {

Error not_this(std::string_view text, std::string_view expected) {
  return Error{'"' + std::string{text} + "\": " + std::string{expected}};
}

// A text from a JSON file can hold a zero, behind which the C library would not look.
bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::optional<Address> address_from(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || has_zero(text)) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  Address address;
  if (::inet_pton(AF_INET, terminated.data(), address.octets.data()) == 1) {
    address.family = Family::ipv4;
    return address;
  }
  if (::inet_pton(AF_INET6, terminated.data(), address.octets.data()) != 1) return std::nullopt;
  address.family = Family::ipv6;
  return address;
}

// All of the text, in decimal, without a sign.
std::optional<std::uint32_t> number_from(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) {
    return std::nullopt;
  }
  return value;
}

bool has_bits_after(const Prefix& prefix) {
  const unsigned total = prefix.address.family == Family::ipv4 ? 32 : 128;
  for (unsigned bit = prefix.length; bit < total; ++bit) {
    if ((prefix.address.octets[bit / 8] & (0x80U >> (bit % 8))) != 0) return true;
  }
  return false;
}

// The index of an interface by name or number.
std::optional<std::uint32_t> interface_from(std::string_view text) {
  if (has_zero(text)) return std::nullopt;
  const std::uint32_t index = ::if_nametoindex(std::string{text}.c_str());
  if (index != 0) return index;
  const auto number = number_from(text, 0x7FFFFFFF);
  return number == 0U ? std::nullopt : number;
}

struct HostAndPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// Nothing if brackets do not pair. Two colons without brackets are an IPv6 address without a port.
std::optional<HostAndPort> split(std::string_view text) {
  if (!text.empty() && text[0] == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (rest.empty()) return HostAndPort{host, std::nullopt};
    if (rest[0] != ':') return std::nullopt;
    return HostAndPort{host, rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return HostAndPort{text, std::nullopt};
  }
  return HostAndPort{text.substr(0, colon), text.substr(colon + 1)};
}

constexpr std::string_view kAddressForms = "is no address; write one like 192.0.2.1 or 2001:db8::1";
constexpr std::string_view kEndpointForms =
    "is no address with a port; write one like 192.0.2.1:123, [2001:db8::1]:123 or "
    "[fe80::1%eth0]:123";

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const auto address = address_from(text);
  if (!address) return because(not_this(text, kAddressForms));
  return *address;
}

Result<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = address_from(text.substr(0, slash));
  if (!address) {
    return because(not_this(text, "is no network; write one like 10.0.0.0/8 or 2001:db8::/32"));
  }
  const std::uint32_t most = address->family == Family::ipv4 ? 32 : 128;
  if (slash == std::string_view::npos) return Prefix{*address, static_cast<std::uint8_t>(most)};
  const auto length = number_from(text.substr(slash + 1), most);
  if (!length) {
    return because(not_this(text, "the prefix length must be 0 to " + std::to_string(most)));
  }
  const Prefix prefix{*address, static_cast<std::uint8_t>(*length)};
  if (has_bits_after(prefix)) {
    return because(not_this(text, "has bits set after the first " + std::to_string(*length) +
                                      "; make them zero, or leave out the length for one host"));
  }
  return prefix;
}

Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  const auto parts = split(text);
  if (!parts) return because(not_this(text, kEndpointForms));
  const std::size_t percent = parts->host.find('%');
  const auto address = address_from(parts->host.substr(0, percent));
  if (!address) return because(not_this(text, kEndpointForms));
  Endpoint endpoint{*address, default_port, 0};
  if (percent != std::string_view::npos) {
    const std::string_view name = parts->host.substr(percent + 1);
    if (address->family != Family::ipv6) {
      return because(not_this(text, "only an IPv6 address can name its interface"));
    }
    const auto index = interface_from(name);
    if (!index) {
      return because(not_this(text, "there is no interface \"" + std::string{name} + '"'));
    }
    endpoint.interface = *index;
  }
  if (!parts->port) return endpoint;
  const auto port = number_from(*parts->port, 65'535);
  if (!port || *port == 0) return because(not_this(text, "the port must be 1 to 65535"));
  endpoint.port = static_cast<std::uint16_t>(*port);
  return endpoint;
}

}  // namespace timecast
