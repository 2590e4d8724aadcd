// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor_rules.hpp"

#include <algorithm>
#include <cerrno>

#include <timecast/wire/groups.hpp>

#include "common/host/option_value.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/refusal_advice.hpp"

namespace timecast {

namespace {

using Findings = std::vector<Finding>;

// Unanswered queries until it is no accident any more.
constexpr std::uint64_t kManyQueries = 3;

// "eth0, wlan0": one entry of a list behind the others.
void append(std::string& list, const std::string& entry, const char* separator = ", ") {
  list += (list.empty() ? "" : separator) + entry;
}

std::string in_words(const GroupWish& wish) {
  return to_string(wish.group) + " on " + wish.interface_name;
}

// ---- Interfaces ----

std::string trouble_of(const Interface& interface) {
  if (interface.loopback) return "this host alone";
  if (!interface.up) return "down";
  if (!interface.multicast) return "cannot multicast";
  if (interface.point_to_point) return "point-to-point";
  if (interface.enslaved) return "port of another interface";
  return "up";
}

const Interface* find_wanted(const DoctorFacts& facts, const std::string& name_or_address) {
  const auto address = parse_address(name_or_address);
  for (const Interface& each : facts.interfaces) {
    const auto is_it = [&](const Prefix& p) { return address && p.address == *address; };
    if (each.name == name_or_address) return &each;
    if (std::any_of(each.addresses.begin(), each.addresses.end(), is_it)) return &each;
  }
  return nullptr;
}

void no_interface(const DoctorFacts& facts, Findings& findings) {
  if (!facts.wanted.empty() || !facts.chosen.empty() || !facts.trials.empty()) return;
  std::string all;
  for (const Interface& each : facts.interfaces) append(all, each.name + ": " + trouble_of(each));
  findings.push_back({"no-interface", "no interface is up that can multicast",
                      all.empty() ? "this host lists no interface" : all,
                      "bring one up (ip link set IF up), or name one by --interface"});
}

void unknown_interface(const DoctorFacts& facts, Findings& findings) {
  std::string names;
  for (const Interface& each : facts.interfaces) append(names, each.name);
  for (const std::string& wanted : facts.wanted) {
    if (find_wanted(facts, wanted) != nullptr) continue;
    findings.push_back({"unknown-interface", "there is no interface or address " + wanted,
                        "the interfaces are " + (names.empty() ? "none" : names),
                        "plug it in, or name another by --interface"});
  }
}

void interface_down(const DoctorFacts& facts, Findings& findings) {
  for (const std::string& wanted : facts.wanted) {
    const Interface* const interface = find_wanted(facts, wanted);
    if (interface == nullptr || interface->up) continue;
    findings.push_back({"interface-down", interface->name + " is down",
                        "the kernel's flags of " + interface->name + " are without UP",
                        "ip link set " + interface->name + " up"});
  }
}

void no_multicast(const DoctorFacts& facts, Findings& findings) {
  for (const std::string& wanted : facts.wanted) {
    const Interface* const interface = find_wanted(facts, wanted);
    if (interface == nullptr || interface->loopback || interface->multicast) continue;
    findings.push_back({"no-multicast", interface->name + " cannot multicast",
                        "the kernel's flags of " + interface->name + " are without MULTICAST",
                        "ip link set " + interface->name +
                            " multicast on, if its driver can; else use another interface"});
  }
}

// One without a carrier among others that have one is a spare.
void no_carrier(const DoctorFacts& facts, Findings& findings) {
  const auto runs = [](const ChosenInterface& c) { return c.interface.running; };
  const bool any_runs = std::any_of(facts.chosen.begin(), facts.chosen.end(), runs);
  if (facts.wanted.empty() && any_runs) return;
  for (const ChosenInterface& each : facts.chosen) {
    const std::string& name = each.interface.name;
    if (each.interface.running) continue;
    findings.push_back({"no-carrier", name + " has no carrier",
                        "the kernel's flags of " + name + " are without RUNNING",
                        "see to its cable, or to its access point"});
  }
}

void no_address(const DoctorFacts& facts, Findings& findings) {
  const auto has_any = [](const ChosenInterface& c) { return !c.addresses.empty(); };
  if (std::any_of(facts.chosen.begin(), facts.chosen.end(), has_any)) return;
  for (const ChosenInterface& each : facts.chosen) {
    findings.push_back({"no-address", each.interface.name + " has no address",
                        "the kernel lists none; without one nobody can be asked",
                        "give it one (ip address add, or by DHCP)"});
  }
}

// ---- Sockets ----

std::string in_words(const PortHolder& holder) {
  const Endpoint local{holder.socket.address, holder.socket.port, 0};
  const std::string who = holder.process
                              ? in_words(*holder.process)
                              : "a program of user " + std::to_string(holder.socket.uid) +
                                    " (ask as that user, or as root, for its name)";
  return to_string(local) + " is held by " + who;
}

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

// "where: what; what to do"
void cannot_listen(const DoctorFacts& facts, Findings& findings) {
  for (const GroupTrial& each : facts.trials) {
    if (!each.failure || is_taken(each) || is_for_others(facts, each)) continue;
    const std::string& text = each.failure->text;
    const std::size_t way_out = text.find("; ");
    const bool has_way_out = way_out != std::string::npos;
    findings.push_back({"cannot-listen", "cannot listen to " + in_words(each.wish),
                        text.substr(0, way_out),
                        has_way_out ? text.substr(way_out + 2) : "see the reason"});
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

// ---- What is heard ----

std::string heard_instead(const DoctorFacts& facts) {
  std::string all;
  for (const HeardSender& each : facts.heard) {
    append(all, counted(each.others, "other packet") + " from " + to_string(each.from));
  }
  return all.empty() ? "nothing came" : all;
}

bool announces(const HeardSender& sender) { return sender.announces(); }

// Then a while without announcements is none of its troubles.
bool follows_somebody(const DoctorFacts& facts) {
  return facts.listener &&
         (facts.listener->state == "tentative" || facts.listener->state == "synchronised");
}

void nothing_heard(const DoctorFacts& facts, Findings& findings) {
  std::string groups;
  for (const GroupTrial& each : facts.trials) {
    if (!each.failure) append(groups, in_words(each.wish));
  }
  if (groups.empty() || std::any_of(facts.heard.begin(), facts.heard.end(), announces)) return;
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
       "a querier, an access point that isolates its clients; --seconds listens longer, for "
       "announcers with a longer --interval"});
}

void announcer_unsynchronised(const DoctorFacts& facts, Findings& findings) {
  for (const HeardSender& each : facts.heard) {
    if (!announces(each) || each.synchronised) continue;
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
  if (!facts.listener || !std::any_of(facts.heard.begin(), facts.heard.end(), announces)) return;
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
  if (listener.exchanges != 0 || listener.queries < kManyQueries) return;
  findings.push_back({"unanswered", "no announcer answers the running listener",
                      "0 of " + std::to_string(listener.queries) + " queries were answered",
                      "let UDP to and from the announcer's port pass, both ways; if this host is "
                      "on another network than the announcer, say --allow there; to do without: "
                      "--listen-only"});
}

// ---- This host's clock ----

std::string list_of(const std::vector<Process>& processes) {
  std::string all;
  for (const Process& each : processes) append(all, in_words(each));
  return all;
}

void rivals(const DoctorFacts& facts, Findings& findings) {
  if (facts.steerers.size() < 2) return;
  findings.push_back({"clock-rivals", "more than one program may set this host's clock",
                      list_of(facts.steerers), "let one of them do it, and stop the others"});
}

void clock_unsynchronised(const DoctorFacts& facts, Findings& findings) {
  const bool is_told = facts.clock.failure == 0;
  if (!is_told || facts.clock.synchronised || facts.steerers.size() != 1) return;
  findings.push_back({"clock-unsynchronised",
                      list_of(facts.steerers) + " has not synchronised this host's clock",
                      "the kernel says that it is not synchronised (adjtimex)",
                      "see whether it has a source (chronyc sources, timedatectl), and with chrony "
                      "say rtcsync"});
}

using Rule = void (*)(const DoctorFacts&, Findings&);
constexpr Rule kRules[] = {
    no_interface,
    unknown_interface,
    interface_down,
    no_multicast,
    no_carrier,
    no_address,
    port_held,
    cannot_listen,
    not_joined,
    listener_not_running,
    nothing_heard,
    announcer_unsynchronised,
    refused,
    listener_deaf,
    unanswered,
    rivals,
    clock_unsynchronised,
};

}  // namespace

std::vector<Finding> diagnose(const DoctorFacts& facts) {
  std::vector<Finding> findings;
  for (const Rule rule : kRules) rule(facts, findings);
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

std::string in_words(const Process& process) {
  return process.name + " (pid " + std::to_string(process.pid) + ')';
}

}  // namespace timecast
