// SPDX-License-Identifier: MIT
#include "common/host/log.hpp"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "common/host/unique_fd.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

// What log() writes while standard error is a file; `stream` is the value of JOURNAL_STREAM for
// that file, or of some other one.
std::string logged(Level level, const std::string& text, bool is_journal) {
  const TemporaryDirectory directory;
  const std::string path = directory / "stderr";
  const UniqueFd file{::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)};
  struct stat status {};
  REQUIRE(::fstat(file.get(), &status) == 0);
  const ino_t inode = is_journal ? status.st_ino : status.st_ino + 1;
  const std::string stream = std::to_string(status.st_dev) + ':' + std::to_string(inode);

  const UniqueFd saved{::dup(STDERR_FILENO)};
  REQUIRE(::dup2(file.get(), STDERR_FILENO) == STDERR_FILENO);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  log(level, text);
  ::unsetenv("JOURNAL_STREAM");
  REQUIRE(::dup2(saved.get(), STDERR_FILENO) == STDERR_FILENO);
  return file_content(path);
}

}  // namespace

TEST_CASE("host log: a line has the program's name for people and a priority for the journal") {
  struct Row {
    Level level;
    const char* text;
    const char* for_people;
    const char* for_journal;
  };
  const Row rows[] = {
      {Level::error, "no", "timecast-x: no\n", "<3>no\n"},
      {Level::warning, "hm", "timecast-x: hm\n", "<4>hm\n"},
      {Level::info, "yes", "timecast-x: yes\n", "<6>yes\n"},
      {Level::info, "", "timecast-x: \n", "<6>\n"},
      {Level::info, "a\nb\r\x1b[2J\x7f\tc", "timecast-x: a?b??[2J??c\n", "<6>a?b??[2J??c\n"},
      {Level::info, "Z\xc3\xbcrich", "timecast-x: Z\xc3\xbcrich\n", "<6>Z\xc3\xbcrich\n"},
  };
  for (const Row& row : rows) {
    CHECK(log_line(row.level, row.text, "timecast-x", false) == row.for_people);
    CHECK(log_line(row.level, row.text, "timecast-x", true) == row.for_journal);
  }
}

TEST_CASE("host log: a zero octet ends no line") {
  CHECK(log_line(Level::info, std::string{"a\0b", 3}, "x", false) == "x: a?b\n");
}

TEST_CASE("host log: the journal's form is for standard error that is the journal, and no other") {
  CHECK(logged(Level::warning, "text", true) == "<4>text\n");
  const std::string name = ::program_invocation_short_name;
  CHECK(logged(Level::warning, "text", false) == name + ": text\n");
}
