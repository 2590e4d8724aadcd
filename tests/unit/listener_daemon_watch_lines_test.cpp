// SPDX-License-Identifier: MIT
//
// The lines of `watch`, for people and for programs. Those of JSON are a contract with
// scripts/timecast-monitor: their keys stand whole in tests/unit/golden.
#include "listener/daemon/watch.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/listener_watch.hpp"

namespace timecast::test {
namespace {

std::string lines_of(const Watch::Format& format, const std::function<void(Watch&)>& story) {
  std::string lines;
  Watch watch{format, toy_verifier(),
              [&lines](std::string_view line) { lines.append(line).append("\n"); }};
  story(watch);
  return lines;
}

// One of each kind of line.
void tell_story(Watch& watch) {
  watch.on_state({"eth0", {kPreciseGroup4, kPrecisePort}, true, "joined"}, after({}));
  watch.on_state({"eth0", {kPlainGroup4, kPlainPort}, false, "why; the way out"}, after({}));
  FakeAnnouncer announcer;
  announcer.header.root_delay = NtpShort::at_least(Duration::milliseconds(2));
  announcer.header.root_dispersion = NtpShort::at_least(Duration::milliseconds(1));
  announcer.header.precision = Log2Seconds{-24};
  announcer.ahead = Duration::microseconds(120);
  watch.on_packet(announcer.send(kSecond));
  announcer.field.sequence += 2;
  announcer.field.flags = kFlagClockStepped;
  watch.on_packet(announcer.send(kSecond * 4));
  FakeAnnouncer plain = plain_announcer();
  plain.header.stratum = 1;
  plain.header.reference_id = {'G', 'P', 'S', 0};
  plain.header.leap = Leap::insert_second;
  HeardPacket packet = plain.send(kSecond * 5);
  packet.hop_limit.reset();
  packet.host_synchronised = false;
  watch.on_packet(packet);
  FakeAnnouncer forger{"fe80::9"};
  forger.group.address = kNtpGroup6;
  forger.forged = true;
  packet = forger.send(kSecond * 5);
  packet.host_synchronised.reset();
  watch.on_packet(packet);
  const Bytes hello = from_hex("48656c6c6f210a");
  packet.octets = hello;
  packet.from = {parse_address("192.0.2.3").value(), 4711};
  packet.group = {parse_address("224.0.0.100").value(), 10'001};
  watch.on_packet(packet);
  watch.on_deadline(after(kSecond * 8));
  watch.end(after(kSecond * 9).realtime);
}

}  // namespace

TEST_CASE("watch's lines: for people") {
  check_golden("listener.watch.txt", lines_of({false, false}, tell_story));
}

TEST_CASE("watch's lines: for people, with the packets in hex") {
  check_golden("listener.watch.hex.txt", lines_of({false, true}, tell_story));
}

TEST_CASE("watch's lines: for programs") {
  check_golden("listener.watch.json", lines_of({true, false}, tell_story));
}

TEST_CASE("watch's lines: for programs, octets are added where they are wished for") {
  FakeAnnouncer plain = plain_announcer();
  const HeardPacket packet = plain.send({});
  const std::string line = lines_of({true, true}, [&](Watch& watch) { watch.on_packet(packet); });
  CHECK(line.find(",\"hex\":\"" + to_hex(packet.octets) + "\"}\n") != std::string::npos);
}

TEST_CASE("watch's lines: of a long packet that is no announcement the beginning is shown") {
  HeardPacket packet;
  const Bytes octets(33, 0x20);
  packet.octets = octets;
  packet.from = {parse_address("192.0.2.3").value(), 4711};
  packet.group = {parse_address("224.0.0.100").value(), 10'001};
  packet.interface = "eth0";
  packet.at = after({});
  CHECK(packet_line_text(packet, "no NTP packet: too short") ==
        "2026-11-01T00:00:00.000000Z  192.0.2.3  eth0  port 4711 to 224.0.0.100 port 10001, "
        "33 octets, no NTP packet: too short: 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 "
        "20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 ...");
}

TEST_CASE("watch's lines: a MAC is named by its key and length, and said not to be verified") {
  struct Row {
    std::string_view mac;
    std::string_view text;
    std::string_view json;
  };
  for (const Row& row : {
           Row{"", "unsigned\n", "\"octets\":48,\"host"},
           Row{"0000001e5051bf32498539e66eff153b567b8bcd",
               "unsigned, MAC of 20 octets by key 30 (not verified)\n",
               "\"octets\":68,\"key_id\":30,\"mac_octets\":20,"},
           Row{"000000199ae4453cdb1e24b2c7195a73e3fc5ac88e907222",
               "unsigned, MAC of 24 octets by key 25 (not verified)\n",
               "\"octets\":72,\"key_id\":25,\"mac_octets\":24,"},
           Row{"00000000", "unsigned, crypto-NAK\n",
               "\"octets\":52,\"key_id\":0,\"mac_octets\":4,"},
       }) {
    CAPTURE(row.mac);
    const auto story = [&row](Watch& watch) {
      FakeAnnouncer plain = plain_announcer();
      HeardPacket packet = plain.send(kSecond);
      const Bytes whole = Bytes(packet.octets.begin(), packet.octets.end()) + from_hex(row.mac);
      packet.octets = whole;
      watch.on_packet(packet);
    };
    CHECK(lines_of({false, false}, story).find(row.text) != std::string::npos);
    CHECK(lines_of({true, false}, story).find(row.json) != std::string::npos);
  }
}

TEST_CASE("watch's lines: rows of hex are printed one by one") {
  std::size_t longest = 0;
  std::size_t count = 0;
  Watch watch{{false, true}, toy_verifier(), [&](std::string_view line) {
                CHECK(line.find('\n') == std::string_view::npos);
                longest = std::max(longest, line.size());
                ++count;
              }};
  FakeAnnouncer announcer;
  watch.on_packet(announcer.send({}));
  CHECK(count > 30);
  CHECK(longest < 256);
}

}  // namespace timecast::test
