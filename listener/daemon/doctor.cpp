// SPDX-License-Identifier: MIT
#include "listener/daemon/doctor.hpp"

#include "common/host/json_object.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"
#include "listener/daemon/now.hpp"

namespace timecast {

namespace {

// What there is, good or bad.
struct Note {
  std::string about;
  std::string text;
};

Note interface_note(const ChosenInterface& chosen) {
  std::string text = chosen.interface.name;
  for (const Prefix& prefix : chosen.addresses) {
    text += (&prefix == &chosen.addresses.front() ? ": " : ", ") + to_string(prefix.address);
  }
  return {"interface", text};
}

Note group_note(const GroupTrial& trial) {
  std::string text = to_string(trial.wish.group) + " on " + trial.wish.interface_name;
  if (trial.wish.is_broadcast()) {
    text += ": a broadcast address";
  } else {
    text += trial.was_joined ? ": joined" : ": nobody on this host had joined it";
  }
  return {"group", text + (trial.failure ? "; not listened to by this program" : "")};
}

Note heard_note(const HeardSender& sender) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (sender.announcements != 0) {
    add(counted(sender.announcements, "announcement") + ", one every " +
        seconds_text(sender.interval));
  }
  if (sender.plain != 0) add(counted(sender.plain, "plain NTP broadcast"));
  if (sender.announces()) add("stratum " + std::to_string(sender.stratum));
  if (sender.announcements != 0) add("key " + to_base64(sender.key));
  if (sender.others != 0) add(counted(sender.others, "other packet"));
  return {"heard", to_string(sender.from) + " on " + sender.interface_name + ": " + text};
}

bool listener_has_time(const DoctorFacts& facts) {
  return facts.listener && has_time(facts.listener->state);
}

std::string kernels_word(const KernelClock& clock) {
  if (clock.failure != 0) return untold_text(clock.failure);
  if (!clock.synchronised) return "not synchronised, by the kernel's word";
  return "synchronised, by the kernel's word to " + seconds_text(clock.max_error);
}

Note clock_note(const DoctorFacts& facts) {
  std::string text = kernels_word(facts.clock);
  if (facts.steerers.empty()) {
    text += "; no program sets it";
    return {"clock",
            text + (listener_has_time(facts) ? ": timecast-listener now has the time" : "")};
  }
  for (const Process& each : facts.steerers) {
    text += (&each == &facts.steerers.front() ? "; set by " : ", ") + in_words(each);
  }
  return {"clock", text};
}

std::vector<Note> notes_on(const DoctorFacts& facts) {
  std::vector<Note> notes;
  for (const ChosenInterface& each : facts.chosen) notes.push_back(interface_note(each));
  for (const GroupTrial& each : facts.trials) notes.push_back(group_note(each));
  if (facts.listener) {
    notes.push_back({"listener", facts.listener->state + "; " + facts.listener->reason});
  }
  for (const HeardSender& each : facts.heard) notes.push_back(heard_note(each));
  if (facts.heard.empty()) {
    if (const auto apart = too_long_to_tell(facts)) {
      notes.push_back({"heard", "nothing in " + seconds_text(facts.listened) +
                                    "; announcements can be " + seconds_text(*apart) + " apart"});
    }
  }
  notes.push_back(clock_note(facts));
  return notes;
}

std::string summary_of(std::size_t findings) {
  if (findings == 0) return "nothing is wrong here\n";
  return counted(findings, "finding") + '\n';
}

}  // namespace

std::string doctor_text(const DoctorFacts& facts, const std::vector<Finding>& findings) {
  StatusTable table;
  for (const Note& each : notes_on(facts)) table.row(each.about, each.text);
  for (const Finding& each : findings) {
    table.row("finding", each.what);
    table.row("  seen by", each.evidence);
    table.row("  way out", each.way_out);
  }
  return table.text() + summary_of(findings.size());
}

std::string doctor_lines(const DoctorFacts& facts, const std::vector<Finding>& findings,
                         Timestamp<Realtime> now) {
  std::string lines;
  for (const Note& each : notes_on(facts)) {
    JsonObject line = JsonObject::line("note", now);
    line.add("about", each.about).add("text", each.text);
    lines += line.text() + '\n';
  }
  for (const Finding& each : findings) {
    JsonObject line = JsonObject::line("finding", now);
    line.add("finding", each.name)
        .add("text", each.what)
        .add("evidence", each.evidence)
        .add("way_out", each.way_out);
    lines += line.text() + '\n';
  }
  JsonObject summary = JsonObject::line("summary", now);
  summary.add("findings", findings.size());
  return lines + summary.text() + '\n';
}

int show_doctor(const ListenerOptions& options) {
  const DoctorFacts facts = gather_facts(options);
  const std::vector<Finding> findings = diagnose(facts);
  const int printed = print(options.json ? doctor_lines(facts, findings, realtime_now())
                                         : doctor_text(facts, findings));
  if (printed != 0) return printed;
  return findings.empty() ? 0 : kExitFailed;
}

}  // namespace timecast
