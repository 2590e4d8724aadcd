// SPDX-License-Identifier: MIT
#include "announcer/daemon/clock_word.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

#include <timecast/wire/groups.hpp>

#include "common/host/reference_id.hpp"
#include "common/host/signing_key.hpp"

using namespace timecast;

namespace {

constexpr Address kOther = Address::ipv4(192, 0, 2, 9);
constexpr PublicKey kOwnKey{1, 2, 3};
constexpr PublicKey kOtherKey{4, 5, 6};

ClockFacts facts(bool kernel_is_right = true) {
  ClockFacts f;
  f.own_key = kOwnKey;
  f.kernel.synchronised = kernel_is_right;
  f.kernel.leap = kernel_is_right ? Leap::none : Leap::unsynchronised;
  f.kernel.max_error = Duration::milliseconds(3);
  f.server_endpoint = {Address::ipv4(127, 0, 0, 1), kPlainPort, 0};
  return f;
}

ServerWord server(ReferenceId id = {192, 0, 2, 7}, std::uint8_t stratum = 2) {
  ServerWord word;
  word.synchronised = true;
  word.leap = Leap::none;
  word.stratum = stratum;
  word.reference_id = id;
  word.root_delay = Duration::milliseconds(10);
  word.root_dispersion = Duration::milliseconds(1);
  return word;
}

FollowedAnnouncer followed(const PublicKey& key, bool feeds) {
  return {kOther, key, 4, reference_id_of(kOther), feeds};
}

std::string reason(const ClockFacts& f) { return clock_reason(f, clock_word(f)); }

}  // namespace

TEST_CASE("clock word: an island's is the operator's, whatever others say") {
  ClockFacts f = facts(false);
  f.island = true;
  f.server = server();
  f.followed = followed(kOwnKey, false);
  CHECK(clock_word(f).source == ClockSource::island);
  CHECK(clock_word(f).synchronised);
  CHECK(reason(f) == "island: this host's clock is the reference");
}

TEST_CASE("clock word: an island whose clock follows another announcer is one further than that") {
  ClockFacts f = facts();
  f.island = true;
  f.followed = followed(kOtherKey, false);
  const ClockWord word = clock_word(f);
  CHECK(word.source == ClockSource::island);
  CHECK(word.synchronised);
  CHECK(word.state.stratum == 10);  // an island's
  f.followed->stratum = 10;
  CHECK(clock_word(f).state.stratum == 11);
  CHECK(word.state.reference_id == f.followed->reference_id);
  CHECK(word.state.max_error == Duration::milliseconds(3));
  CHECK(reason(f) ==
        "island: this host's clock follows the announcer 192.0.2.9: a timecast-listener on this "
        "host keeps it");
  f.kernel.synchronised = false;
  CHECK(clock_word(f).state.max_error == Duration::seconds(16));
  f.followed->stratum = 15;
  CHECK_FALSE(clock_word(f).synchronised);
  f.followed->is_heard = false;
  CHECK(reason(f) == "island: this host's clock is the reference");
}

TEST_CASE("clock word: without a server it is the kernel's") {
  const ClockWord word = clock_word(facts());
  CHECK(word.source == ClockSource::kernel);
  CHECK(word.synchronised);
  CHECK(word.state.stratum == 0);
  CHECK(word.state.max_error == Duration::milliseconds(3));
  CHECK(reason(facts()) == "the kernel says that this host's clock is synchronised");
  CHECK_FALSE(clock_word(facts(false)).synchronised);
  CHECK(reason(facts(false)) == "the kernel says that this host's clock is not synchronised");
  ClockFacts untold = facts(false);
  untold.kernel.failure = EPERM;
  CHECK(reason(untold) ==
        "the kernel does not tell whether this host's clock is synchronised: operation not "
        "permitted");
}

TEST_CASE("clock word: a server that has time knows more than the kernel, whatever that says") {
  for (const bool kernel_is_right : {true, false}) {
    ClockFacts f = facts(kernel_is_right);
    f.server = server();
    const ClockWord word = clock_word(f);
    CHECK(word.source == ClockSource::server);
    CHECK(word.synchronised);
    CHECK(word.state.synchronised);
    CHECK(word.state.stratum == 2);
    CHECK(word.state.reference_id == ReferenceId{192, 0, 2, 7});
    CHECK(word.state.root_delay == Duration::milliseconds(10));
    CHECK(word.state.max_error == Duration::milliseconds(1));
    CHECK(reason(f) ==
          "the NTP server at 127.0.0.1:123 says that this host's clock is synchronised: stratum 2, "
          "reference 192.0.2.7");
  }
}

TEST_CASE("clock word: a server without time leaves it to the kernel, and that is said") {
  ClockFacts f = facts();
  f.server = ServerWord{};
  CHECK(clock_word(f).source == ClockSource::kernel);
  CHECK(clock_word(f).synchronised);
  CHECK(reason(f) ==
        "the kernel says that this host's clock is synchronised, the NTP server at 127.0.0.1:123 "
        "that it is not");
  f.server.reset();
  f.disbelief = Disbelief::another_clock;
  CHECK(reason(f) ==
        "the kernel says that this host's clock is synchronised, the NTP server at 127.0.0.1:123 "
        "does not count: it serves another clock than this host's");
}

