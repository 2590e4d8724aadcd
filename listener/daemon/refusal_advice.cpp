// SPDX-License-Identifier: MIT
#include "listener/daemon/refusal_advice.hpp"

#include <algorithm>
#include <iterator>

namespace timecast {

namespace {

constexpr const char* kNoPackets = "packets that are no NTP packets";
constexpr const char* kRequests = "requests, which a listener does not answer";
constexpr const char* kSeeWho = "see who sends them: timecast-listener watch --hex";
constexpr const char* kCureAnnouncer =
    "on the announcer, see what its own clock is set by (chronyc tracking, timedatectl)";
constexpr const char* kSeeAnnouncer =
    "see on the announcer whether it is it that answers: timecast-announcer status";

struct Row {
  Reject reason;
  RefusalAdvice advice;
};

// One for each; a test sees to that.
constexpr Row kRows[] = {
    {Reject::too_short, {kNoPackets, kSeeWho}},
    {Reject::too_long, {kNoPackets, kSeeWho}},
    {Reject::length_not_multiple_of_four, {kNoPackets, kSeeWho}},
    {Reject::bad_field_length, {kNoPackets, kSeeWho}},
    {Reject::bad_mac_length, {kNoPackets, kSeeWho}},
    {Reject::bad_version, {"packets of another NTP version than 4", kSeeWho}},
    {Reject::bad_mode, {"NTP packets that announce nothing", kSeeWho}},
    {Reject::bad_destination, {"announcements that were not sent to the group", kSeeWho}},
    {Reject::bad_source, {"packets from an address that is nobody's", kSeeWho}},
    {Reject::bad_hop_limit,
     {"announcements that have crossed a router, so that anybody can have sent them",
      "run an announcer on this network, and do not route the group"}},
    {Reject::no_announcement,
     {"NTP broadcasts without timecast's field",
      "if this sender is to be believed, name it by --hear ADDR:PORT"}},
    {Reject::bad_announcement,
     {"announcements in a form that this listener does not know",
      "run the same version of timecast on both hosts"}},
    {Reject::bad_signature,
     {"announcements whose signature is wrong: forged, or altered on the way", kSeeWho}},
    {Reject::unknown_key,
     {"announcements by a key that the listener does not trust",
      "if the key is right, say timecast-listener keys add with the line of `timecast-announcer "
      "key show`, or add that line to the file of --keys; then reload the listener"}},
    {Reject::duplicate,
     {"announcements that came twice",
      "look for a loop: two cables to one switch, or two interfaces bridged elsewhere"}},
    {Reject::replayed,
     {"announcements that were sent before",
      "if the announcer's state was restored from a backup, restart the listener; else see "
      "who sends them: timecast-listener watch"}},
    {Reject::zero_transmit, {"packets that do not say what time it is", kSeeWho}},
    {Reject::timeline_break,
     {"announcements that contradict those before",
      "see whether two announcers share a key (a copied state directory), or something "
      "sets the announcer's clock to and fro"}},
    {Reject::unsynchronised,
     {"announcements of a clock that is not synchronised, by the announcer's own word",
      "on the announcer, let chrony (with rtcsync) or timesyncd set the clock, or say "
      "--island on a network without other time"}},
    {Reject::bad_stratum, {"announcements without a valid stratum", kCureAnnouncer}},
    {Reject::root_distance_too_large,
     {"announcements of a clock that can be wrong by more than a second", kCureAnnouncer}},
    {Reject::bad_reference_time,
     {"announcements of a clock that was not set for a day", kCureAnnouncer}},
    {Reject::implausible_time, {"announcements of a time that is decades away", kCureAnnouncer}},
    {Reject::timing_loop,
     {"time that comes from this host itself",
      "let that announcer or sender have its time from elsewhere, or leave it out of --hear; who "
      "announces this host's own time needs another source for it"}},
    {Reject::table_full,
     {"announcements beyond the number of announcers that a listener follows",
      "name those that count by --keys"}},
    {Reject::unsolicited, {"answers to no question, or too late", kSeeAnnouncer}},
    {Reject::origin_mismatch, {"answers to another question", kSeeAnnouncer}},
    {Reject::kiss_of_death,
     {"answers that ask the listener to be quiet",
      "the announcer is no timecast-announcer, or its limit is too low: ask its operator"}},
    {Reject::implausible_exchange, {"answers that contradict the announcements", kSeeAnnouncer}},
    {Reject::not_allowed,
     {"packets with a MAC by a key that is for other servers",
      "see who sends them: timecast-listener watch; if it is a server of yours, add its address "
      "behind the key in the file of --keys"}},
    {Reject::rate_limited, {kRequests, kSeeWho}},
    {Reject::unknown_mac,
     {"packets with a MAC by another key than --hear names, or by none",
      "let sender and --hear name one key: timecast-listener watch shows the packet's"}},
    {Reject::stale_request, {kRequests, kSeeWho}},
    {Reject::missing_mac,
     {"packets without the MAC that --hear demands",
      "let the sender use the key (ntpd: broadcast ... key ID), or leave the key out of --hear"}},
    {Reject::bad_mac,
     {"packets whose MAC is wrong: forged, altered on the way, or by another key of that number",
      "see that the key's line is the same in both hosts' files, its type too"}},
};

constexpr RefusalAdvice kUnknown{"packets", kSeeWho};

}  // namespace

RefusalAdvice advice_for(Reject reason) noexcept {
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows),
                                       [&](const Row& each) { return each.reason == reason; });
  return row == std::end(kRows) ? kUnknown : row->advice;
}

RefusalAdvice advice_for(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    if (name == to_string(reason)) return advice_for(reason);
  }
  return kUnknown;
}

}  // namespace timecast
