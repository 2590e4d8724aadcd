// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <ostream>
#include <string_view>
#include <vector>

#include "announcer/core/reply.hpp"

namespace timecast {
namespace {

using Datagram = std::vector<std::uint8_t>;

Datagram request(Mode mode = Mode::client, std::uint8_t version = 4) {
  Header header;
  header.mode = mode;
  header.version = version;
  header.poll = Log2Seconds{6};
  header.transmit = NtpTimestamp{0x0123'4567'89AB'CDEF};
  const HeaderOctets octets = encode(header);
  return {octets.begin(), octets.end()};
}

Datagram challenge() {
  Datagram octets = request();
  octets.resize(kAnnouncementPacketOctets);
  Nonce nonce{};
  nonce.fill(0x5A);
  write_challenge(octets, kHeaderOctets, nonce);
  return octets;
}

Datagram with(Datagram octets, std::size_t at, std::uint8_t value) {
  octets[at] = value;
  return octets;
}

Datagram longer(Datagram octets, std::size_t by, std::uint8_t fill = 0) {
  octets.resize(octets.size() + by, fill);
  return octets;
}

// A field that nobody knows, before a challenge.
Datagram challenge_behind_a_field() {
  Datagram octets = request();
  octets.insert(octets.end(), {0xF7, 0xE0, 0, 28});
  octets.resize(kHeaderOctets + 28);
  const Datagram rest = challenge();
  octets.insert(octets.end(), rest.begin() + kHeaderOctets, rest.end());
  return octets;
}

Endpoint from(Address address, std::uint16_t port) { return {address, port, 2}; }

}  // namespace

TEST_CASE("reply: what is asked for is read as it stands") {
  for (std::uint8_t version = 1; version <= 4; ++version) {
    const auto read = read_request(request(Mode::client, version));
    REQUIRE(read.has_value());
    CHECK(read->version == version);
    CHECK(read->poll == Log2Seconds{6});
    CHECK(read->transmit == NtpTimestamp{0x0123'4567'89AB'CDEF});
    CHECK_FALSE(read->nonce.has_value());
  }
}

TEST_CASE("reply: a challenge brings its nonce") {
  const auto read = read_request(challenge());
  REQUIRE(read.has_value());
  REQUIRE(read->nonce.has_value());
  CHECK(read->nonce->front() == 0x5A);
  CHECK(read->nonce->back() == 0x5A);
}

TEST_CASE("reply: unknown fields do not matter and are not echoed") {
  Datagram octets = request();
  octets.insert(octets.end(), {0xF7, 0xE0, 0, 28});
  octets.resize(kHeaderOctets + 28);
  const auto read = read_request(octets);
  REQUIRE(read.has_value());
  CHECK_FALSE(read->nonce.has_value());
  // The type of a challenge with somebody else's magic is somebody else's field.
  const auto foreign = read_request(with(challenge(), kHeaderOctets + 4, 'X'));
  REQUIRE(foreign.has_value());
  CHECK_FALSE(foreign->nonce.has_value());
}

TEST_CASE("reply: a request that is not answered has a reason") {
  struct Row {
    std::string_view name;
    Datagram octets;
    Reject reason;
  };
  const Row rows[] = {
      {"nothing", {}, Reject::too_short},
      {"cut short", Datagram(47, 0x23), Reject::too_short},
      {"longer than any packet", Datagram(1'284, 0x23), Reject::too_long},
      {"odd length", longer(request(), 1), Reject::length_not_multiple_of_four},
      {"version 0", request(Mode::client, 0), Reject::bad_version},
      {"version 5", request(Mode::client, 5), Reject::bad_version},
      {"version 7", request(Mode::client, 7), Reject::bad_version},
      {"mode 0", request(Mode::reserved), Reject::bad_mode},
      {"mode 0 of version 1", request(Mode::reserved, 1), Reject::bad_mode},
      {"symmetric active", request(Mode::symmetric_active), Reject::bad_mode},
      {"symmetric passive", request(Mode::symmetric_passive), Reject::bad_mode},
      {"server", request(Mode::server), Reject::bad_mode},
      {"broadcast", request(Mode::broadcast), Reject::bad_mode},
      {"control", request(Mode::control), Reject::bad_mode},
      {"monlist", with(longer(request(Mode::private_use, 2), 24), 3, 42), Reject::bad_mode},
      {"a MAC behind a field", longer(with(longer(request(), 28), 51, 28), 20, 9),
       Reject::unknown_mac},
      {"Microsoft's authenticator", longer(request(Mode::client, 3), 72), Reject::unknown_mac},
      {"a crypto-NAK", longer(request(), 4), Reject::unknown_mac},
      {"a trailer of 8", longer(request(), 8), Reject::bad_mac_length},
      {"a field of no length", longer(request(), 28), Reject::bad_field_length},
      {"a challenge cut short", with(challenge(), kHeaderOctets + 3, 120), Reject::bad_mac_length},
      {"a challenge with a MAC", longer(challenge(), 20, 9), Reject::unknown_mac},
      {"a challenge with a key", with(challenge(), kHeaderOctets + 12, 1),
       Reject::bad_announcement},
      {"a challenge with a flag", with(challenge(), kHeaderOctets + 11, 1),
       Reject::bad_announcement},
      {"a challenge with a sequence", with(challenge(), kHeaderOctets + 59, 1),
       Reject::bad_announcement},
      {"another version of the field", with(challenge(), kHeaderOctets + 8, 2),
       Reject::bad_announcement},
      {"another algorithm", with(challenge(), kHeaderOctets + 9, 2), Reject::bad_announcement},
      {"a challenge behind another field", challenge_behind_a_field(), Reject::bad_announcement},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto read = read_request(row.octets);
    REQUIRE_FALSE(read.has_value());
    CHECK(std::string_view{to_string(read.error())} == to_string(row.reason));
  }
}

TEST_CASE("reply: a MAC is brought along for who has the keys") {
  for (const std::size_t octets : {20U, 24U}) {
    for (std::uint8_t version = 1; version <= 4; ++version) {
      const Datagram whole = longer(request(Mode::client, version), octets, 9);
      const auto read = read_request(whole);
      REQUIRE(read.has_value());
      CHECK(read->mac.data() == whole.data() + kHeaderOctets);
      CHECK(read->mac.size() == octets);
      CHECK_FALSE(read->nonce.has_value());
    }
  }
  CHECK(read_request(request())->mac.empty());
}

TEST_CASE("reply: no request to a group, from another service, from ourselves, or off the wire") {
  const Address self = Address::ipv4(192, 0, 2, 1);
  const Address client = Address::ipv4(192, 0, 2, 9);
  const Address lo = Address::ipv4(127, 0, 0, 1);
  struct Row {
    std::string_view name;
    Endpoint from;
    Endpoint to;
    bool answered;
  };
  const Endpoint us = from(self, 11'123);
  const Row rows[] = {
      {"a client", from(client, 40'000), us, true},
      {"an NTP server's own port", from(client, 123), us, true},
      {"the first unprivileged port", from(client, 1'024), us, true},
      {"the last privileged port", from(client, 1'023), us, false},
      {"DNS", from(client, 53), us, false},
      {"chargen", from(client, 19), us, false},
      {"port 0", from(client, 0), us, false},
      {"ourselves", us, us, false},
      {"another program of this host", from(self, 40'000), us, true},
      {"loopback from the wire", from(lo, 40'000), us, false},
      {"any loopback from the wire", from(Address::ipv4(127, 127, 1, 1), 40'000), us, false},
      {"loopback to loopback", from(lo, 40'000), from(lo, 11'123), true},
      {"the wire to loopback", from(client, 40'000), from(lo, 11'123), false},
      {"a group", from(Address::ipv4(224, 0, 0, 1), 40'000), us, false},
      {"broadcast", from(Address::ipv4(255, 255, 255, 255), 40'000), us, false},
      {"nobody", from(Address::ipv4(0, 0, 0, 0), 40'000), us, false},
      {"no address", from(Address{}, 40'000), us, false},
      {"IPv6 loopback from the wire", from(Address::ipv6_last_octet(1), 40'000),
       from(Address::ipv6_last_octet(5), 11'123), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(answerable(row.from, row.to) == row.answered);
  }
}

}  // namespace timecast