TEST_CASE("clock word: the operator's stratum is the least, where another is known") {
  struct Row {
    std::uint8_t said;
    std::uint8_t announced;
  };
  for (const Row& row : {Row{1, 2}, {2, 2}, {7, 7}}) {
    ClockFacts f = facts();
    f.stratum = row.said;
    f.server = server();
    CHECK(clock_word(f).state.stratum == row.announced);
    f.server.reset();
    CHECK(clock_word(f).state.stratum == 0);  // the configured one holds
  }
}

TEST_CASE("clock word: whom a listener on this host follows is the reference") {
  ClockFacts f = facts();
  f.followed = followed(kOtherKey, false);
  const ClockWord word = clock_word(f);
  CHECK(word.source == ClockSource::kernel);
  CHECK(word.synchronised);
  CHECK(word.state.stratum == 5);
  CHECK(word.state.reference_id == reference_id_of(kOther));
  CHECK(word.state.max_error == Duration::milliseconds(3));
  CHECK(reason(f) ==
        "the kernel says that this host's clock is synchronised; it follows the announcer "
        "192.0.2.9: a timecast-listener on this host keeps it");
}

TEST_CASE("clock word: a chronyd that is fed follows the listener if its reference is a name") {
  ClockFacts f = facts(false);
  f.followed = followed(kOtherKey, true);
  f.server = server({'C', 'A', 'S', 'T'}, 3);
  CHECK(clock_word(f).state.stratum == 5);
  CHECK(clock_word(f).state.reference_id == reference_id_of(kOther));
  f.server = server({192, 0, 2, 7}, 3);  // it has found a better one
  CHECK(clock_word(f).state.stratum == 3);
  CHECK(clock_word(f).state.reference_id == ReferenceId{192, 0, 2, 7});
  f.server = server({'C', 'A', 'S', 'T'}, 9);
  CHECK(clock_word(f).state.stratum == 9);
}

TEST_CASE("clock word: a host that follows its own announcer has no time to announce") {
  for (const bool feeds : {true, false}) {
    ClockFacts f = facts();
    f.followed = followed(kOwnKey, feeds);
    f.server = server({'C', 'A', 'S', 'T'}, 3);
    const ClockWord word = clock_word(f);
    CHECK(word.source == ClockSource::itself);
    CHECK_FALSE(word.synchronised);
    CHECK_FALSE(word.state.synchronised);
    CHECK(reason(f) ==
          std::string{"this host's clock follows this very announcer: a timecast-listener on this "
                      "host "} +
              (feeds ? "feeds the daemon that keeps it" : "keeps it"));
    f.server = server();
    CHECK(clock_word(f).synchronised == feeds);  // the daemon has found a better one
  }
}

TEST_CASE("clock word: a circle of many hosts comes to its end at stratum 15") {
  ClockFacts f = facts();
  f.followed = followed(kOtherKey, false);
  f.followed->stratum = 14;
  CHECK(clock_word(f).synchronised);
  CHECK(clock_word(f).state.stratum == 15);
  for (const std::uint8_t stratum : {std::uint8_t{15}, std::uint8_t{16}, std::uint8_t{255}}) {
    f.followed->stratum = stratum;
    CHECK_FALSE(clock_word(f).synchronised);
    CHECK(reason(f).ends_with("; no time is passed on beyond stratum 15"));
  }
}

TEST_CASE("clock word: what a listener answers says whom it follows, if it keeps a clock") {
  const std::string key = to_base64(kOtherKey);
  const auto status = [&](const std::string& clock, const std::string& announcer) {
    return R"({"clock": ")" + clock + R"(", "stratum": 4, "key": ")" + key + '"' +
           (announcer.empty() ? "" : R"(, "announcer": ")" + announcer + '"') + "}";
  };
  const auto kernel = followed_by(status("kernel: steered", "192.0.2.9:11123"));
  REQUIRE(kernel.has_value());
  CHECK(*kernel == followed(kOtherKey, false));
  CHECK(followed_by(status("chrony:/run/x.sock: 3 samples given", "192.0.2.9:11123")) ==
        followed(kOtherKey, true));
  CHECK(followed_by(status("ntp-shm:2: 3 samples given", "192.0.2.9:11123")) ==
        followed(kOtherKey, true));
  CHECK_FALSE(followed_by(status("none: this host's clock is left alone", "192.0.2.9:11123")));
  CHECK_FALSE(followed_by(status("kernel: steered", "")));  // it is searching
  for (const char* broken : {"", "{", "[]", "7", R"({"clock": 7})", R"({"announcer": "x"})"}) {
    CAPTURE(broken);
    CHECK_FALSE(followed_by(broken).has_value());
  }
}
