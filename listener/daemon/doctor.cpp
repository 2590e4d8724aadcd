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

Note clock_note(const DoctorFacts& facts) {
  const bool is_measured = facts.steerers.empty() && listener_has_time(facts);
  return {"clock", in_words(facts.clock, facts.steerers) +
                       (is_measured ? ": timecast-listener now has the time" : "")};
}

std::vector<Note> notes_on(const DoctorFacts& facts) {
  std::vector<Note> notes;
  for (const ChosenInterface& each : facts.chosen) notes.push_back({"interface", in_words(each)});
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

}  // namespace

std::string doctor_text(const DoctorFacts& facts, const std::vector<Finding>& findings) {
  return diagnosis_text({notes_on(facts), findings});
}

std::string doctor_lines(const DoctorFacts& facts, const std::vector<Finding>& findings,
                         Timestamp<Realtime> now) {
  return diagnosis_lines({notes_on(facts), findings}, now);
}

int show_doctor(const ListenerOptions& options) {
  const DoctorFacts facts = gather_facts(options);
  return show({notes_on(facts), diagnose(facts)}, options.json);
}

}  // namespace timecast
