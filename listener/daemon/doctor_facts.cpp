// SPDX-License-Identifier: MIT
//
// Finding out. What it means: doctor_rules.cpp.
#include <algorithm>
#include <cerrno>
#include <string_view>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/octets.hpp>

#include "common/host/json_object.hpp"
#include "common/host/membership.hpp"
#include "common/host/packet_filter.hpp"
#include "common/host/polled_socket.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/doctor_facts.hpp"
#include "listener/daemon/server_question.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);

// ---- The running listener ----

Result<JsonObject> ask_listener(const ListenerOptions& options) {
  const auto answer = ask_daemon("timecast-listener", options.socket, "status json", kAnswerWithin);
  if (!answer) return because(answer.error());
  return JsonObject::parse(*answer);
}

std::uint64_t count_in(const JsonObject& object, std::string_view key) {
  return static_cast<std::uint64_t>(std::max(object.number(key).value_or(0), 0.0));
}

// How many more there are; a listener that was restarted meanwhile counts anew.
std::uint64_t added(const JsonObject& before, const JsonObject& after, std::string_view key) {
  const std::uint64_t old_count = count_in(before, key);
  const std::uint64_t new_count = count_in(after, key);
  return new_count >= old_count ? new_count - old_count : new_count;
}

std::vector<ListenedGroup> groups_of(const JsonObject& status) {
  std::vector<ListenedGroup> groups;
  for (const JsonObject& each : status.objects("groups")) {
    groups.push_back({each.string("group").value_or(""), each.string("interface").value_or(""),
                      each.boolean("open").value_or(false), each.string("reason").value_or(""),
                      Duration::from_seconds(each.number("forgotten_after_s").value_or(0))});
  }
  return groups;
}

ListenerFacts listener_facts(const JsonObject& before, const JsonObject& after) {
  ListenerFacts facts;
  facts.state = after.string("state").value_or("");
  facts.reason = after.string("reason").value_or("");
  facts.groups = groups_of(after);
  const JsonObject refused_before = before.object("refused");
  const JsonObject refused_after = after.object("refused");
  for (const std::string& name : refused_after.keys()) {
    facts.refusals.push_back(
        {name, added(refused_before, refused_after, name), count_in(refused_after, name)});
  }
  facts.recent_announcements = added(before, after, "announcements");
  facts.interval = Duration::from_seconds(after.number("interval_s").value_or(0));
  facts.announcer = after.string("announcer").value_or("");
  facts.clock = after.string("clock").value_or("");
  facts.queries = count_in(after, "queries");
  facts.exchanges = count_in(after, "exchanges");
  facts.unanswered = count_in(after, "unanswered");
  return facts;
}

// ---- Groups ----

// What the running listener names; nothing if its interface has gone.
std::optional<GroupWish> wish_from(const ListenedGroup& listened,
                                   const std::vector<Interface>& interfaces) {
  auto group = parse_endpoint(listened.group, 0);
  const auto interface =
      std::find_if(interfaces.begin(), interfaces.end(),
                   [&](const Interface& i) { return i.name == listened.interface_name; });
  if (!group || interface == interfaces.end()) return std::nullopt;
  group->interface = interface->index;
  return GroupWish{*group, interface->name, interface->loopback};
}

bool names_groups(const ListenerOptions& options) {
  const ListenerOptions usual;
  return !options.interfaces.empty() || options.group4 != usual.group4 ||
         options.group6 != usual.group6 || options.port != usual.port;
}

// Those that the operator names; else the listener's own; else those that it would have.
std::vector<GroupWish> groups_to_try(const ListenerOptions& options, const DoctorFacts& facts,
                                     const Result<JsonObject>& status) {
  std::vector<GroupWish> wishes;
  if (status && !names_groups(options)) {
    for (const ListenedGroup& each : groups_of(*status)) {
      if (auto wish = wish_from(each, facts.interfaces)) wishes.push_back(std::move(*wish));
    }
  }
  return wishes.empty() ? plan_groups(options, facts.chosen) : wishes;
}

std::vector<GroupWish> wishes_of(const std::vector<GroupTrial>& trials) {
  std::vector<GroupWish> wishes;
  wishes.reserve(trials.size());
  for (const GroupTrial& each : trials) wishes.push_back(each.wish);
  return wishes;
}

// ---- Listening ----

HeardSender& sender_of(const Datagram& datagram, const GroupWish& wish,
                       std::vector<HeardSender>& heard) {
  const auto known = std::find_if(heard.begin(), heard.end(),
                                  [&](const HeardSender& s) { return s.from == datagram.from; });
  if (known != heard.end()) return *known;
  HeardSender& sender = heard.emplace_back();
  sender.from = datagram.from;
  sender.interface_name = wish.interface_name;
  return sender;
}

void note(const Datagram& datagram, const GroupWish& wish, std::vector<HeardSender>& heard) {
  constexpr std::size_t kManySenders = 100;  // whoever forges more has been heard
  if (heard.size() == kManySenders) return;
  HeardSender& sender = sender_of(datagram, wish, heard);
  const auto packet = decode(datagram.octets);
  if (!packet || packet->header.mode != Mode::broadcast) {
    ++sender.others;
    return;
  }
  sender.stratum = packet->header.stratum;
  sender.synchronised = packet->header.leap != Leap::unsynchronised;
  const auto announcement = find_announcement(*packet);
  if (!announcement) {
    ++sender.plain;
    return;
  }
  ++sender.announcements;
  sender.key = announcement->key;
  sender.interval = announcement->interval();
}

