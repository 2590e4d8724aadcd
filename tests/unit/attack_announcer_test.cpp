// SPDX-License-Identifier: MIT
//
// What others have done to servers, done to our announcer. Each case is a row of the table in
// docs/security.md, which scripts/attack-table prints.
#include "common/host/option_value.hpp"
#include "tests/unit/announcer_bench.hpp"
#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

constexpr Address kVictim = Address::ipv4(192, 0, 2, 9);
constexpr Endpoint kServer{Address::ipv4(192, 0, 2, 1), 11'123, 2};

Duration s(std::int64_t n) { return Duration::seconds(n); }

Datagram client_request(std::size_t octets = 48) {
  Datagram request(octets);
  copy_octets(encode(minimal_request(NtpTimestamp{0x0123'4567'89AB'CDEFU})), request);
  return request;
}

Datagram signed_request() {
  Datagram request = client_request(kAnnouncementPacketOctets);
  write_challenge(request, kHeaderOctets, Nonce{1});
  return request;
}

std::string without_refusals(const AnnouncerStatus& status) {
  return std::to_string(status.announcements) + ' ' + std::to_string(status.replies) + ' ' +
         std::to_string(status.signed_replies) + ' ' + std::to_string(status.sequence);
}

// Each packet is answered by silence, and changes nothing but a counter.
std::uint64_t is_met_by_silence(const std::vector<Datagram>& packets, const Endpoint& from) {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  static_cast<void>(bench.next());
  for (const Datagram& each : packets) {
    const std::string before = without_refusals(bench.core.status());
    const auto due = bench.core.next_deadline();
    const std::uint64_t refused = bench.core.status().rejected.total();
    CHECK_FALSE(bench.ask(each, from, kServer).has_value());
    CHECK(bench.core.status().rejected.total() == refused + 1);
    CHECK(without_refusals(bench.core.status()) == before);
    CHECK(bench.core.next_deadline() == due);
  }
  seen("0 octets sent; refused: " + refusals_in_words(bench.core.status().rejected));
  return bench.core.status().rejected.total();
}

Datagram padded(Datagram octets, std::size_t to) {
  octets.resize(to);
  return octets;
}

}  // namespace

TEST_CASE("attack: CVE-2009-3563 an error message of mode 7 is no question") {
  const Datagram error{0x97, 0x00, 0x03, 0x2A, 0x40, 0x00, 0x00, 0x00};
  CHECK(is_met_by_silence({error, padded(error, 48), padded(error, 192)}, {kVictim, 123, 2}) == 3);
}

TEST_CASE("attack: CVE-2013-5211 monlist amplifies nothing") {
  const Datagram monlist{0x17, 0x00, 0x03, 0x2A, 0x00, 0x00, 0x00, 0x00};
  const Datagram readstat{0x16, 0x01, 0x00, 0x01};
  CHECK(is_met_by_silence({monlist, padded(monlist, 48), padded(monlist, 192), padded(readstat, 12),
                           padded(readstat, 48)},
                          {kVictim, 40'000, 2}) == 5);
}

TEST_CASE("attack: CVE-2018-7182 control messages of any content are read by nobody") {
  sim::Random random{1};
  std::vector<Datagram> packets;
  for (std::size_t length = 0; length < 500; ++length) {
    Datagram octets(length);
    random.entropy()(octets);
    if (!octets.empty()) octets[0] = static_cast<std::uint8_t>((octets[0] & 0xF8U) | 6U);
    packets.push_back(octets);
  }
  Datagram settrap(48);
  settrap[0] = 0x26;
  settrap[1] = 6;
  packets.push_back(settrap);
  CHECK(is_met_by_silence(packets, {kVictim, 40'000, 2}) == packets.size());
}

TEST_CASE("attack: CVE-2015-7871 a crypto-NAK of a symmetric peer opens nothing here either") {
  Datagram nak(52);
  nak[0] = 0x21;
  Datagram request = padded(client_request(), 52);
  CHECK(is_met_by_silence({nak, request}, {kVictim, 123, 2}) == 2);
}

TEST_CASE("attack: CVE-2015-7705 whose address is forged still gets its answers") {
  AnnouncerBench bench;
  int polls = 0;
  int answered = 0;
  for (int i = 0; i < 64 * 16; ++i) {  // a hundred forged a second, one true in sixteen seconds
    for (int k = 0; k < 100; ++k) {
      static_cast<void>(bench.ask(client_request(), {kVictim, 40'000, 2}, kServer));
    }
    bench.pass(s(1));
    if (i % 16 != 8) continue;
    ++polls;
    answered += bench.ask(client_request(), {kVictim, 40'001, 2}, kServer).has_value() ? 1 : 0;
  }
  CHECK(answered * 4 >= polls);
  CHECK(bench.core.status().rejected[Reject::kiss_of_death] == 0);
  seen(std::to_string(answered) + " of " + std::to_string(polls) + " answered");
}

TEST_CASE("attack: no reply is longer than its request and none is a kiss of death") {
  AnnouncerBench bench;
  std::size_t received = 0;
  std::size_t sent = 0;
  for (int i = 0; i < 3'000; ++i) {
    const Datagram request = i % 3 == 0 ? signed_request() : client_request();
    received += request.size();
    const auto reply = bench.ask(request, {kVictim, 40'000, 2}, kServer);
    if (!reply) continue;
    sent += reply->octets.size();
    CHECK(reply->octets.size() <= request.size());
    CHECK(reply->header.stratum != kStratumUnspecified);
  }
  CHECK(sent > 0);
  CHECK(sent < received);
  seen(std::to_string(sent) + " octets sent for " + std::to_string(received));
}

TEST_CASE("attack: a request to the group asks all announcers at once") {
  AnnouncerBench bench;
  for (const Address& to : {Address::ipv4(239, 255, 123, 124), Address::ipv4(239, 255, 123, 123),
                            Address::ipv4(255, 255, 255, 255)}) {
    CHECK_FALSE(bench.ask(client_request(), {kVictim, 40'000, 2}, {to, 11'123, 2}).has_value());
  }
  CHECK(bench.core.status().rejected[Reject::bad_destination] == 3);
  seen("refused: 3 bad_destination");
}

TEST_CASE("attack: CVE-2023-26551 to 26555 numbers of any length are read within their text") {
  const std::string long_digits(100'000, '9');
  int refused = 0;
  for (const std::string& text :
       {long_digits, '-' + long_digits, long_digits + '.' + long_digits, '.' + long_digits + 'x',
        std::string{"."}, std::string{"-"}, std::string{}, std::string{"1e99999999"},
        std::string{"\0001", 2}, std::string(64, '.')}) {
    CHECK_FALSE(parse_whole_number(text, 0, UINT64_MAX).has_value());
    CHECK_FALSE(parse_seconds(text, Duration{}, s(1)).has_value());
    refused += 2;
  }
  seen(std::to_string(refused) + " of " + std::to_string(refused) + " refused");
}

}  // namespace timecast::test
