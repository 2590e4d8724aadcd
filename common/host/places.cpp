// SPDX-License-Identifier: MIT
#include "common/host/places.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/host/environment.hpp"

namespace timecast {

namespace {

constexpr std::string_view kOtherSocket = "name another with --socket";
constexpr std::string_view kOtherState = "name another with --state-dir";
constexpr mode_t kSearchable = 0755;
constexpr mode_t kPrivate = 0700;

// The XDG specification wants absolute paths and has the others ignored.
std::optional<std::string> directory_in(const char* name) {
  auto value = environment(name);
  return value && value->front() == '/' ? value : std::nullopt;
}

// systemd separates several directories by colons; the first is ours.
std::optional<std::string> directory_variable(const char* name) {
  const auto value = directory_in(name);
  return value ? value->substr(0, value->find(':')) : value;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// False if it is there.
Result<bool> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return true;
  const int failed = errno;
  if (is_directory(path)) return false;
  return because(system_error("cannot make the directory " + path, failed));
}

Result<void> make_writable(const std::string& directory, mode_t mode) {
  auto made = make_directories(directory, mode);
  if (!made) return made;
  if (::access(directory.c_str(), W_OK | X_OK) == 0) return {};
  return because(system_error("cannot write to " + directory, errno));
}

}  // namespace

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> make_directories(std::string path, unsigned mode) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const auto made = make_directory(path.substr(0, end), kSearchable);
    if (!made) return because(made.error());
  }
  const auto made = make_directory(path, mode);
  if (!made) return because(made.error());
  // Those above it are as the umask wants them; who needs this one must get in.
  if (*made) ::chmod(path.c_str(), mode);
  return {};
}

std::string settings_file_place(std::string_view name) {
  const auto from_systemd = directory_variable("CONFIGURATION_DIRECTORY");
  return from_systemd.value_or(std::string{kSettingsDirectory}) + '/' + std::string{name} + ".json";
}

std::vector<std::string> control_socket_places(std::string_view program, const GivenPlace& given) {
  if (given) return {*given};
  const std::string name = '/' + std::string{program} + "/control";
  std::vector<std::string> places{"/run" + name};
  if (const auto runtime = directory_in("XDG_RUNTIME_DIR")) places.push_back(*runtime + name);
  return places;
}

Result<std::string> control_socket_place(std::string_view program, const GivenPlace& given) {
  std::string failures;
  for (const std::string& place : control_socket_places(program, given)) {
    const auto made = make_writable(parent_of(place), kSearchable);
    if (made) return place;
    failures.append(failures.empty() ? "" : ", and ").append(made.error().text);
  }
  return because(Error{failures + "; " + std::string{kOtherSocket}});
}

Result<std::string> find_state_directory(const GivenPlace& given) {
  if (given) return *given;
  if (const auto from_systemd = directory_variable("STATE_DIRECTORY")) return *from_systemd;
  if (const auto base = directory_in("XDG_STATE_HOME")) return *base + "/timecast";
  if (::geteuid() == 0) return "/var/lib/timecast";
  if (const auto home = directory_in("HOME")) return *home + "/.local/state/timecast";
  return because(
      Error{"there is no place for state: neither STATE_DIRECTORY, XDG_STATE_HOME nor "
            "HOME is set; name one with --state-dir"});
}

Result<std::string> state_directory(const GivenPlace& given) {
  auto wanted = find_state_directory(given);
  if (!wanted) return wanted;
  const auto made = make_writable(*wanted, kPrivate);
  if (!made) return because(state_error(made.error()));
  return wanted;
}

Error state_error(Error error) {
  if (error.errno_value == 0) return error;
  const bool is_anothers = error.errno_value == EACCES || error.errno_value == EPERM;
  error.text.append(is_anothers ? "; run this as a user who may, or " : "; ").append(kOtherState);
  return error;
}

}  // namespace timecast
