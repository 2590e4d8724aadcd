// SPDX-License-Identifier: MIT
#include "listener/daemon/shared_page.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "common/host/atomic_file.hpp"
#include "common/host/unique_fd.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/shared_page.hpp"

using namespace timecast;

namespace {

std::uint32_t word_of(const std::string& path, std::size_t offset) {
  const std::string content = file_content(path);
  REQUIRE(content.size() == kPageOctets);
  std::uint32_t word = 0;
  std::memcpy(&word, content.data() + offset, sizeof word);
  return word;
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

PageValues values_in(const std::string& path) {
  const std::string content = file_content(path);
  REQUIRE(content.size() == kPageOctets);
  PageValues values{};
  const std::size_t slot = word_of(path, 28) % 2;
  std::memcpy(&values, content.data() + 64 + 256 * slot, sizeof values);
  return values;
}

// Turns one bit over.
void spoil(const std::string& path, std::size_t offset) {
  const char octet = static_cast<char>(file_content(path).at(offset) ^ 1);
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  REQUIRE(file.seekp(static_cast<std::streamoff>(offset)).put(octet));
}

constexpr std::size_t kAbandoned = 24;
constexpr std::size_t kSequence = 28;

}  // namespace

TEST_CASE("daemon's page: a new one is whole from the beginning, and anybody may read it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  const mode_t old_mask = ::umask(0077);
  const auto page = SharedPage::open(path, all_of(1));
  ::umask(old_mask);
  REQUIRE(page);
  CHECK(page->path() == path);
  CHECK(mode_of(path) == 0644);
  CHECK(same_values(values_in(path), all_of(1)));
  CHECK(directory.count() == 2);  // and its lock
}

TEST_CASE("daemon's page: one that fits is used again, and counted on") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  { CHECK(SharedPage::open(path, all_of(1))); }
  const ino_t inode = inode_of(path);
  const std::uint32_t sequence = word_of(path, kSequence);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(SharedPage::open(path, all_of(2)));
  CHECK(inode_of(path) == inode);
  CHECK(word_of(path, kSequence) == sequence + 1);
  CHECK(same_values(values_in(path), all_of(2)));
  CHECK(mode_of(path) == 0644);
  CHECK(word_of(path, kAbandoned) == 0);
}

TEST_CASE("daemon's page: one that does not fit is replaced, and its readers are told") {
  struct Row {
    const char* what;
    std::size_t offset;
    bool is_told;
  };
  for (const Row& row : {Row{"no page", 0, false}, Row{"another version", 8, true},
                         Row{"another size", 13, true}, Row{"of another boot", 16, true}}) {
    CAPTURE(row.what);
    const TemporaryDirectory directory;
    const std::string path = directory / "page";
    { CHECK(SharedPage::open(path, all_of(1))); }
    spoil(path, row.offset);
    const UniqueFd old{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const ino_t inode = inode_of(path);
    CHECK(SharedPage::open(path, all_of(2)));
    CHECK(inode_of(path) != inode);
    CHECK(same_values(values_in(path), all_of(2)));
    std::uint32_t abandoned = 0;
    REQUIRE(::pread(old.get(), &abandoned, sizeof abandoned, kAbandoned) == sizeof abandoned);
    CHECK((abandoned == 1) == row.is_told);
  }
}

TEST_CASE("daemon's page: one that was given up already is not used again") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  { CHECK(SharedPage::open(path, all_of(1))); }
  spoil(path, kAbandoned);
  CHECK(SharedPage::open(path, all_of(2)));
  CHECK(word_of(path, kAbandoned) == 0);
}

TEST_CASE("daemon's page: a file of another length is replaced, never cut or lengthened") {
  for (const std::size_t octets : {std::size_t{0}, kPageOctets - 1, kPageOctets + 1}) {
    CAPTURE(octets);
    const TemporaryDirectory directory;
    const std::string path = directory / "page";
    put_file(path, std::string(octets, 'x'));
    const UniqueFd old{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    CHECK(SharedPage::open(path, all_of(2)));
    CHECK(same_values(values_in(path), all_of(2)));
    struct stat status {};
    REQUIRE(::fstat(old.get(), &status) == 0);
    CHECK(status.st_size == static_cast<off_t>(octets));
  }
}

TEST_CASE("daemon's page: what a link points to is left alone") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  { CHECK(SharedPage::open(directory / "other", all_of(1))); }
  const std::string other = file_content(directory / "other");
  std::filesystem::create_symlink(directory / "other", path);
  CHECK(SharedPage::open(path, all_of(2)));
  CHECK(file_content(directory / "other") == other);
  CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  std::filesystem::remove(path);
  std::filesystem::create_hard_link(directory / "other", path);
  CHECK(SharedPage::open(path, all_of(3)));
  CHECK(file_content(directory / "other") == other);
}

TEST_CASE("daemon's page: a second writer is refused, with the way out, and writes nothing") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  auto first = SharedPage::open(path, all_of(1));
  REQUIRE(first);
  const std::string before = file_content(path);
  const auto second = SharedPage::open(path, all_of(2));
  REQUIRE_FALSE(second);
  CHECK(second.error().text == "another program writes " + path +
                                   "; stop it, or name a socket in another directory with "
                                   "--socket");
  CHECK(file_content(path) == before);
  first->write(all_of(3));
  CHECK(same_values(values_in(path), all_of(3)));
}

TEST_CASE("daemon's page: what stands in the way is said with the way out") {
  const TemporaryDirectory directory;
  put_file(directory / "file", "");
  std::filesystem::create_directory(directory / "page");
  for (const std::string& path :
       {directory / "file/page", directory / "page", directory / "nowhere/page"}) {
    CAPTURE(path);
    const auto page = SharedPage::open(path, all_of(1));
    REQUIRE_FALSE(page);
    CHECK(page.error().text.find("cannot ") == 0);
    CHECK(page.error().text.find(path) != std::string::npos);
    CHECK(page.error().text.ends_with("; name a socket in another directory with --socket"));
  }
  CHECK_FALSE(file_exists(directory / "page.new"));
}

TEST_CASE("daemon's page: one that was killed while it made a page leaves nothing in the way") {
  const TemporaryDirectory directory;
  put_file(directory / "page.new", "half");
  CHECK(SharedPage::open(directory / "page", all_of(1)));
  CHECK_FALSE(file_exists(directory / "page.new"));
}

TEST_CASE("daemon's page: stands beside the control socket") {
  const TemporaryDirectory directory;
  const auto place = shared_page_place(directory / "deep/control");
  REQUIRE(place);
  CHECK(*place == directory / "deep/page");
}

TEST_CASE("daemon's page: a process that is killed at any instant leaves whole values") {
  const TemporaryDirectory directory;
  const std::string path = directory / "page";
  std::int64_t next = 0;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    std::array<int, 2> ready{};
    REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
    const UniqueFd hears{ready[0]};
    UniqueFd tells{ready[1]};
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto page = SharedPage::open(path, all_of(next));
      if (page && ::write(tells.get(), "x", 1) == 1) {
        while (true) page->write(all_of(++next));
      }
      ::_exit(1);
    }
    tells.reset();
    char octet = 0;
    REQUIRE(::read(hears.get(), &octet, 1) == 1);
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    const PageValues left = values_in(path);
    CHECK(same_values(left, all_of(left.raw_ns)));
    CHECK(left.raw_ns >= next);
    next = left.raw_ns + 1;
  }
  CHECK(SharedPage::open(path, all_of(next)));
  CHECK(same_values(values_in(path), all_of(next)));
}
