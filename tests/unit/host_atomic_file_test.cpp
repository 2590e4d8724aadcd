// SPDX-License-Identifier: MIT
#include "common/host/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/host_memory.hpp"

using namespace timecast;

TEST_CASE("host atomic file: what is written is read, with the mode asked for") {
  const TemporaryDirectory directory;
  const std::string path = directory / "state";
  const std::string contents[] = {"", "one line\n", std::string("a\0b", 3),
                                  std::string(kFileLimit, 'x')};
  for (const mode_t mode : {mode_t{0600}, mode_t{0666}}) {
    for (const std::string& content : contents) {
      REQUIRE(write_file(path, content, mode));
      const auto read = read_file(path);
      REQUIRE(read);
      CHECK(*read == content);
      CHECK(mode_of(path) == mode);  // whatever the umask
    }
  }
  CHECK(directory.count() == 1);
}

TEST_CASE("host atomic file: who has the old file open keeps the old content") {
  const TemporaryDirectory directory;
  const std::string path = directory / "state";
  REQUIRE(write_file(path, "old", 0600));
  std::ifstream reader{path};
  REQUIRE(write_file(path, "new", 0600));
  std::string content;
  reader >> content;
  CHECK(content == "old");
  CHECK(file_content(path) == "new");
}

TEST_CASE("host atomic file: in passing, a file is replaced whole as well") {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  REQUIRE(write_passing_file(path, "first", 0644));
  const std::ifstream reader{path};
  REQUIRE(write_passing_file(path, "second", 0640));
  std::stringstream old;
  old << reader.rdbuf();
  CHECK(old.str() == "first");
  CHECK(file_content(path) == "second");
  CHECK(mode_of(path) == 0640);
  CHECK(directory.count() == 1);
}

TEST_CASE("host atomic file: a new file never replaces one") {
  const TemporaryDirectory directory;
  const std::string path = directory / "state";
  REQUIRE(write_new_file(path, "first", 0640));
  CHECK(mode_of(path) == 0640);
  const auto second = write_new_file(path, "second", 0640);
  REQUIRE_FALSE(second);
  CHECK(second.error().text == "cannot write " + path + ": file exists");
  CHECK(file_content(path) == "first");
  CHECK(directory.count() == 1);
}

TEST_CASE(
    "host atomic file: what is written in a user's directory is his, if root wrote it or he") {
  const TemporaryDirectory directory;
  give_to_another(directory.path());
  REQUIRE(write_file(directory / "one", "", 0600));
  REQUIRE(write_new_file(directory / "two", "", 0600));
  REQUIRE(write_passing_file(directory / "three", "", 0600));
  for (const char* name : {"one", "two", "three"}) {
    CAPTURE(name);
    CHECK(have_one_owner(directory / name, directory.path()));
  }
}

TEST_CASE("host atomic file: a user's file in a directory of root's stays his") {
  const TemporaryDirectory directory;
  put_file(directory / "model", "");
  put_file(directory / "state", "old");
  for (const char* name : {"model", "state"}) give_to_another(directory / name);
  REQUIRE(write_file(directory / "state", "new", 0600));
  CHECK(have_one_owner(directory / "state", directory / "model"));
  CHECK(file_content(directory / "state") == "new");
}

TEST_CASE("host atomic file: whose a link is says nothing of whose the file becomes") {
  const TemporaryDirectory directory;
  put_file(directory / "anothers", "");
  give_to_another(directory / "anothers");
  REQUIRE(::symlink((directory / "anothers").c_str(), (directory / "state").c_str()) == 0);
  REQUIRE(write_file(directory / "state", "", 0600));
  CHECK(have_one_owner(directory / "state", directory.path()));
}

TEST_CASE("host atomic file: a write that fails leaves the old file and nothing else") {
  const TemporaryDirectory directory;
  const std::string path = directory / "state";
  REQUIRE(write_file(path, "old", 0600));

  // A full disk, as far as a process can have one of its own.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto old_action = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto written = write_file(path, std::string(2000, 'x'), 0600);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  const bool was_ignored = std::signal(SIGXFSZ, old_action) == SIG_IGN;
  REQUIRE(was_ignored);

  REQUIRE_FALSE(written);
  CHECK(written.error().text == "cannot write " + path + ": file too large");
  CHECK(file_content(path) == "old");
  CHECK(directory.count() == 1);
}

