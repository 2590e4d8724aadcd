// SPDX-License-Identifier: MIT
#include "common/host/container_bridge.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <vector>

namespace timecast {

namespace {

namespace fs = std::filesystem;

// What is in a folder; nothing if there is none.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator each{folder, failed}, end; !failed && each != end;
       each.increment(failed)) {
    names.push_back(each->path().filename());
  }
  return names;
}

int number_in(const fs::path& file) {
  int number = 0;
  std::ifstream{file} >> number;
  return number;
}

bool has_lower(const fs::path& interface) {
  for (const std::string_view name : names_in(interface)) {
    if (name.starts_with("lower_")) return true;
  }
  return false;
}

// A cable has the number of its other end. So have VLANs and the like, but these say on what they
// are built.
int other_end(const fs::path& interface) {
  std::error_code failed;
  const int linked = number_in(interface / "iflink");
  if (linked == number_in(interface / "ifindex") || has_lower(interface)) return 0;
  return fs::exists(interface / "device", failed) ? 0 : linked;
}

using Names = std::map<int, std::string>;

// Of all interfaces here, by their numbers: looked up once, not once a container.
Names names_of(const fs::path& all) {
  Names names;
  for (const std::string& name : names_in(all)) {
    names.emplace(number_in(all / name / "ifindex"), name);
  }
  return names;
}

// Numbers of other namespaces can be those of interfaces here, which do not lead back.
bool ends_here(const fs::path& all, const Names& names, const fs::path& port, int end) {
  const auto found = names.find(end);
  return found != names.end() && other_end(all / found->second) == number_in(port / "ifindex");
}

}  // namespace

bool is_container_bridge(const std::string& name, const std::string& sysfs) {
  const fs::path all{sysfs};
  std::error_code failed;
  if (!fs::is_directory(all / name / "bridge", failed)) return false;
  const Names names = names_of(all);
  for (const std::string& each : names_in(all / name / "brif")) {
    const fs::path port = all / each;
    const int end = other_end(port);
    if (end == 0 || ends_here(all, names, port, end)) return false;
  }
  return true;
}

}  // namespace timecast
