// SPDX-License-Identifier: MIT
#include "common/host/finding.hpp"

#include <utility>

#include "common/host/clock_programs.hpp"
#include "common/host/json_object.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"

namespace timecast {

namespace {

std::string kernels_word(const KernelClock& clock) {
  if (clock.failure != 0) return untold_text(clock.failure);
  if (!clock.synchronised) return "not synchronised, by the kernel's word";
  return "synchronised, by the kernel's word to " + seconds_text(clock.max_error);
}

}  // namespace

Finding finding_from(const char* name, std::string what, const std::string& text,
                     const char* otherwise) {
  const std::size_t way_out = text.find("; ");
  return {name, std::move(what), text.substr(0, way_out),
          way_out == std::string::npos ? otherwise : text.substr(way_out + 2)};
}

std::string diagnosis_text(const Diagnosis& diagnosis) {
  StatusTable table;
  for (const Note& each : diagnosis.notes) table.row(each.about, each.text);
  for (const Finding& each : diagnosis.findings) {
    table.row("finding", each.what);
    table.row("  seen by", each.evidence);
    table.row("  way out", each.way_out);
  }
  const std::size_t count = diagnosis.findings.size();
  return table.text() + (count == 0 ? "nothing is wrong here\n" : counted(count, "finding") + '\n');
}

std::string diagnosis_lines(const Diagnosis& diagnosis, Timestamp<Realtime> now) {
  std::string lines;
  for (const Note& each : diagnosis.notes) {
    JsonObject line = JsonObject::line("note", now);
    line.add("about", each.about).add("text", each.text);
    lines += line.text() + '\n';
  }
  for (const Finding& each : diagnosis.findings) {
    JsonObject line = JsonObject::line("finding", now);
    line.add("finding", each.name)
        .add("text", each.what)
        .add("evidence", each.evidence)
        .add("way_out", each.way_out);
    lines += line.text() + '\n';
  }
  JsonObject summary = JsonObject::line("summary", now);
  summary.add("findings", diagnosis.findings.size());
  return lines + summary.text() + '\n';
}

int show(const Diagnosis& diagnosis, bool json) {
  const int printed =
      print(json ? diagnosis_lines(diagnosis, realtime_now()) : diagnosis_text(diagnosis));
  if (printed != 0) return printed;
  return diagnosis.findings.empty() ? 0 : kExitFailed;
}

void append(std::string& list, const std::string& item, const char* separator) {
  if (!list.empty()) list += separator;
  list += item;
}

std::string joined(const std::vector<std::string>& items, const char* separator) {
  std::string all;
  for (const std::string& each : items) append(all, each, separator);
  return all;
}

std::string in_words(const Process& process) {
  return process.name + " (pid " + std::to_string(process.pid) + ')';
}

std::string in_words(const std::vector<Process>& processes) {
  std::string all;
  for (const Process& each : processes) append(all, in_words(each));
  return all;
}

std::string in_words(const PortHolder& holder) {
  const Endpoint local{holder.socket.address, holder.socket.port, 0};
  const std::string who = holder.process
                              ? in_words(*holder.process)
                              : "a program of user " + std::to_string(holder.socket.uid) +
                                    " (ask as that user, or as root, for its name)";
  return to_string(local) + " is held by " + who;
}

std::string in_words(const ChosenInterface& chosen) {
  std::string addresses;
  for (const Prefix& prefix : chosen.addresses) append(addresses, to_string(prefix.address));
  return addresses.empty() ? chosen.interface.name : chosen.interface.name + ": " + addresses;
}

std::string in_words(const KernelClock& clock, const std::vector<Process>& setters) {
  return kernels_word(clock) +
         (setters.empty() ? "; no program sets it" : "; set by " + in_words(setters));
}

HostFacts gather_host_facts(const std::vector<std::string>& wanted) {
  HostFacts facts;
  facts.wanted = wanted;
  facts.interfaces = list_interfaces();
  facts.chosen = choose_interfaces(wanted, facts.interfaces);
  facts.clock = read_kernel_clock();
  facts.steerers = list_clock_programs();
  return facts;
}

}  // namespace timecast
