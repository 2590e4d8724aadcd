// SPDX-License-Identifier: MIT
#include "announcer/daemon/identity.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kNow{Duration::seconds(1'793'491'200)};

// A process that opens the identity and holds it until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& directory) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const UniqueFd told{pipe[0]};
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      const auto identity = open_identity(directory, kNow);
      const char has_it = identity ? 'y' : 'n';
      if (::write(pipe[1], &has_it, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(pipe[1]);
    char has_it = 0;
    REQUIRE(::read(told.get(), &has_it, 1) == 1);
    CHECK(has_it == 'y');
  }
  ~Holder() { kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  pid_t child_ = 0;
};

}  // namespace

TEST_CASE("identity: the first start makes a key, the next one has the same") {
  const TemporaryDirectory directory;
  const std::string state = directory / "state";
  PublicKey key{};
  {
    const auto identity = open_identity(state, kNow);
    REQUIRE(identity);
    CHECK(identity->directory == state);
    CHECK(identity->key_is_new);
    key = identity->key.public_key();
  }
  const auto identity = open_identity(state, kNow);
  REQUIRE(identity);
  CHECK_FALSE(identity->key_is_new);
  CHECK(identity->key.public_key() == key);
  CHECK(mode_of(key_path(state)) == 0600);
  CHECK(mode_of(state) == 0700);
}

TEST_CASE("identity: sequences go on behind those of the last run") {
  const TemporaryDirectory directory;
  const std::uint64_t first = open_identity(directory.path(), kNow).value().sequences.first();
  CHECK(open_identity(directory.path(), kNow).value().sequences.first() ==
        first + SequenceStore::kBlock);
}

TEST_CASE("identity: two announcers cannot share one") {
  const TemporaryDirectory directory;
  Holder holder{directory.path()};
  const auto second = open_identity(directory.path(), kNow);
  REQUIRE_FALSE(second);
  CHECK(second.error().exit_code == 1);
  CHECK(second.error().text == "another announcer uses " + directory.path() +
                                   ": two must not share a key; stop it, or name another directory "
                                   "with --state-dir");
}

TEST_CASE("identity: it is free again when its holder has ended, however it ended") {
  const TemporaryDirectory directory;
  Holder holder{directory.path()};
  holder.kill();
  CHECK(open_identity(directory.path(), kNow));
}

TEST_CASE("identity: a second attempt that is refused uses up no sequences") {
  const TemporaryDirectory directory;
  const auto first = open_identity(directory.path(), kNow);
  REQUIRE(first);
  const std::string reserved = file_content(directory / "announcer.sequence");
  CHECK_FALSE(open_identity(directory.path(), kNow));
  CHECK(file_content(directory / "announcer.sequence") == reserved);
}

TEST_CASE("identity: a key that cannot be read is an error, not a reason to make another") {
  const TemporaryDirectory directory;
  put_file(key_path(directory.path()), "no key");
  const auto identity = open_identity(directory.path(), kNow);
  REQUIRE_FALSE(identity);
  CHECK(identity.error().text.find(key_path(directory.path())) != std::string::npos);
  CHECK(file_content(key_path(directory.path())) == "no key");
}

TEST_CASE("identity: what cannot be made, read or written is an error that names the way out") {
  const TemporaryDirectory directory;
  put_file(directory / "file", "");
  struct Row {
    std::string state;
    std::string spoilt;  // a directory in a file's place
  };
  for (const Row& row : {
           Row{directory / "file/state", ""},
           Row{"/proc", ""},  // which root may write, it seems
           Row{directory / "lock", "/announcer.lock"},
           Row{directory / "key", "/announcer.key"},
           Row{directory / "sequence", "/announcer.sequence"},
       }) {
    CAPTURE(row.state);
    if (!row.spoilt.empty()) REQUIRE(make_directories(row.state + row.spoilt, 0700));
    const auto identity = open_identity(row.state, kNow);
    REQUIRE_FALSE(identity);
    CHECK_MESSAGE(identity.error().text.ends_with("; name another with --state-dir"),
                  identity.error().text);
  }
}