// Whether a socket there can keep another one from an address.
bool is_in_the_way(const Address& there, const Address& wanted) {
  return there == wanted || all_zero(there.octets);
}

std::vector<PortHolder> holders_in_the_way_of(const Endpoint& group) {
  std::vector<PortHolder> holders = holders_of_udp_port(group.port);
  std::erase_if(holders, [&](const PortHolder& holder) {
    return !is_in_the_way(holder.socket.address, group.address);
  });
  return holders;
}

// Returns who sent something meanwhile.
std::vector<HeardSender> listen_to(std::vector<GroupTrial>& trials, Duration span) {
  Loop loop;
  std::vector<HeardSender> heard;
  std::vector<PolledSocket> sockets;
  for (GroupTrial& trial : trials) {
    PolledSocket::Callbacks callbacks;
    callbacks.on_datagram = [&heard, &trial](UdpSocket&, const Datagram& datagram) {
      note(datagram, trial.wish, heard);
    };
    auto socket = PolledSocket::open(loop, socket_options(trial.wish), std::move(callbacks));
    if (socket) {
      sockets.push_back(std::move(*socket));
      continue;
    }
    trial.failure = listening_error(socket.error(), trial.wish);
    if (trial.failure->errno_value == EADDRINUSE) {
      trial.holders = holders_in_the_way_of(trial.wish.group);
    }
  }
  auto end = DeadlineTimer::create(loop, [&loop] { loop.stop(); });
  if (!end || sockets.empty()) return heard;
  end->arm(boot_now() + span);
  loop.run();
  return heard;
}

// ---- When nothing was heard ----

unsigned announcements_of(const std::vector<HeardSender>& heard) {
  unsigned count = 0;
  for (const HeardSender& each : heard) count += each.announcements + each.plain;
  return count;
}

// A switch may have forgotten who is in the group. That is known of groups that others have joined:
// those that only this program joined were reported a moment ago.
void report_once_more(DoctorFacts& facts) {
  bool any = false;
  for (const GroupTrial& each : facts.trials) {
    const Endpoint& group = each.wish.group;
    const bool is_reported =
        !each.wish.is_broadcast() && !each.wish.loopback && each.was_joined && !each.failure;
    if (is_reported && report_membership(group.interface, group.address)) any = true;
  }
  if (!any) return;
  facts.listened_again = facts.listened;
  say_meanwhile("nothing was heard; listening again, for " + seconds_text(facts.listened_again));
  facts.heard_after_report = announcements_of(listen_to(facts.trials, facts.listened_again));
}

void ask_directly(DoctorFacts& facts, const ListenerOptions& options) {
  std::vector<Endpoint> servers;
  if (options.expected) servers.push_back(*options.expected);
  // One whose announcements reach the listener is not the question.
  if (facts.listener && facts.listener->recent_announcements == 0) {
    if (const auto known = parse_endpoint(facts.listener->announcer, 0)) servers.push_back(*known);
  }
  if (servers.empty()) return;
  const auto exchange = ask_any(servers);
  if (!exchange || !exchange->result) return;
  facts.answering = exchange->server;
  facts.round_trip = exchange->result->round_trip;
}

// Asking for the rules is slow: only where they can be to blame.
void look_at_rules(DoctorFacts& facts) {
  for (const LinkFacts& link : facts.links) {
    if (!link.traffic) continue;
    if (link.traffic->multicasts != 0 && !facts.hears_announcements()) {
      facts.rules_in = list_dropping_rules(Traffic::in);
    }
    if (link.misses_report()) {
      facts.rules_out = list_dropping_rules(Traffic::out);
    }
  }
}

}  // namespace

bool DoctorFacts::hears_announcements() const noexcept {
  return std::any_of(heard.begin(), heard.end(),
                     [](const HeardSender& sender) { return sender.announces(); });
}

DoctorFacts gather_facts(const ListenerOptions& options) {
  DoctorFacts facts;
  static_cast<HostFacts&>(facts) = gather_host_facts(options.interfaces);
  facts.listened = options.listen_for;
  const auto before = ask_listener(options);
  const std::vector<JoinedGroup> joined = list_joined_groups();
  for (GroupWish& wish : groups_to_try(options, facts, before)) {
    const JoinedGroup membership{wish.interface_name, wish.group.address};
    GroupTrial& trial = facts.trials.emplace_back();
    trial.was_joined = std::find(joined.begin(), joined.end(), membership) != joined.end();
    trial.wish = std::move(wish);
  }
  const std::uint64_t drops = count_reverse_path_drops();
  LinkWatch links{wishes_of(facts.trials), joined};
  say_meanwhile("listening for " + seconds_text(facts.listened));
  facts.heard = listen_to(facts.trials, facts.listened);
  facts.links = links.finish();
  facts.reverse_path_drops = count_reverse_path_drops() - drops;
  const auto after = before ? ask_listener(options) : Result<JsonObject>{because(before.error())};
  if (after) {
    facts.listener = listener_facts(*before, *after);
  } else {
    facts.listener_failure = after.error().text;
  }
  look_at_rules(facts);
  if (facts.hears_announcements()) return facts;
  report_once_more(facts);
  if (facts.heard_after_report == 0) ask_directly(facts, options);
  return facts;
}

}  // namespace timecast
