// SPDX-License-Identifier: MIT
//
// A sequence of events into the announcer's core: sequences only rise, no reply is longer than its
// request, nothing is sent before it is due.
#include <timecast/wire/announcement.hpp>

#include <memory>
#include <vector>

#include "announcer/core/announcer.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/toy_signer.hpp"

using namespace timecast;
using fuzz::must;

namespace {

constexpr int kMostEvents = 300;
constexpr Endpoint kSelf{Address::ipv4(192, 0, 2, 1), 11'123, 2};

class World {
 public:
  explicit World(fuzz::Source& source) : source_{source} {
    config_.entropy = random_.entropy();
    config_.signer = sim::toy_signer(7);
    config_.island = source.octet() % 2 == 0;
    config_.first_sequence = source.number() >> 1U;
    core_ = std::make_unique<Announcer>(config_);
    AccessList access;
    must(access.allow({Address::ipv4(192, 0, 2, 0), 24}), "there is room");
    core_->set_access(access);
    sequence_ = config_.first_sequence;
  }

  void run() {
    for (int i = 0; i < kMostEvents && !source_.empty(); ++i) event();
  }

 private:
  void event() {
    switch (source_.octet() % 8) {
      case 0: return static_cast<void>(core_->add_stream(kind(), now_.host.boot));
      case 1: return core_->remove_stream(source_.octet());
      case 2: return pass(Duration::milliseconds(source_.word()));
      case 3: now_.announced = now_.announced + Duration::microseconds(source_.word()); return;
      case 4: return ask();
      case 5: return transmitted();
      case 6: return core_->on_send_failed(source_.octet());
      default: return change();
    }
  }

  void transmitted() {
    const std::uint8_t token = source_.octet();
    const Duration later = Duration::microseconds(source_.word());
    core_->on_transmitted(token, now_.announced + later);
  }

  StreamKind kind() { return source_.octet() % 2 == 0 ? StreamKind::precise : StreamKind::plain; }

  ClockState clock() { return {source_.octet() % 4 != 0, Leap::none, Duration::milliseconds(1)}; }

  void change() {
    config_.interval = Duration::milliseconds(100 + source_.word());
    config_.stratum = static_cast<std::uint8_t>(1 + source_.octet() % 15);
    config_.rate_limit.enabled = source_.octet() % 2 == 0;
    core_->change(config_, now_.host.boot);
  }

  void pass(Duration span) {
    now_.announced = now_.announced + span;
    now_.host = shifted(now_.host, span);
    for (int i = 0; i < 2 * static_cast<int>(Announcer::kMaxStreams); ++i) {
      const auto due = core_->next_deadline();
      const auto packet = core_->on_deadline(now_, clock());
      if (!packet) break;
      must(due && *due <= now_.host.boot, "nothing is sent before it is due");
      check(*packet);
    }
    const auto due = core_->next_deadline();
    must(!due || *due > now_.host.boot, "what was due is done");
  }

  void check(const Transmission& sent) {
    const auto packet = decode(sent.octets);
    must(packet.has_value(), "what is sent is a packet");
    must(packet->header.mode == Mode::broadcast, "an announcement's mode");
    if (sent.octets.size() == kHeaderOctets) return;
    const auto announcement = find_announcement(*packet);
    must(announcement.has_value(), "it has its field");
    must(verify_packet(packet->octets, *announcement, {}, sim::toy_verifier()), "it is signed");
    must(announcement->sequence >= config_.first_sequence, "sequences begin where they shall");
    must(core_->next_sequence() > announcement->sequence, "and are reserved above");
    must(core_->next_sequence() >= sequence_, "they never fall");
    sequence_ = core_->next_sequence();
  }

  void ask() {
    std::vector<std::uint8_t> request(source_.octet() % 2 == 0 ? kHeaderOctets
                                                               : kAnnouncementPacketOctets);
    copy_octets(encode(minimal_request(NtpTimestamp{source_.number()})), request);
    if (request.size() > kHeaderOctets) write_challenge(request, kHeaderOctets, Nonce{});
    for (int i = source_.octet() % 4; i > 0; --i) {
      request[source_.word() % request.size()] = source_.octet();
    }
    const Octets more = source_.octets(source_.octet() % 64);
    request.insert(request.end(), more.begin(), more.end());
    const Endpoint from{Address::ipv4(192, 0, 2, source_.octet()), source_.word(), 2};
    const std::uint32_t sent_before = core_->status().replies;
    const std::uint8_t stream = source_.octet();
    const ClockState state = clock();
    const auto reply = core_->on_query({request, now_.announced, from, kSelf, stream}, now_, state);
    must((core_->status().replies != sent_before) == reply.has_value(), "replies are counted");
    if (!reply) return;
    must(reply->octets.size() <= request.size(), "no reply is longer than its request");
    must((reply->octets[0] & 7U) == 4, "a reply's mode");
  }

  fuzz::Source& source_;
  sim::Random random_{1};
  AnnouncedMoment now_{
      Timestamp<Announced>{Duration::seconds(1'793'491'200)},
      {Timestamp<Realtime>{Duration::seconds(1'793'491'200)},
       Timestamp<Raw>{Duration::seconds(4'000)}, Timestamp<Boot>{Duration::seconds(5'000)}}};
  AnnouncerConfig config_;
  std::unique_ptr<Announcer> core_;
  std::uint64_t sequence_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Source source{{data, size}};
  World{source}.run();
  return 0;
}
