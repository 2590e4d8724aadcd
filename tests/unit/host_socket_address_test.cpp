// SPDX-License-Identifier: MIT
#include "common/host/socket_address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

using namespace timecast;

namespace {

Address address(const char* text) {
  const auto parsed = parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

// The text with a zero octet and more behind it, as a JSON file can hold it.
std::string with_zero(const char* text) { return text + std::string{"\0x", 2}; }

constexpr char kNoAddress[] = "is no address; write one like 192.0.2.1 or 2001:db8::1";
constexpr char kNoNetwork[] = "is no network; write one like 10.0.0.0/8 or 2001:db8::/32";
constexpr char kNoEndpoint[] =
    "is no address with a port; write one like 192.0.2.1:123, [2001:db8::1]:123 or "
    "[fe80::1%eth0]:123";

struct Refused {
  std::string text;
  std::string reason;
};

template <class Parse>
void check_refused(const Refused& row, Parse parse) {
  CAPTURE(row.text);
  const auto parsed = parse(row.text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().text == '"' + row.text + "\": " + row.reason);
}

}  // namespace

TEST_CASE("host socket address: an address is read and written in its one form") {
  struct Row {
    const char* text;
    Family family;
    const char* written;
  };
  const Row rows[] = {
      {"192.0.2.1", Family::ipv4, "192.0.2.1"},
      {"0.0.0.0", Family::ipv4, "0.0.0.0"},
      {"255.255.255.255", Family::ipv4, "255.255.255.255"},
      {"2001:DB8:0:0::1", Family::ipv6, "2001:db8::1"},
      {"::", Family::ipv6, "::"},
      {"ff02::101", Family::ipv6, "ff02::101"},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Family::ipv6,
       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(address(row.text).family == row.family);
    CHECK(to_string(address(row.text)) == row.written);
  }
  CHECK(to_string(Address{}) == "no address");
}

TEST_CASE("host socket address: what is no address is refused with the form of one") {
  const std::string texts[] = {"",
                               " 192.0.2.1",
                               "192.0.2",
                               "192.0.2.256",
                               "192.0.2.01",
                               "localhost",
                               "2001:db8::1::2",
                               "fe80::1%lo",
                               "[2001:db8::1]",
                               std::string(100, '1'),
                               with_zero("192.0.2.1"),
                               with_zero("2001:db8::1")};
  for (const std::string& text : texts) check_refused({text, kNoAddress}, parse_address);
}

TEST_CASE("host socket address: a prefix is read and written") {
  struct Row {
    const char* text;
    const char* written;
  };
  const Row rows[] = {{"10.0.0.0/8", "10.0.0.0/8"},
                      {"0.0.0.0/0", "0.0.0.0/0"},
                      {"192.0.2.1", "192.0.2.1/32"},
                      {"192.0.2.1/32", "192.0.2.1/32"},
                      {"192.0.2.128/25", "192.0.2.128/25"},
                      {"2001:db8::/32", "2001:db8::/32"},
                      {"::/0", "::/0"},
                      {"2001:db8::1", "2001:db8::1/128"}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto prefix = parse_prefix(row.text);
    REQUIRE(prefix);
    CHECK(to_string(*prefix) == row.written);
    CHECK(parse_prefix(row.written) == *prefix);
  }
}

TEST_CASE("host socket address: what is no prefix is refused with the reason") {
  constexpr char kBits[] =
      "has bits set after the first 8; make them zero, or leave out the length for one host";
  const Refused rows[] = {
      {"", kNoNetwork},
      {"/8", kNoNetwork},
      {"10.0.0.0.0/8", kNoNetwork},
      {with_zero("10.0.0.0"), kNoNetwork},
      {"10.0.0.0/33", "the prefix length must be 0 to 32"},
      {"10.0.0.0/", "the prefix length must be 0 to 32"},
      {"10.0.0.0/+8", "the prefix length must be 0 to 32"},
      {"10.0.0.0/-8", "the prefix length must be 0 to 32"},
      {"10.0.0.0/8/8", "the prefix length must be 0 to 32"},
      {"10.0.0.0/4294967304", "the prefix length must be 0 to 32"},
      {"2001:db8::/129", "the prefix length must be 0 to 128"},
      {"10.0.0.1/8", kBits},
      {"10.128.0.0/8", kBits},
      {"ff80::/8", kBits},
      {"2001:db8::1/127",
       "has bits set after the first 127; make them zero, or leave out the length for one host"},
  };
  for (const Refused& row : rows) check_refused(row, parse_prefix);
}

TEST_CASE("host socket address: an endpoint is read and written") {
  const std::uint32_t lo = ::if_nametoindex("lo");
  REQUIRE(lo != 0);
  struct Row {
    std::string text;
    const char* address;
    std::uint16_t port;
    std::uint32_t interface;
    const char* written;
  };
  const Row rows[] = {
      {"192.0.2.1:123", "192.0.2.1", 123, 0, "192.0.2.1:123"},
      {"192.0.2.1:65535", "192.0.2.1", 65'535, 0, "192.0.2.1:65535"},
      {"192.0.2.1", "192.0.2.1", 11'123, 0, "192.0.2.1:11123"},
      {"2001:db8::1", "2001:db8::1", 11'123, 0, "[2001:db8::1]:11123"},
      {"[2001:db8::1]", "2001:db8::1", 11'123, 0, "[2001:db8::1]:11123"},
      {"[2001:db8::1]:1", "2001:db8::1", 1, 0, "[2001:db8::1]:1"},
      {"[fe80::1%lo]:123", "fe80::1", 123, lo, "[fe80::1%lo]:123"},
      {"fe80::1%" + std::to_string(lo), "fe80::1", 11'123, lo, "[fe80::1%lo]:11123"},
      {"[ff02::101%999999]:123", "ff02::101", 123, 999'999, "[ff02::101%999999]:123"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = parse_endpoint(row.text, 11'123);
    REQUIRE(endpoint);
    CHECK(*endpoint == Endpoint{address(row.address), row.port, row.interface});
    CHECK(to_string(*endpoint) == row.written);
    CHECK(parse_endpoint(row.written, 1) == *endpoint);
  }
}

TEST_CASE("host socket address: what is no endpoint is refused with the reason") {
  constexpr char kPort[] = "the port must be 1 to 65535";
  const std::string zero_in_name = "there is no interface \"" + with_zero("lo") + '"';
  const Refused rows[] = {
      {"", kNoEndpoint},
      {":123", kNoEndpoint},
      {"ntp.example.org:123", kNoEndpoint},
      {"[2001:db8::1:123", kNoEndpoint},
      {"[2001:db8::1]123", kNoEndpoint},
      {"[]:123", kNoEndpoint},
      {"]", kNoEndpoint},
      {with_zero("192.0.2.1"), kNoEndpoint},
      {"192.0.2.1:", kPort},
      {"192.0.2.1:0", kPort},
      {"192.0.2.1:65536", kPort},
      {"192.0.2.1:ntp", kPort},
      {"192.0.2.1: 123", kPort},
      {"[2001:db8::1]:", kPort},
      {"192.0.2.1%lo:123", "only an IPv6 address can name its interface"},
      {"[fe80::1%nowhere0]:123", "there is no interface \"nowhere0\""},
      {"[fe80::1%]:123", "there is no interface \"\""},
      {"[fe80::1%0]:123", "there is no interface \"0\""},
      {"[fe80::1%-1]:123", "there is no interface \"-1\""},
      {with_zero("fe80::1%lo"), zero_in_name},
  };
  for (const Refused& row : rows) {
    check_refused(row, [](std::string_view text) { return parse_endpoint(text, 123); });
  }
}

TEST_CASE("host socket address: an interface is needed where an address means one link only") {
  struct Row {
    const char* text;
    bool needed;
  };
  const Row rows[] = {{"fe80::1", true},  {"febf::1", true},      {"fec0::1", false},
                      {"ff01::1", true},  {"ff02::101", true},    {"ff12::1", true},
                      {"ff05::1", false}, {"ff15::1", false},     {"2001:db8::1", false},
                      {"::1", false},     {"169.254.1.1", false}, {"224.0.0.1", false},
                      {"fe00::1", false}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(needs_interface(address(row.text)) == row.needed);
  }
}

TEST_CASE("host socket address: an endpoint goes to the kernel's form and back") {
  const Endpoint endpoints[] = {{address("192.0.2.1"), 123, 0},
                                {address("2001:db8::1"), 65'535, 0},
                                {address("fe80::1"), 11'123, 7}};
  for (const Endpoint& endpoint : endpoints) {
    CAPTURE(to_string(endpoint));
    sockaddr_storage kernel{};
    const socklen_t length = to_socket_address(endpoint, kernel);
    const bool is_ipv4 = endpoint.address.family == Family::ipv4;
    CHECK(length == (is_ipv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
    CHECK(endpoint_from(kernel) == endpoint);
  }
}

TEST_CASE("host socket address: the kernel's form is in network order") {
  sockaddr_storage kernel{};
  REQUIRE(to_socket_address({address("192.0.2.1"), 123, 0}, kernel) == sizeof(sockaddr_in));
  sockaddr_in v4{};
  std::memcpy(&v4, &kernel, sizeof v4);
  CHECK(v4.sin_family == AF_INET);
  CHECK(v4.sin_port == htons(123));
  CHECK(v4.sin_addr.s_addr == htonl(0xC0000201));
}

TEST_CASE("host socket address: only an address of one link gets a scope") {
  sockaddr_storage kernel{};
  REQUIRE(to_socket_address({address("2001:db8::1"), 123, 7}, kernel) != 0);
  CHECK(endpoint_from(kernel).interface == 0);
}

TEST_CASE("host socket address: an IPv4 address in IPv6 form comes out as IPv4") {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(123);
  REQUIRE(::inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr) == 1);
  sockaddr_storage kernel{};
  std::memcpy(&kernel, &v6, sizeof v6);
  CHECK(endpoint_from(kernel) == Endpoint{address("192.0.2.1"), 123, 0});
}

TEST_CASE("host socket address: what is neither IPv4 nor IPv6 has no family") {
  sockaddr_storage kernel{};
  CHECK(to_socket_address(Endpoint{}, kernel) == 0);
  kernel.ss_family = AF_UNIX;
  CHECK(endpoint_from(kernel) == Endpoint{});
}