TEST_CASE("host atomic file: a path that cannot be written is an error that names it") {
  const TemporaryDirectory directory;
  const std::string a_directory = directory / "directory";
  REQUIRE(::mkdir(a_directory.c_str(), 0700) == 0);
  struct Row {
    std::string path;
    const char* reason;
  };
  const Row rows[] = {{directory / "nowhere/state", "no such file or directory"},
                      {a_directory, "is a directory"}};
  for (const Row& row : rows) {
    const auto written = write_file(row.path, "content", 0600);
    REQUIRE_FALSE(written);
    CHECK(written.error().text == "cannot write " + row.path + ": " + row.reason);
  }
  CHECK(directory.count() == 1);
}

TEST_CASE("host atomic file: a file longer than the limit is not read") {
  const TemporaryDirectory directory;
  const std::string path = directory / "long";
  struct Row {
    std::size_t size;
    std::size_t limit;
    bool read;
  };
  const Row rows[] = {{0, 0, true},       {1, 0, false},       {100, 100, true},
                      {101, 100, false},  {4096, 4096, true},  {4097, 4096, false},
                      {8192, 8192, true}, {9000, 5000, false}, {5000, 9000, true}};
  for (const Row& row : rows) {
    CAPTURE(row.size);
    put_file(path, std::string(row.size, 'x'));
    const auto content = read_file(path, row.limit);
    CHECK(content.has_value() == row.read);
    if (content) CHECK(content->size() == row.size);
    if (!content) {
      CHECK(content.error().text ==
            "cannot read " + path + ": it is longer than " + std::to_string(row.limit) + " octets");
    }
  }
}

TEST_CASE("host atomic file: what cannot be read is an error that names it") {
  const TemporaryDirectory directory;
  const auto missing = read_file(directory / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text ==
        "cannot read " + directory / "missing" + ": no such file or directory");
  const auto not_a_file = read_file(directory.path());
  REQUIRE_FALSE(not_a_file);
  CHECK(not_a_file.error().text == "cannot read " + directory.path() + ": is a directory");
}

TEST_CASE("host atomic file: a pipe or a device is refused, and nobody waits for it") {
  const TemporaryDirectory directory;
  const std::string pipe = directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {pipe, std::string{"/dev/zero"}}) {
    for (const auto read : {read_file, read_private_file}) {
      const auto output = output_of([&] {
        ::alarm(10);  // seconds, for who does wait
        std::cerr << read(path, kFileLimit).error().text;
        return 0;
      });
      CHECK(output.exit_code == 0);
      CHECK(output.err == "cannot read " + path + ": it is no regular file");
    }
  }
}

TEST_CASE("host atomic file: a private file is read only while nobody else can open it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "secret";
  put_file(path, "content", 0600);
  CHECK(read_private_file(path) == "content");
  CHECK_FALSE(read_private_file(path, 3));
  CHECK_FALSE(read_private_file(directory / "missing"));
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  const auto refused = read_private_file(path);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text ==
        "cannot trust " + path + ": others than its owner can open it; chmod 600 " + path);
}

TEST_CASE("host atomic file: what was read is in memory once, however long it is") {
  const TemporaryDirectory directory;
  for (const std::size_t before : {0U, 100U, 4'090U, 10'000U}) {
    CAPTURE(before);
    const std::string path = directory / std::to_string(before);
    // In children: who writes it has it in his memory.
    static_cast<void>(output_of([&] {
      put_file(path, std::string(before, 'x') + secret_digits());
      return 0;
    }));
    for (const auto read : {read_private_file, read_shared_secret}) {
      CHECK(output_of([&] {
              const auto content = read(path, kFileLimit);
              return content && content->size() == before + kSecretDigits ? secrets_in_memory()
                                                                          : 100;
            }).exit_code == 1);
      CHECK(output_of([&] { return read(path, before) ? 100 : secrets_in_memory(); }).exit_code ==
            0);
    }
  }
}

TEST_CASE("host atomic file: a file exists or does not") {
  const TemporaryDirectory directory;
  CHECK(file_exists(directory.path()));
  CHECK_FALSE(file_exists(directory / "missing"));
}
