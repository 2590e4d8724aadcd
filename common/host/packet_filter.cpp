// SPDX-License-Identifier: MIT
#include "common/host/packet_filter.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <sstream>

#include "common/host/host_clock.hpp"
#include "common/host/kernel_tables.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

constexpr std::size_t kMostRules = 3;  // to be told; who has more looks for himself
constexpr Duration kPatience = Duration::seconds(2);

std::string trimmed(std::string_view line) {
  const std::size_t from = line.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  const std::size_t to = line.find_last_not_of(" \t{");
  return std::string{line.substr(from, to - from + 1)};
}

bool begins(const std::string& line, std::string_view word) { return line.rfind(word, 0) == 0; }

bool has(const std::string& line, std::string_view word) {
  return line.find(word) != std::string::npos;
}

bool hooks(const std::string& line, Traffic traffic) {
  const std::array<const char*, 3> in{"hook input", "hook prerouting", "hook ingress"};
  const std::array<const char*, 3> out{"hook output", "hook postrouting", "hook egress"};
  const auto& names = traffic == Traffic::in ? in : out;
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return has(line, name); });
}

// Where one is in a ruleset.
struct Place {
  std::string table, chain;
  bool is_in_the_way = true;  // a chain without a hook is jumped to
};

void read_line(const std::string& line, Traffic traffic, Place& place,
               std::vector<std::string>& rules) {
  if (begins(line, "table ")) place.table = line;
  if (begins(line, "chain ")) place = {place.table, line, true};
  const bool is_head = begins(line, "type ");
  if (is_head) place.is_in_the_way = hooks(line, traffic);
  const bool drops = is_head ? has(line, "policy drop") : has(line, "drop") || has(line, "reject");
  const bool is_rule = is_head || !(begins(line, "table ") || begins(line, "chain "));
  if (drops && is_rule && place.is_in_the_way && !place.chain.empty()) {
    rules.push_back(place.table + ", " + place.chain + ": " + line);
  }
}

// What a program says on standard output; nothing after its time.
std::string output_of(std::array<const char*, 4> command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const UniqueFd ours{ends[0]};
  UniqueFd theirs{ends[1]};
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, command[0], &actions, nullptr,
                                   const_cast<char* const*>(command.data()), nullptr);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {};
  theirs.reset();
  std::string output;
  std::array<char, 4096> buffer{};
  constexpr std::size_t kMostOctets = 1U << 20;
  const Timestamp<Boot> end = boot_now() + kPatience;
  pollfd ready{ours.get(), POLLIN, 0};
  while (output.size() < kMostOctets && boot_now() < end && ::poll(&ready, 1, 100) >= 0) {
    const ssize_t got = ready.revents == 0 ? 1 : ::read(ours.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    if (ready.revents != 0) output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return output;
}

unsigned filter_setting(const std::string& name) {
  std::istringstream text{kernel_text("/proc/sys/net/ipv4/conf/" + name + "/rp_filter")};
  unsigned value = 0;
  text >> value;
  return value;
}

}  // namespace

std::vector<std::string> dropping_rules(std::string_view ruleset, Traffic traffic) {
  std::vector<std::string> rules;
  std::istringstream lines{std::string{ruleset}};
  Place place;
  for (std::string line; std::getline(lines, line) && rules.size() < kMostRules;) {
    read_line(trimmed(line), traffic, place, rules);
  }
  return rules;
}

std::vector<std::string> list_dropping_rules(Traffic traffic) {
  return dropping_rules(output_of({"/usr/sbin/nft", "list", "ruleset", nullptr}), traffic);
}

// Two lines belong together: names, then values.
std::uint64_t reverse_path_drops(std::string_view netstat) {
  std::istringstream lines{std::string{netstat}};
  std::string names, values;
  while (std::getline(lines, names) && std::getline(lines, values)) {
    std::istringstream name_words{names}, value_words{values};
    std::string name, value;
    while (name_words >> name && value_words >> value) {
      if (name == "IPReversePathFilter") return std::strtoull(value.c_str(), nullptr, 10);
    }
  }
  return 0;
}

std::uint64_t count_reverse_path_drops() {
  return reverse_path_drops(kernel_text("/proc/net/netstat"));
}

unsigned reverse_path_filter(const std::string& interface) {
  return std::max(filter_setting("all"), filter_setting(interface));
}

}  // namespace timecast
