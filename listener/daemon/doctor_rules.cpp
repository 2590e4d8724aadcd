// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_rules.hpp"

#include <algorithm>
#include <cerrno>

#include <timecast/wire/groups.hpp>

#include "common/host/option_value.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/doctor_reports.hpp"
#include "listener/daemon/refusal_advice.hpp"

namespace timecast {

namespace {

using Findings = std::vector<Finding>;

// Unanswered queries until it is no accident any more.
constexpr std::uint64_t kManyQueries = 3;

std::string in_words(const GroupWish& wish) {
  return to_string(wish.group) + " on " + wish.interface_name;
}

// ---- Sockets ----

bool is_taken(const GroupTrial& trial) {
  return trial.failure && trial.failure->errno_value == EADDRINUSE;
}

// One for all interfaces: it is the port that is taken.
void port_held(const DoctorFacts& facts, Findings& findings) {
  const auto taken = std::find_if(facts.trials.begin(), facts.trials.end(), is_taken);
  if (taken == facts.trials.end()) return;
  std::string holders;
  for (const PortHolder& each : taken->holders) append(holders, in_words(each), "; ");
  const std::string port = std::to_string(taken->wish.group.port);
  findings.push_back({"port-held", "another program holds UDP port " + port + " for itself",
                      holders.empty() ? taken->failure->text : holders,
                      "stop that program, or let announcer and listener use another --port"});
}

// Of the listener; nothing if it does not know of this group.
const ListenedGroup* find_group(const ListenerFacts& listener, const GroupWish& wish) {
  const auto same = [&](const ListenedGroup& g) {
    return g.interface_name == wish.interface_name && g.group == to_string(wish.group);
  };
  const auto found = std::find_if(listener.groups.begin(), listener.groups.end(), same);
  return found == listener.groups.end() ? nullptr : &*found;
}

// The running listener may have a right to the port that this user lacks.
bool is_for_others(const DoctorFacts& facts, const GroupTrial& trial) {
  const int reason = trial.failure ? trial.failure->errno_value : 0;
  if (!facts.listener || (reason != EACCES && reason != EPERM)) return false;
  const ListenedGroup* const group = find_group(*facts.listener, trial.wish);
  return group != nullptr && group->open;
}

void cannot_listen(const DoctorFacts& facts, Findings& findings) {
  for (const GroupTrial& each : facts.trials) {
    if (!each.failure || is_taken(each) || is_for_others(facts, each)) continue;
    findings.push_back(finding_from("cannot-listen", "cannot listen to " + in_words(each.wish),
                                    each.failure->text, "see the reason"));
  }
}

// ---- The running listener ----

void listener_not_running(const DoctorFacts& facts, Findings& findings) {
  if (facts.listener) return;
  findings.push_back({"listener-not-running", "no timecast-listener runs here",
                      facts.listener_failure,
                      "start it: timecast-listener; if it runs, name its socket by --socket"});
}

void not_joined(const DoctorFacts& facts, Findings& findings) {
  if (!facts.listener) return;
  for (const GroupTrial& each : facts.trials) {
    const std::string where = in_words(each.wish);
    const ListenedGroup* const group = find_group(*facts.listener, each.wish);
    if (group == nullptr) {
      findings.push_back({"not-listened-to", "the running listener does not listen to " + where,
                          "its status does not list that group",
                          "start it with the same --interface, --group and --port"});
    } else if (!group->open) {
      findings.push_back({"not-joined", "the running listener has not joined " + where,
                          group->failure, "it tries again by itself once that is cured"});
    } else if (!each.was_joined && !each.wish.is_broadcast()) {
      findings.push_back({"not-joined", "the kernel has not joined " + where,
                          std::string{"/proc/net/igmp"} +
                              (each.wish.group.address.family == Family::ipv6 ? "6" : "") +
                              " does not list it, though the running listener did join",
                          "restart the listener"});
    }
  }
}

// ---- Between the wire and the sockets ----

// "4 packets to port 11123 arrived at eth0"; empty if none did, or nobody could see it.
std::string arrived(const DoctorFacts& facts) {
  std::string all;
  for (const LinkFacts& each : facts.links) {
    if (!each.traffic || each.traffic->multicasts == 0) continue;
    const char* const what =
        each.family == Family::ipv6 ? "IPv6 multicast packet" : "multicast packet";
    append(all, counted(each.traffic->multicasts, what) + " arrived at " + each.interface_name);
  }
  return all;
}

bool is_filtered_by_path(const DoctorFacts& facts) {
  const bool strict = std::any_of(facts.links.begin(), facts.links.end(),
                                  [](const LinkFacts& link) { return link.is_strict(); });
  return facts.reverse_path_drops != 0 && strict && !facts.hears_announcements();
}

void reverse_path(const DoctorFacts& facts, Findings& findings) {
  if (!is_filtered_by_path(facts)) return;
  std::string names;
  for (const LinkFacts& each : facts.links) {
    if (each.is_strict()) append(names, each.interface_name);
  }
  findings.push_back(
      {"reverse-path-filter", "this host drops packets of senders that it has no route back to",
       "the kernel dropped " + std::to_string(facts.reverse_path_drops) + " in " +
           seconds_text(facts.listened) + " (IPReversePathFilter); rp_filter is strict on " + names,
       "give this host an address or a route to the announcer's network on that interface, or say "
       "sysctl net.ipv4.conf.IF.rp_filter=2"});
}

bool is_firewalled(const DoctorFacts& facts) {
  const bool listens = std::any_of(facts.trials.begin(), facts.trials.end(),
                                   [](const GroupTrial& trial) { return !trial.failure; });
  return listens && facts.heard.empty() && !arrived(facts).empty() && !is_filtered_by_path(facts);
}

void firewall(const DoctorFacts& facts, Findings& findings) {
  if (!is_firewalled(facts)) return;
  const std::string rules = joined(facts.rules_in, "; ");
  findings.push_back(
      {"firewall", "this host's firewall drops the announcements",
       arrived(facts) + " and none reached a socket" + (rules.empty() ? "" : "; " + rules),
       "let UDP to that port pass, before the rule that drops: nft insert rule inet filter input "
       "udp dport 11123 accept, or ufw allow 11123/udp"});
}

// With longer intervals it may be chance what came when.
bool was_forgotten(const DoctorFacts& facts) {
  return facts.heard_after_report != 0 && !too_long_to_tell(facts);
}

// The listener has seen it happen twice, whatever is heard now.
std::string forgetting_seen_by(const DoctorFacts& facts) {
  if (!facts.listener) return {};
  for (const ListenedGroup& each : facts.listener->groups) {
    if (each.forgotten_after == Duration{}) continue;
    return "the listener has heard " + each.group + " on " + each.interface_name + " for " +
           seconds_text(each.forgotten_after) +
           " after each join, and reminds the switch since then";
  }
  return {};
}

void snooping(const DoctorFacts& facts, Findings& findings) {
  const std::string seen = forgetting_seen_by(facts);
  if (!was_forgotten(facts) && seen.empty()) return;
  findings.push_back(
      {"snooping-without-querier", "a switch had forgotten that this host is in the group",
       !seen.empty()
           ? seen
           : "nothing came in " + seconds_text(facts.listened) + ", then " +
                 counted(facts.heard_after_report, "announcement") + " in " +
                 seconds_text(facts.listened_again) + " after its membership was reported anew",
       "switch a querier on (IGMP and MLD; on the switch, or the router of this network), or "
       "snooping "
       "off; until then announcements stop again after some minutes"});
}

bool is_isolated(const DoctorFacts& facts) {
  return facts.answering && !is_firewalled(facts) && !is_filtered_by_path(facts) &&
         !too_long_to_tell(facts);
}

void isolated(const DoctorFacts& facts, Findings& findings) {
  if (!is_isolated(facts)) return;
  findings.push_back(
      {"isolated", "unicast reaches the announcer, and its multicast does not reach this host",
       to_string(*facts.answering) + " answers within " + seconds_text(facts.round_trip) +
           ", and in " + seconds_text(facts.listened) + " nothing came to the group",
       "on an access point switch off client isolation and turn on multicast-to-unicast; on a "
       "switch look at storm control, VLANs, and IGMP snooping without a querier; if the announcer "
       "is on another network, run one here"});
}

bool has_a_cause(const DoctorFacts& facts) {
  return is_filtered_by_path(facts) || is_firewalled(facts) || was_forgotten(facts) ||
         is_isolated(facts);
}

// ---- What is heard ----

std::string heard_instead(const DoctorFacts& facts) {
  std::string all;
  for (const HeardSender& each : facts.heard) {
    append(all, counted(each.others, "other packet") + " from " + to_string(each.from));
  }
  return all.empty() ? "nothing came" : all;
}

// Then a while without announcements is none of its troubles.
bool follows_somebody(const DoctorFacts& facts) {
  return facts.listener &&
         (facts.listener->state == "tentative" || facts.listener->state == "synchronised");
}

// Whether it had the right to see packets, where that could tell something.
bool could_look_deeper(const DoctorFacts& facts) {
  return std::all_of(facts.links.begin(), facts.links.end(),
                     [](const LinkFacts& link) { return link.traffic.has_value(); });
}

void nothing_heard(const DoctorFacts& facts, Findings& findings) {
  std::string groups;
  for (const GroupTrial& each : facts.trials) {
    if (!each.failure) append(groups, in_words(each.wish));
  }
  if (groups.empty() || facts.hears_announcements() || has_a_cause(facts)) return;
  const std::string evidence = "listened for " + seconds_text(facts.listened) + " to " + groups +
                               ": " + heard_instead(facts);
  if (const auto apart = too_long_to_tell(facts)) {
    if (follows_somebody(facts)) return;
    findings.push_back({"nothing-heard", "whether anybody announces the time here is not known yet",
                        evidence,
                        "announcements can be " + seconds_text(*apart) +
                            " apart: listen longer, --seconds " + in_seconds(*apart * 2)});
    return;
  }
  findings.push_back(
      {"nothing-heard", "nobody announces the time here", evidence,
       "start timecast-announcer on a host of this network, with the same --group and --port; if "
       "one runs, look for a firewall here (UDP to the group), a switch that snoops IGMP without "
       "a querier, an access point that isolates its clients" +
           std::string{could_look_deeper(facts) ? "" : " (as root, doctor tells these apart)"} +
           "; --seconds listens longer, for announcers with a longer --interval"});
}

void announcer_unsynchronised(const DoctorFacts& facts, Findings& findings) {
  for (const HeardSender& each : facts.heard) {
    if (!each.announces() || each.synchronised) continue;
    findings.push_back({"announcer-unsynchronised",
                        "the announcer " + to_string(each.from) + " has no time to give",
                        "it says itself that its clock is not synchronised",
                        advice_for(Reject::unsynchronised).way_out});
  }
}

// Where nothing was believed yet all that was refused counts, else what is refused now.
void refused(const DoctorFacts& facts, Findings& findings) {
  if (!facts.listener) return;
  const bool all_count = facts.listener->state == "searching";
  for (const Refusal& each : facts.listener->refusals) {
    const std::uint64_t count = all_count ? each.total : each.recent;
    if (count == 0) continue;
    const RefusalAdvice advice = advice_for(each.name);
    findings.push_back({"refused", std::string{"the running listener refuses "} + advice.meaning,
                        each.name + ": " + std::to_string(each.recent) + " in " +
                            seconds_text(facts.listened) + ", " + std::to_string(each.total) +
                            " since it started",
                        advice.way_out});
  }
}

void listener_deaf(const DoctorFacts& facts, Findings& findings) {
  if (!facts.listener || !facts.hears_announcements()) return;
  const auto& refusals = facts.listener->refusals;
  const bool refuses =
      std::any_of(refusals.begin(), refusals.end(), [](const Refusal& r) { return r.recent != 0; });
  if (refuses || facts.listener->recent_announcements != 0) return;
  findings.push_back({"listener-deaf", "the running listener does not hear what comes here",
                      "announcements came to this program, and none to the listener",
                      "see that it listens to the same groups (timecast-listener status), and "
                      "restart it"});
}

void unanswered(const DoctorFacts& facts, Findings& findings) {
  if (!facts.listener) return;
  const ListenerFacts& listener = *facts.listener;
  const std::string queries = std::to_string(listener.queries);
  std::string what = "no announcer answers the running listener";
  std::string evidence = "0 of " + queries + " queries were answered";
  std::uint64_t in_vain = listener.queries;
  if (listener.exchanges != 0) {
    // One that is silent as well has other troubles.
    in_vain = follows_somebody(facts) ? listener.unanswered : 0;
    what = listener.announcer + " no longer answers the running listener";
    evidence = "none of the last " + std::to_string(in_vain) +
               " queries to it was answered; of all " + queries + " since the start " +
               std::to_string(listener.exchanges) + " were";
  }
  if (in_vain < kManyQueries) return;
  findings.push_back({"unanswered", what, evidence,
                      "let UDP to and from the announcer's port pass, both ways; if this host is "
                      "on another network than the announcer, say --allow there; to do without: "
                      "--listen-only"});
}

// Two that are known to set the clock are told of for any host.
void steered_by_another(const DoctorFacts& facts, Findings& findings) {
  constexpr std::string_view kDisciplines = "kernel:";
  constexpr std::string_view kLeft = "kernel: left to another";
  if (!facts.listener || facts.steerers.size() > 1) return;
  const std::string& clock = facts.listener->clock;
  const bool disciplines = clock.compare(0, kDisciplines.size(), kDisciplines) == 0;
  const bool gave_up = clock.compare(0, kLeft.size(), kLeft) == 0;
  if (!gave_up && (!disciplines || facts.steerers.empty())) return;
  std::string evidence = "the listener says of the clock: " + clock;
  if (!facts.steerers.empty()) append(evidence, "there is also " + in_words(facts.steerers), "; ");
  findings.push_back({"clock-rivals", "another program steers the clock that the listener keeps",
                      evidence,
                      "stop that one, or let it keep the clock: --clock chrony feeds chronyd, "
                      "--clock none leaves the clock alone; then restart the listener"});
}

using Rule = void (*)(const DoctorFacts&, Findings&);
constexpr Rule kRules[] = {
    port_held,
    cannot_listen,
    not_joined,
    reverse_path,
    firewall,
    unreported_memberships,
    snooping,
    isolated,
    listener_not_running,
    nothing_heard,
    announcer_unsynchronised,
    refused,
    listener_deaf,
    unanswered,
    steered_by_another,
};

}  // namespace

std::vector<Finding> diagnose(const DoctorFacts& facts) {
  std::vector<Finding> findings;
  find_in_interfaces(facts, !facts.trials.empty(), findings);
  for (const Rule rule : kRules) rule(facts, findings);
  if (facts.listener) find_in_keeper(facts.listener->clock, findings);
  find_in_clock(facts, findings);
  return findings;
}

std::optional<Duration> too_long_to_tell(const DoctorFacts& facts) {
  constexpr Duration kPrecise = Duration::seconds(1);
  constexpr Duration kPlain = Duration::seconds(10);  // 9 s, and up to 6 % more
  Duration apart = kPrecise;
  if (follows_somebody(facts)) apart = std::max(apart, facts.listener->interval);
  const auto is_plain = [](const GroupTrial& trial) {
    return !trial.failure && trial.wish.group.port == kPlainPort;
  };
  if (std::any_of(facts.trials.begin(), facts.trials.end(), is_plain)) {
    apart = std::max(apart, kPlain);
  }
  // One can be lost, and each come some milliseconds later than the last.
  return facts.listened < apart * 2 ? std::optional{apart} : std::nullopt;
}

}  // namespace timecast
