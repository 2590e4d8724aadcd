// SPDX-License-Identifier: MIT
//
// For tests of `watch`: announcers whose packets arrive when the test says, signed as toys.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <timecast/wire/groups.hpp>

#include "common/host/socket_address.hpp"
#include "listener/daemon/watch_packet.hpp"
#include "tests/unit/wire_hex.hpp"
#include "tests/unit/wire_toy_signer.hpp"

namespace timecast::test {

constexpr Duration kSecond = Duration::seconds(1);

// 2026-11-01T00:00:00Z, and as much later as the test says.
inline Moment after(Duration later) {
  return shifted({Timestamp<Realtime>{Duration::seconds(1'793'491'200)},
                  Timestamp<Raw>{Duration::seconds(500)}, Timestamp<Boot>{Duration::seconds(1000)}},
                 later);
}

class FakeAnnouncer {
 public:
  explicit FakeAnnouncer(const std::string& address = "192.0.2.2", std::uint8_t key = 1) {
    from = {parse_address(address).value(), 11'123};
    header.mode = Mode::broadcast;
    header.stratum = 2;
    header.reference_id = {10, 0, 0, 1};
    field.key.fill(key);
    field.chain = 7;
    field.interval_ms = 1000;
    field.sequence = 100;
  }

  // The next announcement, which arrives so long after the start. Its octets stay until the next.
  HeardPacket send(Duration later) {
    ++field.sequence;
    return send_again(later);
  }

  // With the sequence of the last one.
  HeardPacket send_again(Duration later) {
    const Moment at = after(later);
    header.transmit = to_ntp(Timestamp<Announced>{at.realtime.since_epoch() + ahead});
    const HeaderOctets octets = encode(header);
    octets_.assign(octets.begin(), octets.end());
    if (precise) add_field();
    HeardPacket packet;
    packet.octets = octets_;
    packet.from = from;
    packet.group = group;
    packet.interface = interface;
    packet.hop_limit = std::uint8_t{255};
    packet.at = at;
    packet.host_synchronised = true;
    return packet;
  }

  Endpoint from;
  Endpoint group{kPreciseGroup4, kPrecisePort};
  std::string interface = "eth0";
  Header header;
  Announcement field;
  bool precise = true;
  bool forged = false;
  Duration ahead;  // of this host's clock

 private:
  void add_field() {
    octets_.resize(kAnnouncementPacketOctets);
    write_announcement(octets_, kHeaderOctets, field);
    REQUIRE(sign_packet(octets_, kHeaderOctets, {}, toy_signer(field.key)));
    if (forged) octets_.back() ^= 1U;
  }

  Bytes octets_;
};

// A plain one: header alone, to the plain group.
inline FakeAnnouncer plain_announcer(const std::string& address = "192.0.2.2") {
  FakeAnnouncer announcer{address};
  announcer.precise = false;
  announcer.from.port = kPlainPort;
  announcer.group = {kPlainGroup4, kPlainPort};
  announcer.header.poll = Log2Seconds{3};
  return announcer;
}

}  // namespace timecast::test
