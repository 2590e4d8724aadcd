// SPDX-License-Identifier: MIT
#include "common/host/places.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

using Places = std::vector<std::string>;

// Sets a variable, or takes it away, and puts it back in the end.
class Variable {
 public:
  Variable(const char* name, const std::optional<std::string>& value) : name_{name} {
    if (const char* const before = ::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const std::optional<std::string>& value) {
    if (value) ::setenv(name_, value->c_str(), 1);
    if (!value) ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

class Umask {
 public:
  explicit Umask(mode_t mask) : before_{::umask(mask)} {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

}  // namespace

TEST_CASE("host places: who asks tries the given place alone, else the system's and the user's") {
  struct Row {
    GivenPlace given;
    std::optional<std::string> runtime;
    Places places;
  };
  const std::string system = "/run/timecast-x/control";
  const Row rows[] = {
      {"here", "/run/user/7", {"here"}},
      {std::nullopt, "/run/user/7", {system, "/run/user/7/timecast-x/control"}},
      {std::nullopt, std::nullopt, {system}},
      {std::nullopt, "", {system}},
      {std::nullopt, "relative", {system}},  // to be ignored, says the XDG specification
  };
  for (const Row& row : rows) {
    const Variable runtime{"XDG_RUNTIME_DIR", row.runtime};
    CHECK(control_socket_places("timecast-x", row.given) == row.places);
  }
}

TEST_CASE("host places: who listens makes the directory of the first place that works") {
  const TemporaryDirectory directory;
  const auto given = control_socket_place("timecast-x", directory / "a/b/control");
  REQUIRE(given);
  CHECK(*given == directory / "a/b/control");
  CHECK(mode_of(directory / "a/b") == 0755);
}

TEST_CASE("host places: no place to listen is an error with every reason and the way out") {
  const TemporaryDirectory directory;
  put_file(directory / "file", "");
  const auto none = control_socket_place("timecast-x", directory / "file/control");
  REQUIRE_FALSE(none);
  CHECK(none.error().text == "cannot make the directory " + directory / "file" +
                                 ": file exists; name another with --socket");

  // A name that no file system takes, so that /run is refused even to root.
  const std::string program(300, 'p');
  const Variable runtime{"XDG_RUNTIME_DIR", directory / "file"};
  const auto neither = control_socket_place(program, std::nullopt);
  REQUIRE_FALSE(neither);
  CHECK(neither.error().text == "cannot make the directory /run/" + program +
                                    ": file name too long, and cannot make the directory " +
                                    directory / "file" +
                                    ": file exists; name another with --socket");
}

TEST_CASE("host places: state goes where it was told, else where the environment says") {
  const TemporaryDirectory directory;
  struct Row {
    GivenPlace given;
    std::optional<std::string> systemd, xdg;
    std::string place;
  };
  const Row rows[] = {
      {directory / "given", directory / "systemd", directory / "xdg", directory / "given"},
      {std::nullopt, directory / "systemd", directory / "xdg", directory / "systemd"},
      {std::nullopt, directory / "one" + ":" + directory / "two", std::nullopt, directory / "one"},
      {std::nullopt, std::nullopt, directory / "xdg", directory / "xdg/timecast"},
      {std::nullopt, "relative", directory / "xdg", directory / "xdg/timecast"},
  };
  for (const Row& row : rows) {
    const Variable systemd{"STATE_DIRECTORY", row.systemd};
    const Variable xdg{"XDG_STATE_HOME", row.xdg};
    const auto place = state_directory(row.given);
    REQUIRE(place);
    CHECK(*place == row.place);
    CHECK(mode_of(row.place) == 0700);
  }
}

TEST_CASE("host places: a directory for state that cannot be made is an error with the way out") {
  const TemporaryDirectory directory;
  put_file(directory / "file", "");
  const auto place = state_directory(directory / "file");
  REQUIRE_FALSE(place);
  CHECK(place.error().text == "cannot make the directory " + directory / "file" +
                                  ": file exists; name another with --state-dir");
}

TEST_CASE("host places: what the system refuses in the directory for state has a way out") {
  const Error chosen{"cannot trust it; chmod 600 it"};
  CHECK(state_error(chosen).text == chosen.text);
  const Error full = state_error(system_error("cannot write it", ENOSPC));
  CHECK(full.text == "cannot write it: no space left on device; name another with --state-dir");
  CHECK(full.errno_value == ENOSPC);
  for (const int reason : {EACCES, EPERM}) {
    CHECK(state_error(system_error("cannot read it", reason)).text ==
          "cannot read it: " + reason_of(reason) +
              "; run this as a user who may, or name another with --state-dir");
  }
}

TEST_CASE("host places: a directory gets its mode whatever the umask, those above it do not") {
  const TemporaryDirectory directory;
  const Umask strict{0077};
  REQUIRE(make_directories(directory / "a/b/c//", 0755));
  CHECK(mode_of(directory / "a/b/c") == 0755);
  CHECK(mode_of(directory / "a/b") == 0700);
  const Umask lax{0};
  REQUIRE(make_directories(directory / "a/b/d", 0700));
  CHECK(mode_of(directory / "a/b/d") == 0700);
}

TEST_CASE("host places: a directory that is there stays as it is") {
  const TemporaryDirectory directory;
  REQUIRE(make_directories(directory / "a", 0750));
  REQUIRE(make_directories(directory / "a", 0755));
  CHECK(mode_of(directory / "a") == 0750);
  CHECK(make_directories("/", 0755));
}

TEST_CASE("host places: a directory that cannot be made is an error with the true reason") {
  const TemporaryDirectory directory;
  const std::string dangling = directory / "dangling";
  REQUIRE(::symlink("nowhere", dangling.c_str()) == 0);
  put_file(directory / "file", "");
  struct Row {
    std::string path, part;
    const char* reason;
  };
  const Row rows[] = {
      {dangling, dangling, "file exists"},
      {directory / "file", directory / "file", "file exists"},
      {directory / "file/below", directory / "file", "file exists"},
      {"", "", "no such file or directory"},
  };
  for (const Row& row : rows) {
    const auto made = make_directories(row.path, 0755);
    REQUIRE_FALSE(made);
    CHECK(made.error().text == "cannot make the directory " + row.part + ": " + row.reason);
  }
}

TEST_CASE("host places: a path has a parent") {
  const std::pair<const char*, const char*> rows[] = {
      {"/run/x/control", "/run/x"}, {"/control", "/"}, {"control", "."}, {"a/control", "a"}};
  for (const auto& [path, parent] : rows) CHECK(parent_of(path) == parent);
}

TEST_CASE("host places: settings are where systemd says, else in /etc/timecast") {
  const Variable unset{"CONFIGURATION_DIRECTORY", std::nullopt};
  CHECK(settings_file_place("announcer") == "/etc/timecast/announcer.json");
  const Variable set{"CONFIGURATION_DIRECTORY", "/c:/d"};
  CHECK(settings_file_place("announcer") == "/c/announcer.json");
}
