// SPDX-License-Identifier: MIT
//
// What `doctor` has found out about this host before it judges, as plain values.
//
// Errors:  none: what could not be found out is a fact too.
// Threads: the main one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/wire/reject.hpp>
#include <timecast/wire/signature.hpp>

#include "common/host/finding.hpp"
#include "listener/daemon/doctor_links.hpp"
#include "listener/daemon/options.hpp"
#include "listener/daemon/plan.hpp"

namespace timecast {

// A group, or a broadcast address, that the doctor listened to itself.
struct GroupTrial {
  GroupWish wish;
  bool was_joined = false;          // by anybody on this host, before the doctor did
  std::optional<Error> failure;     // why it could not listen
  std::vector<PortHolder> holders;  // of the port, if that is taken
};

// Who sent something to one of these groups.
struct HeardSender {
  Endpoint from;
  std::string interface_name;
  unsigned announcements = 0;
  unsigned plain = 0;   // NTP broadcasts that nobody has signed
  unsigned others = 0;  // what is neither
  PublicKey key{};      // and the interval: of its last announcement
  Duration interval;
  bool synchronised = false;  // by its last packet of either kind
  unsigned stratum = 0;

  [[nodiscard]] bool announces() const noexcept { return announcements + plain != 0; }
};

// A group of the running listener, in its words.
struct ListenedGroup {
  std::string group;
  std::string interface_name;
  bool open = false;
  std::string failure;
  Duration forgotten_after{};  // after each join; zero if it is not
};

struct Refusal {
  std::string name;          // as in `status`
  std::uint64_t recent = 0;  // while the doctor listened
  std::uint64_t total = 0;   // since the listener started
};

// What the running listener says of itself.
struct ListenerFacts {
  std::string state;
  std::string reason;
  std::vector<ListenedGroup> groups;
  std::vector<Refusal> refusals;
  std::uint64_t recent_announcements = 0;
  Duration interval;      // of the announcer it follows; 0 if it follows none
  std::string announcer;  // that it followed last
  std::string clock;      // what becomes of the time, in its words
  std::uint64_t queries = 0;
  std::uint64_t exchanges = 0;
  std::uint64_t unanswered = 0;  // in a row, by that announcer
};

struct DoctorFacts : HostFacts {
  std::vector<GroupTrial> trials;
  std::vector<HeardSender> heard;
  Duration listened;
  std::optional<ListenerFacts> listener;
  std::string listener_failure;  // why there is none

  std::vector<LinkFacts> links;
  std::uint64_t reverse_path_drops = 0;  // while the doctor listened
  std::vector<std::string> rules_in;     // of the firewall that drop, where that is the question
  std::vector<std::string> rules_out;
  // Where nothing was heard: what came after the memberships were reported once more, and who
  // answers a question all the same.
  unsigned heard_after_report = 0;
  Duration listened_again;
  std::optional<Endpoint> answering;
  Duration round_trip;

  [[nodiscard]] bool hears_announcements() const noexcept;
};

// Finds them out: asks the running listener, listens beside it for a while, and asks it again.
[[nodiscard]] DoctorFacts gather_facts(const ListenerOptions& options);

}  // namespace timecast
