// SPDX-License-Identifier: MIT
//
// What `doctor` of either program has found: what is wrong, what shows it, the way out; and what
// there is, good or bad.
//
// Threads: any; pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <timecast/time/timestamp.hpp>

#include "common/host/chosen_interfaces.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/kernel_tables.hpp"

namespace timecast {

struct Finding {
  std::string name;  // for programs: "port-held"
  std::string what;
  std::string evidence;
  std::string way_out;
};

struct Note {
  std::string about;
  std::string text;
};

struct Diagnosis {
  std::vector<Note> notes;
  std::vector<Finding> findings;  // causes before their effects; none on a healthy host
};

[[nodiscard]] std::string diagnosis_text(const Diagnosis& diagnosis);
// A line of JSON for each note and finding, and one with their number.
[[nodiscard]] std::string diagnosis_lines(const Diagnosis& diagnosis, Timestamp<Realtime> now);
// Prints it and returns the exit status: 1 if there is a finding.
[[nodiscard]] int show(const Diagnosis& diagnosis, bool json);

// To who waits at a terminal, on standard error.
void say_meanwhile(const std::string& what);

// Adds to a list in words.
void append(std::string& list, const std::string& item, const char* separator = ", ");

// "chronyd (pid 42)"
[[nodiscard]] std::string in_words(const Process& process);
[[nodiscard]] std::string in_words(const std::vector<Process>& processes);
// "0.0.0.0:123 is held by chronyd (pid 42)"
[[nodiscard]] std::string in_words(const PortHolder& holder);
// "eth0: 192.0.2.1, fe80::1"
[[nodiscard]] std::string in_words(const ChosenInterface& chosen);
// Whether it is synchronised and who sets it.
[[nodiscard]] std::string in_words(const KernelClock& clock, const std::vector<Process>& setters);

// ---- What both programs look at ----

struct HostFacts {
  std::vector<std::string> wanted;  // interfaces that the operator named
  std::vector<Interface> interfaces;
  std::vector<ChosenInterface> chosen;
  KernelClock clock;
  std::vector<Process> steerers;  // programs that may set this host's clock
};
[[nodiscard]] HostFacts gather_host_facts(const std::vector<std::string>& wanted);

// Interfaces that are missing or cannot be used.
// `others_in_use`: a program that runs has some that nobody would choose unasked.
void find_in_interfaces(const HostFacts& facts, bool others_in_use, std::vector<Finding>& findings);
// A daemon whose keeper of the clock does not answer. `said`: what that daemon says of its clock.
void find_in_keeper(std::string_view said, std::vector<Finding>& findings);
// More than one program that sets the clock, or one that has not.
void find_in_clock(const HostFacts& facts, std::vector<Finding>& findings);

}  // namespace timecast
