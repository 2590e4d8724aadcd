// SPDX-License-Identifier: MIT
#include "listener/daemon/frame.hpp"

#include "tests/unit/listener_recording.hpp"

namespace timecast::test {
namespace {

const Endpoint kFrom4 = parse_endpoint("192.0.2.2:11123", 0).value();
const Endpoint kTo4 = parse_endpoint("239.255.123.124:11123", 0).value();
const Endpoint kFrom6 = parse_endpoint("[2001:db8::2]:123", 0).value();
const Endpoint kTo6 = parse_endpoint("[ff05::101]:123", 0).value();
const Bytes kPayload = from_hex("0102030405");
const Bytes kPacket4 = ipv4(kFrom4, kTo4, kPayload);
const Bytes kPacket6 = ipv6(kFrom6, kTo6, kPayload);

// "192.0.2.2:11123 > 239.255.123.124:11123 0102030405", "nothing", or what is wrong.
std::string seen_in(LinkType type, const Bytes& frame) {
  const auto found = datagram_in(type, frame);
  if (!found) return found.error();
  if (!*found) return "nothing";
  CHECK((*found)->hop_limit == 255);
  return to_string((*found)->from) + " > " + to_string((*found)->to) + ' ' +
         to_hex((*found)->octets);
}

constexpr const char* kSeen4 = "192.0.2.2:11123 > 239.255.123.124:11123 0102030405";
constexpr const char* kSeen6 = "[2001:db8::2]:123 > [ff05::101]:123 0102030405";

Bytes changed(Bytes packet, std::size_t at, std::uint8_t value) {
  packet[at] = value;
  return packet;
}

Bytes first(Bytes packet, std::size_t size) {
  packet.resize(size);
  return packet;
}

}  // namespace

TEST_CASE("frame: a datagram is found in every kind of frame") {
  const Bytes cooked = from_hex("0002 0001 0006 020000000002 0000");
  const Bytes cooked2 = from_hex("0000 00000002 0001 02 06 0200000000020000");
  struct Row {
    LinkType type;
    Bytes frame;
    const char* seen;
  };
  for (const Row& row : {
           Row{LinkType::ethernet, ethernet(0x0800, kPacket4), kSeen4},
           Row{LinkType::ethernet, ethernet(0x86DD, kPacket6), kSeen6},
           Row{LinkType::ethernet, ethernet(0x8100, from_hex("0007 0800") + kPacket4), kSeen4},
           Row{LinkType::ethernet, ethernet(0x88A8, from_hex("0007 86dd") + kPacket6), kSeen6},
           Row{LinkType::ethernet, ethernet(0x0800, kPacket4 + Bytes(13, 0)), kSeen4},
           Row{LinkType::raw_ip, kPacket4, kSeen4},
           Row{LinkType::raw_ip, kPacket6, kSeen6},
           Row{LinkType::ipv4, kPacket4, kSeen4},
           Row{LinkType::ipv6, kPacket6, kSeen6},
           Row{LinkType::linux_cooked, cooked + from_hex("0800") + kPacket4, kSeen4},
           Row{LinkType::linux_cooked2, from_hex("86dd") + cooked2 + kPacket6, kSeen6},
       }) {
    CAPTURE(static_cast<int>(row.type));
    CAPTURE(to_hex(row.frame));
    CHECK(seen_in(row.type, row.frame) == row.seen);
  }
}

TEST_CASE("frame: options and extension headers are stepped over") {
  for (std::uint8_t options = 1; options <= 10; ++options) {
    CHECK(seen_in(LinkType::ipv4, ipv4(kFrom4, kTo4, kPayload, options)) == kSeen4);
  }
  const Bytes eight = from_hex("1100 050200000100");                    // then UDP
  const Bytes sixteen = from_hex("0001 0000000000000000000000000000");  // then hop-by-hop
  CHECK(seen_in(LinkType::ipv6, ipv6(kFrom6, kTo6, kPayload, 0, eight)) == kSeen6);
  CHECK(seen_in(LinkType::ipv6, ipv6(kFrom6, kTo6, kPayload, 60, sixteen + eight)) == kSeen6);
}

TEST_CASE("frame: an empty datagram is one") {
  CHECK(seen_in(LinkType::ipv4, ipv4(kFrom4, kTo4, {})) ==
        "192.0.2.2:11123 > 239.255.123.124:11123 ");
}

TEST_CASE("frame: what carries no UDP is nothing, even cut off") {
  const Bytes tcp4 = changed(kPacket4, 9, 6);
  const Bytes tcp6 = changed(kPacket6, 6, 6);
  CHECK(seen_in(LinkType::ethernet, ethernet(0x0806, Bytes(28, 0))) == "nothing");
  CHECK(seen_in(LinkType::ethernet, ethernet(0x8100, from_hex("0007 0806"))) == "nothing");
  CHECK(seen_in(LinkType::ipv4, tcp4) == "nothing");
  CHECK(seen_in(LinkType::ipv4, first(tcp4, 22)) == "nothing");
  CHECK(seen_in(LinkType::ipv6, tcp6) == "nothing");
  CHECK(seen_in(LinkType::ipv6, first(tcp6, 45)) == "nothing");
}

TEST_CASE("frame: what is wrong with one is named") {
  const Bytes fragment6 = from_hex("1100000100000001");
  const Bytes too_many = from_hex("0000 000000000000");  // extension header after extension header
  Bytes nine;
  for (int i = 0; i < 9; ++i) nine = nine + too_many;
  struct Row {
    LinkType type;
    Bytes frame;
    const char* wrong;
  };
  for (const Row& row : {
           Row{LinkType::ethernet, {}, "the Ethernet header is cut off"},
           Row{LinkType::ethernet, first(ethernet(0x8100, {}), 14),
               "the Ethernet header is cut off"},
           Row{LinkType::raw_ip, {}, "there is nothing in it"},
           Row{LinkType::raw_ip, from_hex("00"), "it is neither IPv4 nor IPv6"},
           Row{LinkType::linux_cooked, Bytes(15, 0), "the Linux cooked header is cut off"},
           Row{LinkType::linux_cooked2, Bytes(19, 0), "the Linux cooked header is cut off"},
           Row{LinkType::ipv4, first(kPacket4, 19), "the IPv4 packet is cut off"},
           Row{LinkType::ipv4, first(kPacket4, kPacket4.size() - 1), "the IPv4 packet is cut off"},
           Row{LinkType::ipv4, changed(kPacket4, 0, 0x44), "its IPv4 header contradicts itself"},
           Row{LinkType::ipv4, changed(kPacket4, 0, 0x65), "its IPv4 header contradicts itself"},
           Row{LinkType::ipv4, changed(kPacket4, 3, 19), "its IPv4 header contradicts itself"},
           Row{LinkType::ipv4, changed(kPacket4, 6, 0x20),
               "a fragment; fragments are not put together"},
           Row{LinkType::ipv4, changed(kPacket4, 7, 1),
               "a fragment; fragments are not put together"},
           Row{LinkType::ipv4, changed(kPacket4, 3, 27), "the UDP header is cut off"},
           Row{LinkType::ipv4, changed(kPacket4, 25, 7), "its UDP length is less than its header"},
           Row{LinkType::ipv4, changed(kPacket4, 25, 14),
               "its UDP length is more than its packet holds"},
           Row{LinkType::ipv6, first(kPacket6, 39), "the IPv6 packet is cut off"},
           Row{LinkType::ipv6, first(kPacket6, kPacket6.size() - 1), "the IPv6 packet is cut off"},
           Row{LinkType::ipv6, changed(kPacket6, 0, 0x45), "its IPv6 header contradicts itself"},
           Row{LinkType::ipv6, ipv6(kFrom6, kTo6, kPayload, 44, fragment6),
               "a fragment; fragments are not put together"},
           Row{LinkType::ipv6,
               changed(ipv6(kFrom6, kTo6, {}, 0, from_hex("1100 000000000000")), 41, 9),
               "the IPv6 packet is cut off"},
           Row{LinkType::ipv6, ipv6(kFrom6, kTo6, kPayload, 0, nine), "nothing"},
       }) {
    CAPTURE(row.wrong);
    CAPTURE(to_hex(row.frame));
    CHECK(seen_in(row.type, row.frame) == row.wrong);
  }
}

TEST_CASE("frame: cut off anywhere, it is no datagram") {
  for (const Bytes& frame : {ethernet(0x0800, kPacket4), ethernet(0x86DD, kPacket6)}) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(datagram_in(LinkType::ethernet, first(frame, size)));
    }
  }
}

TEST_CASE("frame: a kind of link that is not known is refused with those that are") {
  CHECK(link_type_from(1) == LinkType::ethernet);
  CHECK(link_type_from(276) == LinkType::linux_cooked2);
  const auto refused = link_type_from(105);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "is of link type 105; Ethernet, raw IP and Linux cooked are known");
}

}  // namespace timecast::test
