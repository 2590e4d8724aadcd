// SPDX-License-Identifier: MIT
#include "announcer/daemon/server_word.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string_view>
#include <vector>

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kSent{Duration::seconds(1'793'491'200)};
constexpr Timestamp<Boot> kBoot{Duration::seconds(5'000)};
constexpr NtpTimestamp kNonce{0x1234'5678'9ABC'DEF1};
constexpr Duration kThere = Duration::microseconds(40);  // each way, and as long at the server

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }

NtpTimestamp stamp(Duration since_sent) {
  return to_ntp(Timestamp<Announced>{kSent.since_epoch() + since_sent});
}

Header good_answer(Duration ahead = {}) {
  Header h;
  h.mode = Mode::server;
  h.stratum = 2;
  h.reference_id = {192, 0, 2, 7};
  h.root_delay = NtpShort::at_least(ms(10));
  h.root_dispersion = NtpShort::at_least(ms(4));
  h.reference = stamp(ahead - Duration::seconds(60));
  h.origin = kNonce;
  h.receive = stamp(ahead + kThere);
  h.transmit = stamp(ahead + kThere * 2);
  return h;
}

Expected<ServerWord, Disbelief> read(const Header& header) {
  const LocalExchange exchange{kNonce, kSent, kSent + kThere * 3, kBoot};
  const HeaderOctets octets = encode(header);
  return read_local_answer(octets, exchange);
}

ServerWord good_word() { return read(good_answer()).value(); }

}  // namespace

TEST_CASE("server word: stratum, reference and root values are the server's") {
  const ServerWord word = good_word();
  CHECK(word.synchronised);
  CHECK(word.leap == Leap::none);
  CHECK(word.stratum == 2);
  CHECK(word.reference_id == ReferenceId{192, 0, 2, 7});
  CHECK(word.root_delay >= ms(10));
  CHECK(word.root_delay < ms(10) + us(16));
  CHECK(word.at == kBoot);
  // Of the answer's departure, 40 us before it came.
  CHECK(magnitude(kSent + kThere * 3 - word.reference - (Duration::seconds(60) + kThere * 2)) <
        us(1));
}

TEST_CASE("server word: how far this host's clock may be from the server's makes it worse") {
  for (const Duration ahead : {Duration{}, us(700), -us(700), ms(100), -ms(127)}) {
    CAPTURE(ahead.count_ns());
    const auto word = read(good_answer(ahead));
    REQUIRE(word.has_value());
    CHECK(magnitude(word->apart - magnitude(ahead) - kThere) < us(1));
    CHECK(word->root_dispersion >= ms(4) + magnitude(ahead));
    CHECK(word->root_dispersion <= ms(4) + magnitude(ahead) + kThere + us(17));
  }
}

TEST_CASE("server word: what is not believed, and why") {
  struct Row {
    std::string_view name;
    Disbelief reason;
    std::function<void(Header&)> spoil;
  };
  const Row rows[] = {
      {"another question's", Disbelief::not_an_answer,
       [](Header& h) { h.origin = NtpTimestamp{kNonce.bits() + 1}; }},
      {"a request", Disbelief::not_an_answer, [](Header& h) { h.mode = Mode::client; }},
      {"an announcement", Disbelief::not_an_answer, [](Header& h) { h.mode = Mode::broadcast; }},
      {"of another age", Disbelief::not_an_answer, [](Header& h) { h.version = 2; }},
      {"a kiss", Disbelief::kiss,
       [](Header& h) {
         h.stratum = 0;
         h.reference_id = {'R', 'A', 'T', 'E'};
       }},
      {"no transmit time", Disbelief::contradictory, [](Header& h) { h.transmit = {}; }},
      {"no receive time", Disbelief::contradictory, [](Header& h) { h.receive = {}; }},
      {"no reference time", Disbelief::contradictory, [](Header& h) { h.reference = {}; }},
      {"answered before it was asked", Disbelief::contradictory,
       [](Header& h) { h.transmit = stamp(-ms(5)); }},
      {"corrected in the future", Disbelief::contradictory,
       [](Header& h) { h.reference = stamp(Duration::seconds(2)); }},
      {"a root distance of 16 s", Disbelief::contradictory,
       [](Header& h) { h.root_dispersion = NtpShort::at_least(Duration::seconds(16)); }},
      {"a clock a second ahead", Disbelief::another_clock,
       [](Header& h) { h = good_answer(Duration::seconds(1)); }},
      {"a clock 130 ms behind", Disbelief::another_clock,
       [](Header& h) { h = good_answer(-ms(130)); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Header header = good_answer();
    row.spoil(header);
    const auto word = read(header);
    REQUIRE_FALSE(word.has_value());
    CHECK(word.error() == row.reason);
    CHECK(in_words(word.error()) != std::string_view{"unnamed"});
  }
}

TEST_CASE("server word: no packet is too short or too strange to be looked at") {
  const LocalExchange exchange{kNonce, kSent, kSent, kBoot};
  for (std::size_t length = 0; length < 100; ++length) {
    const std::vector<std::uint8_t> octets(length, 0xA5);
    CHECK_FALSE(read_local_answer(octets, exchange).has_value());
  }
}

TEST_CASE("server word: a server without time says so, and that is an answer") {
  for (const auto& [leap, stratum] : {std::pair{Leap::unsynchronised, 0},
                                      {Leap::unsynchronised, 3},
                                      {Leap::none, 16},
                                      {Leap::none, 0}}) {
    Header header = good_answer();
    header.leap = leap;
    header.stratum = static_cast<std::uint8_t>(stratum);
    header.reference_id = {};
    const auto word = read(header);
    REQUIRE(word.has_value());
    CHECK_FALSE(word->synchronised);
  }
}

TEST_CASE("server word: it holds for three intervals, and grows worse by 15 ppm") {
  KeptWord kept;
  CHECK_FALSE(kept.at(kBoot).has_value());
  kept.take(good_word());
  CHECK(kept.at(kBoot)->root_dispersion == good_word().root_dispersion);
  const auto later = kept.at(kBoot + Duration::seconds(20));
  REQUIRE(later.has_value());
  CHECK(magnitude(later->root_dispersion - good_word().root_dispersion - us(300)) < us(1));
  CHECK(kept.at(kBoot + Duration::seconds(24)).has_value());
  CHECK_FALSE(kept.at(kBoot + Duration::seconds(25)).has_value());
  kept.take(good_word());
  kept.forget();
  CHECK_FALSE(kept.at(kBoot).has_value());
}

TEST_CASE("server word: after somebody set the clock the server must correct it first") {
  KeptWord kept;
  kept.distrust();  // there is nothing to distrust
  kept.take(good_word());
  CHECK(kept.at(kBoot).has_value());
  kept.distrust();
  CHECK_FALSE(kept.at(kBoot).has_value());
  kept.take(good_word());  // the server has not noticed yet
  CHECK_FALSE(kept.at(kBoot).has_value());
  Header corrected = good_answer();
  corrected.reference = stamp(-ms(1));
  kept.take(read(corrected).value());
  CHECK(kept.at(kBoot).has_value());
}
