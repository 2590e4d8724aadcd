// SPDX-License-Identifier: MIT
#include "common/host/kernel_tables.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <utility>

#include "common/host/atomic_file.hpp"

namespace timecast {

namespace {

constexpr int kHexadecimal = 16;

constexpr std::size_t kMostOctets = std::size_t{1} << 24;

template <class Number>
std::optional<Number> number_from(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  const bool whole = failed == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional{number} : std::nullopt;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words{line};
  return {std::istream_iterator<std::string>{words}, {}};
}

// As the kernel prints an address: each 32 bits of it as a number of this machine's.
std::optional<Address> address_from_words(std::string_view hex) {
  constexpr std::size_t kDigits = 8;
  const bool is_ipv6 = hex.size() == 4 * kDigits;
  if (!is_ipv6 && hex.size() != kDigits) return std::nullopt;
  Address address{is_ipv6 ? Family::ipv6 : Family::ipv4, {}};
  for (std::size_t at = 0; at < hex.size(); at += kDigits) {
    const auto word = number_from<std::uint32_t>(hex.substr(at, kDigits), kHexadecimal);
    if (!word) return std::nullopt;
    std::memcpy(address.octets.data() + at / 2, &*word, sizeof *word);
  }
  return address;
}

// Octet by octet.
std::optional<Address> ipv6_from_octets(std::string_view hex) {
  Address address{Family::ipv6, {}};
  if (hex.size() != 2 * address.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < address.octets.size(); ++i) {
    const auto octet = number_from<std::uint8_t>(hex.substr(2 * i, 2), kHexadecimal);
    if (!octet) return std::nullopt;
    address.octets[i] = *octet;
  }
  return address;
}

// "0100007F:2B73"
std::optional<BoundSocket> socket_from(const std::vector<std::string>& words) {
  constexpr std::size_t kLocal = 1, kUid = 7, kInode = 9;
  if (words.size() <= kInode) return std::nullopt;
  const std::string_view local = words[kLocal];
  const std::size_t colon = local.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto address = address_from_words(local.substr(0, colon));
  const auto port = number_from<std::uint16_t>(local.substr(colon + 1), kHexadecimal);
  const auto uid = number_from<std::uint32_t>(words[kUid]);
  const auto inode = number_from<std::uint64_t>(words[kInode]);
  if (!address || !port || !uid || !inode) return std::nullopt;
  return BoundSocket{*address, *port, *uid, *inode};
}

// The link that a descriptor is, for a socket: "socket:[12345]".
bool has_socket(const Process& process, std::uint64_t inode) {
  const std::string wanted = "socket:[" + std::to_string(inode) + ']';
  std::error_code failed;
  std::filesystem::directory_iterator entry{"/proc/" + std::to_string(process.pid) + "/fd", failed};
  for (; !failed && entry != std::filesystem::directory_iterator{}; entry.increment(failed)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry->path(), gone) == wanted) return true;
  }
  return false;
}

std::optional<Process> process_with(std::uint64_t inode, const std::vector<Process>& processes) {
  const auto found = std::find_if(processes.begin(), processes.end(),
                                  [&](const Process& each) { return has_socket(each, inode); });
  return found == processes.end() ? std::nullopt : std::optional{*found};
}

}  // namespace

std::string kernel_text(const std::string& path) {
  auto text = read_file(path, kMostOctets);
  return text ? std::move(*text) : std::string{};
}

// A line that begins with a number names an interface; the indented ones behind it are its groups.
std::vector<JoinedGroup> joined_ipv4_groups(std::string_view table) {
  std::vector<JoinedGroup> groups;
  std::istringstream lines{std::string{table}};
  std::string line, interface_name;
  while (std::getline(lines, line)) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 2) continue;
    if (line[0] != '\t' && line[0] != ' ') {
      interface_name = words[1].substr(0, words[1].find(':'));
    } else if (const auto group = address_from_words(words[0])) {
      groups.push_back({interface_name, *group});
    }
  }
  return groups;
}

std::vector<JoinedGroup> joined_ipv6_groups(std::string_view table) {
  std::vector<JoinedGroup> groups;
  std::istringstream lines{std::string{table}};
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 3) continue;
    if (const auto group = ipv6_from_octets(words[2])) groups.push_back({words[1], *group});
  }
  return groups;
}

std::vector<JoinedGroup> list_joined_groups() {
  auto groups = joined_ipv4_groups(kernel_text("/proc/net/igmp"));
  const auto ipv6 = joined_ipv6_groups(kernel_text("/proc/net/igmp6"));
  groups.insert(groups.end(), ipv6.begin(), ipv6.end());
  return groups;
}

std::vector<BoundSocket> bound_sockets(std::string_view table) {
  std::vector<BoundSocket> sockets;
  std::istringstream lines{std::string{table}};
  for (std::string line; std::getline(lines, line);) {
    if (const auto socket = socket_from(words_of(line))) sockets.push_back(*socket);
  }
  return sockets;
}

std::vector<PortHolder> holders_of_udp_port(std::uint16_t port) {
  std::vector<PortHolder> holders;
  const std::vector<Process> processes = list_processes();
  for (const char* const table : {"/proc/net/udp", "/proc/net/udp6"}) {
    for (const BoundSocket& socket : bound_sockets(kernel_text(table))) {
      if (socket.port != port) continue;
      holders.push_back({socket, process_with(socket.inode, processes)});
    }
  }
  return holders;
}

namespace {

// "PID (NAME) STATE ...", and a name may hold any of these.
bool is_dead(std::string_view stat) {
  const std::size_t name_ends = stat.rfind(')');
  return name_ends == std::string_view::npos || stat.substr(name_ends + 1, 2) == " Z";
}

}  // namespace

std::vector<Process> list_processes(const std::string& proc) {
  std::vector<Process> processes;
  std::error_code failed;
  std::filesystem::directory_iterator entry{proc, failed};
  for (; !failed && entry != std::filesystem::directory_iterator{}; entry.increment(failed)) {
    const auto pid = number_from<std::uint32_t>(entry->path().filename().string());
    if (!pid) continue;
    const std::string folder = entry->path().string();
    std::string name = kernel_text(folder + "/comm");
    if (!name.empty() && name.back() == '\n') name.pop_back();
    if (name.empty() || is_dead(kernel_text(folder + "/stat"))) continue;
    processes.push_back({*pid, std::move(name)});
  }
  return processes;
}

namespace {

// By its map of users: nobody without privileges can give another namespace the map of ours. One
// that has none yet is another; a kernel without namespaces shows none of ours.
bool is_in_our_user_namespace(const std::string& process, const std::string& proc) {
  const std::string ours = kernel_text(proc + "/self/uid_map");
  return ours.empty() || kernel_text(process + "/uid_map") == ours;
}

}  // namespace

bool may_set_clock(const Process& process, const std::string& proc) {
  const std::string folder = proc + "/" + std::to_string(process.pid);
  return has_clock_right(kernel_text(folder + "/status")) && is_in_our_user_namespace(folder, proc);
}

bool has_clock_right(std::string_view status) {
  constexpr std::string_view kEffective = "\nCapEff:\t";
  constexpr std::size_t kDigits = 16;
  const std::size_t at = status.find(kEffective);
  if (at == std::string_view::npos) return false;
  const auto rights =
      number_from<std::uint64_t>(status.substr(at + kEffective.size(), kDigits), kHexadecimal);
  return rights && (*rights >> CAP_SYS_TIME & 1U) != 0;
}

}  // namespace timecast
