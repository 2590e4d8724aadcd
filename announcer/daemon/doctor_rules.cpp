// SPDX-License-Identifier: MIT
//
// From facts to findings.
//
// Threads: any; pure functions.
#include <algorithm>
#include <cerrno>

#include "announcer/daemon/clock_word.hpp"
#include "announcer/daemon/doctor_facts.hpp"
#include "common/host/clock_keeper.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"

namespace timecast {

namespace {

using Findings = std::vector<Finding>;

void not_running(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (facts.announcer) return;
  findings.push_back({"announcer-not-running", "no timecast-announcer runs here",
                      facts.announcer_failure,
                      "start it: timecast-announcer; if it runs, name its socket by --socket"});
}

// ---- Its key ----

void key_missing(const AnnouncerDoctorFacts& facts, Findings& findings) {
  const auto& failure = facts.kept.failure;
  if (!failure || failure->errno_value != ENOENT) return;
  findings.push_back(
      {"key-missing", "there is no private key", "there is no file " + facts.kept.path,
       facts.announcer ? "put back the copy you have: with the next start the announcer would make "
                         "a new one, and be somebody else to its listeners; if it keeps its state "
                         "elsewhere, name that by --state-dir"
                       : "put back the copy you have; without one, the first start makes it, or "
                         "timecast-announcer key new"});
}

// Another user's key is nobody's business.
void key_unreadable(const AnnouncerDoctorFacts& facts, Findings& findings) {
  const auto& failure = facts.kept.failure;
  if (!failure || failure->errno_value == ENOENT) return;
  if (failure->errno_value == EACCES || failure->errno_value == EPERM) return;
  findings.push_back(finding_from("key-unreadable", "the private key cannot be used", failure->text,
                                  "put back a copy"));
}

void key_differs(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer || !facts.kept.key) return;
  const std::string kept = to_base64(*facts.kept.key);
  if (kept == facts.announcer->key) return;
  findings.push_back(
      {"key-differs", "the running announcer has another key than the one kept here",
       facts.kept.path + " is " + kept + ", the announcer signs by " + facts.announcer->key,
       "if it keeps its state elsewhere, name that by --state-dir; else restart it, "
       "and see that its listeners trust the key"});
}

void key_shared(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (facts.twins.empty()) return;
  std::string all;
  for (const Endpoint& each : facts.twins) append(all, to_string(each));
  findings.push_back({"key-shared", "another host announces with this announcer's key",
                      all + " signs by it",
                      "stop one of the two, or let that one have its own key: move its state "
                      "directory away and start it anew"});
}

// ---- Sending ----

void not_open(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer) return;
  for (const AnnouncingSocket& each : facts.announcer->sockets) {
    if (each.open) continue;
    std::string holders;
    for (const PortHolder& holder : each.holders) append(holders, in_words(holder), "; ");
    const std::string what = "the " + each.stream + " stream is not announced from " + each.local;
    if (holders.empty()) {
      findings.push_back(finding_from("not-announced", what, each.reason,
                                      "see the reason; the announcer tries again by itself"));
      continue;
    }
    findings.push_back({"port-held", what, holders,
                        "stop that program, or do without: --no-plain leaves port 123 alone, "
                        "--port names another for the precise stream"});
  }
}

std::string and_rules(std::string evidence, const AnnouncerDoctorFacts& facts) {
  for (const std::string& each : facts.rules_out) append(evidence, each, "; ");
  return evidence;
}

void not_sent(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer) return;
  for (const AnnouncingSocket& socket : facts.announcer->sockets) {
    for (const AnnouncingSocket::Destination& to : socket.destinations) {
      if (!socket.open || to.failure.empty()) continue;
      findings.push_back({"not-sent", "nothing leaves for " + to.to, and_rules(to.failure, facts),
                          "see to the interface; \"operation not permitted\" is a rule of the "
                          "firewall: let UDP to " +
                              to.to + " out"});
    }
  }
}

// Whether a failure has been told already.
bool sends_all(const AnnouncerFacts& announcer) {
  return std::all_of(
      announcer.sockets.begin(), announcer.sockets.end(), [](const AnnouncingSocket& socket) {
        return std::all_of(
            socket.destinations.begin(), socket.destinations.end(),
            [](const AnnouncingSocket::Destination& to) { return to.failure.empty(); });
      });
}

void not_heard(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer || !facts.could_listen || facts.heard_own != 0) return;
  constexpr std::uint64_t kAtLeast = 2;  // one may have left before this program listened
  if (facts.announcer->recent_announcements < kAtLeast || !sends_all(*facts.announcer)) return;
  findings.push_back(
      {"not-heard", "what this host announces does not come back to it",
       and_rules(counted(facts.announcer->recent_announcements, "announcement") + " in " +
                     seconds_text(facts.listened) + ", and none was heard here",
                 facts),
       "if it announces by another --interface, --group or --port, say the same to doctor; else a "
       "rule of the firewall drops them: let UDP to the group out and in"});
}

// ---- Its word ----

void unsynchronised(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer || facts.announcer->synchronised) return;
  if (facts.announcer->reason.find(kKeeperSilentText) != std::string::npos) return;  // that is why
  findings.push_back(
      {"announcer-unsynchronised",
       "the announcer has no time to give, and says so: nobody takes time from it",
       facts.announcer->reason,
       "let chrony (with rtcsync or allow 127.0.0.1) or timesyncd set this host's clock, or say "
       "--island on a network without other time"});
}

void not_allowed(const AnnouncerDoctorFacts& facts, Findings& findings) {
  if (!facts.announcer || facts.announcer->recent_not_allowed == 0) return;
  findings.push_back({"not-allowed", "hosts of other networks ask, and are not answered",
                      "not_allowed: " + std::to_string(facts.announcer->recent_not_allowed) +
                          " in " + seconds_text(facts.listened) + ", " +
                          std::to_string(facts.announcer->not_allowed) + " since it started",
                      "if they are yours, say --allow NETWORK"});
}

using Rule = void (*)(const AnnouncerDoctorFacts&, Findings&);
constexpr Rule kRules[] = {not_running, key_missing, key_unreadable, key_differs,    key_shared,
                           not_open,    not_sent,    not_heard,      unsynchronised, not_allowed};

}  // namespace

std::vector<Finding> diagnose(const AnnouncerDoctorFacts& facts) {
  std::vector<Finding> findings;
  find_in_interfaces(facts, facts.announcer && !facts.announcer->sockets.empty(), findings);
  for (const Rule rule : kRules) rule(facts, findings);
  if (facts.announcer) find_in_keeper(facts.announcer->reason, findings);
  HostFacts host = static_cast<const HostFacts&>(facts);
  // The daemon that keeps the clock says that it is right, and did not tell the kernel.
  if (facts.announcer && facts.announcer->clock_source == to_string(ClockSource::server)) {
    host.clock.synchronised = true;
  }
  find_in_clock(host, findings);
  return findings;
}

}  // namespace timecast
