// SPDX-License-Identifier: MIT
#include "announcer/daemon/doctor.hpp"

#include <cerrno>

#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/status_table.hpp"

namespace timecast {

namespace {

Note key_note(const AnnouncerDoctorFacts& facts) {
  const KeptKey& kept = facts.kept;
  if (kept.key) return {"key", to_base64(*kept.key) + ", in " + kept.path};
  return {"key", kept.failure ? kept.failure->text : kept.path};
}

Note socket_note(const AnnouncingSocket& socket) {
  std::string text = socket.local + " (" + socket.interface_name + ")";
  if (!socket.open) return {socket.stream, text + ": off"};
  for (const AnnouncingSocket::Destination& each : socket.destinations) text += " -> " + each.to;
  return {socket.stream, socket.reason.empty() ? text : text + "; " + socket.reason};
}

}  // namespace

Diagnosis diagnosis_of(const AnnouncerDoctorFacts& facts) {
  Diagnosis diagnosis;
  std::vector<Note>& notes = diagnosis.notes;
  for (const ChosenInterface& each : facts.chosen) notes.push_back({"interface", in_words(each)});
  notes.push_back(key_note(facts));
  if (facts.announcer) {
    notes.push_back(
        {"announcer", (facts.announcer->synchronised ? "synchronised; " : "unsynchronised; ") +
                          facts.announcer->reason});
    for (const AnnouncingSocket& each : facts.announcer->sockets) {
      if (!each.destinations.empty() || !each.open) notes.push_back(socket_note(each));
    }
    notes.push_back({"heard", counted(facts.heard_own, "announcement") +
                                  " of this host came back to it in " +
                                  seconds_text(facts.listened)});
  }
  notes.push_back({"clock", in_words(facts.clock, facts.steerers)});
  diagnosis.findings = diagnose(facts);
  return diagnosis;
}

int show_doctor(const AnnouncerOptions& options) {
  return show(diagnosis_of(gather_facts(options)), options.json);
}

}  // namespace timecast
