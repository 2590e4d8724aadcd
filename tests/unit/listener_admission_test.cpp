// SPDX-License-Identifier: MIT
#include "listener/core/admission.hpp"

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {
namespace {

Duration s(std::int64_t n) { return Duration::seconds(n); }

// Counts how often a signature is checked: the one thing that costs.
struct Costs {
  int checks = 0;
  bool holds = true;
  [[nodiscard]] Verifier verifier() {
    return {
        [](const void* self, const PublicKey&, const SignedMessage&, const Signature&) noexcept {
          auto* const costs = static_cast<Costs*>(const_cast<void*>(self));
          ++costs->checks;
          return costs->holds;
        },
        this};
  }
};

struct Scene {
  Costs costs;
  ListenerConfig config;
  Sources sources{};
  ScriptedAnnouncer announcer;
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
  Arrival arrival{now, Duration{}, announcer.from, kGroup, std::uint8_t{255}};

  explicit Scene(SignatureMode mode = SignatureMode::first_use) {
    config.verifier = costs.verifier();
    config.signatures = mode;
    config.pivot = Timestamp<Announced>{kEpoch - s(86'400)};
  }
  Expected<Heard, Reject> examine(const Datagram& octets) {
    const Keyring keyring{config};
    const auto packet = decode(octets);
    REQUIRE(packet.has_value());
    Heard heard;
    const Reject reason = Admission{config, keyring, sources}.examine(*packet, arrival, heard);
    if (reason != kNotRejected) return because(reason);
    return heard;
  }
  Expected<Heard, Reject> examine() { return examine(announcer.announce(now)); }
};

}  // namespace

TEST_CASE("admission: what passes is handed on as it was heard") {
  Scene scene;
  const auto heard = scene.examine();
  REQUIRE(heard.has_value());
  CHECK(heard->announcement.sequence == 101);
  CHECK(heard->id.key == sim::toy_signer(1).key);
  CHECK(heard->id.chain == 7);
  CHECK(heard->id.interface == 2);
  const Duration off =
      heard->transmit.since_epoch() -
      (scene.now.realtime.since_epoch() + scene.announcer.ahead - scene.announcer.delay);
  CHECK(magnitude(off) <= Duration::nanoseconds(1));
  CHECK(scene.costs.checks == 1);
}

TEST_CASE("admission: what is refused cheaply costs no signature check") {
  struct Row {
    std::string_view name;
    Reject reason;
    void (*spoil)(Scene&);
  };
  const Row rows[] = {
      {"to this host", Reject::bad_destination, [](Scene& x) { x.arrival.to = kSelf; }},
      {"from port 0", Reject::bad_source, [](Scene& x) { x.arrival.from.port = 0; }},
      {"from nobody", Reject::bad_source, [](Scene& x) { x.arrival.from.address = {}; }},
      {"through a router", Reject::bad_hop_limit, [](Scene& x) { x.arrival.hop_limit = 64; }},
      {"heard before", Reject::duplicate,
       [](Scene& x) {
         x.sources[2].in_use = true;
         x.sources[2].id = {sim::toy_signer(1).key, 7, 2};
         x.sources[2].sequence = 101;
       }},
      {"older than what was heard", Reject::replayed,
       [](Scene& x) {
         x.sources[0].in_use = true;
         x.sources[0].id = {sim::toy_signer(1).key, 7, 2};
         x.sources[0].sequence = ~std::uint64_t{0};
       }},
      {"an unknown key", Reject::unknown_key,
       [](Scene& x) { x.config.signatures = SignatureMode::pinned; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scene scene;
    row.spoil(scene);
    const auto heard = scene.examine();
    REQUIRE_FALSE(heard.has_value());
    CHECK(heard.error() == row.reason);
    CHECK(scene.costs.checks == 0);
  }
}

TEST_CASE("admission: nothing that a sender says of its clock is read before the signature") {
  Scene scene;
  scene.costs.holds = false;
  scene.announcer.header.leap = Leap::unsynchronised;
  scene.announcer.header.stratum = 0;
  const auto heard = scene.examine();
  REQUIRE_FALSE(heard.has_value());
  CHECK(heard.error() == Reject::bad_signature);
}

TEST_CASE("admission: a sequence counts for its key, chain and interface alone") {
  const SourceId others[] = {
      {sim::toy_signer(2).key, 7, 2},
      {sim::toy_signer(1).key, 8, 2},
      {sim::toy_signer(1).key, 7, 3},
  };
  for (const SourceId& other : others) {
    Scene scene;
    scene.sources[1].in_use = true;
    scene.sources[1].id = other;
    scene.sources[1].sequence = ~std::uint64_t{0};
    CHECK(scene.examine().has_value());
  }
}

TEST_CASE("admission: loopback and hosts that cannot tell need no hop limit") {
  Scene scene;
  scene.arrival.hop_limit = std::nullopt;
  CHECK(scene.examine().has_value());
  scene.arrival.hop_limit = std::uint8_t{1};
  scene.arrival.from.address = Address::ipv4(127, 0, 0, 1);
  CHECK(scene.examine().has_value());
}

TEST_CASE("admission: without signatures nobody is asked for one") {
  Scene scene{SignatureMode::off};
  scene.costs.holds = false;
  CHECK(scene.examine().has_value());
  CHECK(scene.costs.checks == 0);
}

TEST_CASE("admission: intervals from a tenth of a second to 17 minutes are believed") {
  struct Row {
    std::uint32_t interval_ms;
    bool fits;
  };
  const Row rows[] = {{0, false},        {99, false},        {100, true},
                      {1'024'000, true}, {1'024'001, false}, {0xFFFF'FFFF, false}};
  for (const Row& row : rows) {
    CAPTURE(row.interval_ms);
    Scene scene;
    scene.announcer.announcement.interval_ms = row.interval_ms;
    const auto heard = scene.examine();
    CHECK(heard.has_value() == row.fits);
    if (!heard) CHECK(heard.error() == Reject::bad_announcement);
  }
}

TEST_CASE("admission: the era is that of the pivot, up to fifty years after it") {
  struct Row {
    std::string_view name;
    Duration ahead;
    bool fits;
  };
  const Duration year = s(366LL * 86'400);
  const Row rows[] = {
      {"now", Duration{}, true},
      {"across the era of 2036", year * 12, true},
      {"in 49 years", year * 49, true},
      {"in 51 years", year * 51, false},
      {"two days ago, before the pivot", s(-172'800), false},
      {"ten years ago", year * -10, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scene scene;
    scene.announcer.ahead = row.ahead;
    const auto heard = scene.examine();
    CHECK(heard.has_value() == row.fits);
    if (!heard) CHECK(heard.error() == Reject::implausible_time);
  }
}

TEST_CASE("admission: what a clock says of itself is believed within limits") {
  Header good;
  good.stratum = 1;
  good.transmit = to_ntp(Timestamp<Announced>{kEpoch});
  good.reference = to_ntp(Timestamp<Announced>{kEpoch - s(86'400)});
  good.root_delay = NtpShort{0x1'0000};       // half of it counts
  good.root_dispersion = NtpShort{0x0'8000};  // and half a second
  CHECK(unfit_clock(good, good.transmit) == kNotRejected);
  good.stratum = 15;
  good.leap = Leap::delete_second;
  good.reference = good.transmit;
  CHECK(unfit_clock(good, good.transmit) == kNotRejected);

  struct Row {
    std::string_view name;
    Reject reason;
    void (*spoil)(Header&);
  };
  const Row rows[] = {
      {"leap 3", Reject::unsynchronised, [](Header& h) { h.leap = Leap::unsynchronised; }},
      {"leap 3 and stratum 0", Reject::unsynchronised,
       [](Header& h) {
         h.leap = Leap::unsynchronised;
         h.stratum = 0;
       }},
      {"stratum 0", Reject::bad_stratum, [](Header& h) { h.stratum = 0; }},
      {"stratum 16", Reject::bad_stratum, [](Header& h) { h.stratum = 16; }},
      {"stratum 255", Reject::bad_stratum, [](Header& h) { h.stratum = 255; }},
      {"just over a second", Reject::root_distance_too_large,
       [](Header& h) { h.root_dispersion = NtpShort{0x8001}; }},
      {"as far as it goes", Reject::root_distance_too_large,
       [](Header& h) { h.root_delay = h.root_dispersion = NtpShort{0xFFFF'FFFF}; }},
      {"set in the future", Reject::bad_reference_time,
       [](Header& h) { h.reference = NtpTimestamp{h.transmit.bits() + 8}; }},
      {"set more than a day ago", Reject::bad_reference_time,
       [](Header& h) {
         h.reference = NtpTimestamp{h.transmit.bits() - (std::uint64_t{86'401} << 32U)};
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Header header = good;
    row.spoil(header);
    CHECK(unfit_clock(header, header.transmit) == row.reason);
  }
}

}  // namespace timecast::test
