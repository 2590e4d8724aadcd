// SPDX-License-Identifier: MIT
#include "listener/daemon/query_text.hpp"

#include <doctest/doctest.h>

#include "tests/unit/golden.hpp"
#include "tests/unit/wire_vectors.hpp"

using namespace timecast;
using namespace timecast::test;

namespace {

const Timestamp<Realtime> kSent{Duration::seconds(1'710'699'600)};  // 2024-03-17T18:20:00Z
const Timestamp<Realtime> kHere = kSent + Duration::milliseconds(10);

Header good_header() {
  Header header;
  header.mode = Mode::server;
  header.stratum = 1;
  header.reference_id = {'G', 'P', 'S', 0};
  header.precision = Log2Seconds{-20};
  header.origin = NtpTimestamp{0x0123456789ABCDEF};
  header.receive = to_ntp(Timestamp<Announced>{kSent.since_epoch()});
  header.transmit = header.receive;
  return header;
}

// Of what does not answer.
ServerExchange exchange_with(const Bytes& request, const Bytes& reply) {
  return {{Address::ipv4(192, 0, 2, 1), 123, 0},
          {request, kSent, true},
          {reply, kSent + Duration::microseconds(240), false},
          because(Reject::bad_mode)};
}

ServerExchange answered(const Header& header = good_header()) {
  const HeaderOctets reply = encode(header);
  ServerExchange exchange = exchange_with(from_hex(kH3), {reply.begin(), reply.end()});
  exchange.result = QueryResult{header, Duration::milliseconds(250), Duration::microseconds(240),
                                Duration::microseconds(120), std::nullopt};
  return exchange;
}

ServerExchange refused() { return exchange_with(from_hex(kH3), from_hex(kH5)); }

ServerExchange proven() {
  ServerExchange exchange = exchange_with(vector_named("challenge"), vector_named("reply"));
  QueryResult result = *answered().result;
  result.key = PublicKey{1, 2, 3};
  exchange.result = result;
  return exchange;
}

}  // namespace

TEST_CASE("query: shows both packets field by field, and what they say") {
  check_golden("listener.query.txt", answers_text({answered(), {}}, kHere, false));
  check_golden("listener.query.hex.txt", answers_text({answered(), {}}, kHere, true));
}

TEST_CASE("query: what does not answer is shown without a result") {
  check_golden("listener.query.refused.txt", answers_text({refused(), {}}, kHere, false));
  check_golden("listener.query.refused.json", answers_lines({refused(), {}}, kHere));
}

TEST_CASE("query: a signed answer is shown with its key") {
  check_golden("listener.query.signed.txt", answers_text({answered(), proven()}, kHere, false));
}

TEST_CASE("query: as JSON, a line for each packet and one for what they say") {
  check_golden("listener.query.json", answers_lines({answered(), {}}, kHere));
  check_golden("listener.query.signed.json", answers_lines({answered(), proven()}, kHere));
}

TEST_CASE("query: says of each signature whether it is good, bad or missing") {
  struct Row {
    Result<ServerExchange> proof;
    const char* text;
    const char* json;
  };
  ServerExchange bad = proven();
  bad.result = because(Reject::bad_signature);
  ServerExchange unsigned_answer = answered();
  unsigned_answer.result = because(Reject::no_announcement);
  const Row rows[] = {
      {because(Error{"no answer"}), "signature  none: no answer\n", R"("signature":"none")"},
      {proven(), "signature  good, by key AQID", R"("signature":"good","key":"AQID)"},
      {bad, "signature  the signature of its answer is wrong", R"("signature":"bad")"},
      {unsigned_answer, "signature  its answer is not signed", R"("signature":"none")"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const QueryAnswers answers{answered(), row.proof};
    CHECK(answers_text(answers, kHere, false).find(row.text) != std::string::npos);
    CHECK(answers_lines(answers, kHere).find(row.json) != std::string::npos);
  }
}

TEST_CASE("query: what is wrong with an answer is said of its server, and in JSON") {
  CHECK_FALSE(complaint_about(answered()));
  CHECK(complaint_about(refused()).value_or("").starts_with("192.0.2.1:123: its packet is no "));
  Header header = good_header();
  header.stratum = 16;
  const std::string reason = "it says that its own clock is not synchronised; ";
  const ServerExchange unsynchronised = answered(header);
  CHECK(complaint_about(unsynchronised).value_or("").starts_with("192.0.2.1:123: " + reason));
  CHECK(answers_lines({unsynchronised, {}}, kHere).find(R"("reason":")" + reason) !=
        std::string::npos);
}

TEST_CASE("query: what an answer does not tell is not shown, and null in JSON") {
  struct Row {
    void (*spoil)(Header&);
    bool offset_told;
    const char* reason;
  };
  for (const Row& row : {
           Row{[](Header& h) { h.leap = Leap::unsynchronised; }, true,
               "it says that its own clock"},
           Row{[](Header& h) { h.stratum = 16; }, true, "it says that its own clock"},
           Row{[](Header& h) {
                 h.stratum = 0;
                 h.reference_id = {'R', 'A', 'T', 'E'};
               },
               false, "it is asked too often"},
           Row{[](Header& h) { h.transmit = {}; }, false, "its transmit stamp is zero"},
           Row{[](Header& h) { h.receive = {}; }, false, "its receive stamp is zero"},
           Row{[](Header& h) {
                 h.leap = Leap::unsynchronised;
                 h.transmit = {};
               },
               false, "it says that its own clock"},
           Row{[](Header& h) { h.receive = NtpTimestamp{h.transmit.bits() + (1ULL << 32U)}; },
               false, "its stamps say"},
       }) {
    CAPTURE(row.reason);
    Header header = good_header();
    row.spoil(header);
    const QueryAnswers answers{answered(header), {}};
    const std::string text = answers_text(answers, kHere, false);
    const std::string line = answers_lines(answers, kHere);
    const auto is_shown = [&](const char* part) { return text.find(part) != std::string::npos; };
    const auto is_said = [&](const char* part) { return line.find(part) != std::string::npos; };
    CHECK(is_shown("\noffset  ") == row.offset_told);
    CHECK(is_shown("\nround trip ") == row.offset_told);
    CHECK_FALSE(is_shown("\nbound "));
    CHECK_FALSE(is_shown("\ntime "));
    CHECK(text.find(row.reason, text.find("\nno time ")) != std::string::npos);
    CHECK(is_said(R"("offset_s":null,"rtt_s":null,)") != row.offset_told);
    CHECK(is_said(R"("offset_s":0.25,"rtt_s":0.00024,)") == row.offset_told);
    CHECK(is_said(R"("bound_s":null,"server_time_s":null,)"));
  }
}

TEST_CASE("query: the server's time is ours and the offset") {
  CHECK(server_time(*answered().result, kHere) ==
        kHere.since_epoch() + Duration::milliseconds(250));
}
