// SPDX-License-Identifier: MIT
#include "announcer/daemon/program.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "announcer/daemon/identity.hpp"
#include "common/host/signing_key.hpp"
#include "tests/unit/arguments.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

ChildOutput run(const std::string& words) {
  return output_of([&] {
    const Arguments arguments{"timecast-announcer " + words};
    return announcer_program(arguments.count(), arguments.pointers());
  });
}

std::string complaint(const ChildOutput& output) {
  CHECK(output.out == "");
  return output.err.substr(output.err.find(": ") + 2);
}

}  // namespace

TEST_CASE("announcer program: a key is made once, and shown") {
  const TemporaryDirectory directory;
  const std::string state = directory / "state";
  const ChildOutput made = run("key new --state-dir " + state);
  CHECK(made.exit_code == 0);
  CHECK(made.err == "");
  REQUIRE(made.out.size() == 45);  // 32 octets as base64, and a line feed
  const ChildOutput shown = run("key show --state-dir " + state);
  CHECK(shown.exit_code == 0);
  CHECK(shown.out == made.out);

  const ChildOutput again = run("key new --state-dir " + state);
  CHECK(again.exit_code == 1);
  CHECK(complaint(again) == "there is a key already, " + key_path(state) +
                                "; move it away first, but listeners know this announcer by it\n");
  CHECK(run("key show --state-dir " + state).out == made.out);
}

TEST_CASE("announcer program: a key is shown as an array of C, octet by octet") {
  const TemporaryDirectory directory;
  const std::string state = directory / "state";
  const std::string made = run("key new --state-dir " + state).out;
  const ChildOutput shown = run("key show --c --state-dir " + state);
  CHECK(shown.exit_code == 0);
  std::istringstream text{shown.out};
  std::string line;
  std::getline(text, line);
  CHECK(line + '\n' == "// " + made);
  std::getline(text, line);
  CHECK(line == "static const unsigned char timecast_key[32] = {");
  PublicKey key{};
  for (std::uint8_t& octet : key) {
    std::string word;
    text >> word;
    REQUIRE(word.size() == 5);
    octet = static_cast<std::uint8_t>(std::stoul(word, nullptr, 16));
  }
  CHECK(to_base64(key) + '\n' == made);
  std::string rest;
  text >> rest;
  CHECK(rest == "};");
}

TEST_CASE("announcer program: to look for a key makes nothing") {
  const TemporaryDirectory directory;
  const ChildOutput shown = run("key show --state-dir " + (directory / "state"));
  CHECK(shown.exit_code == 1);
  CHECK(complaint(shown) == "there is no key " + key_path(directory / "state") +
                                "; make one by `timecast-announcer key new`, or name the directory "
                                "by --state-dir\n");
  CHECK(directory.count() == 0);
}

TEST_CASE("announcer program: a key that cannot be shown or made comes with the way out") {
  const TemporaryDirectory directory;
  const std::string state = directory / "state";
  const std::string key = key_path(state);
  const auto complaint_of = [&](const std::string& command, const std::string& state_directory) {
    const ChildOutput output = run(command + " --state-dir " + state_directory);
    CHECK(output.exit_code == 1);
    return complaint(output);
  };
  REQUIRE(make_directories(key, 0700));
  CHECK(complaint_of("key show", state) ==
        "cannot read " + key + ": is a directory; name another with --state-dir\n");
  CHECK(complaint_of("key new", "/proc").ends_with("; name another with --state-dir\n"));
  std::filesystem::remove(key);
  put_file(key, "garbled", 0600);
  CHECK(complaint_of("key show", state) ==
        key +
            ": holds no Ed25519 private key (PKCS#8, PEM, no passphrase); restore it, or move it "
            "away and a new one will be made\n");
  put_file(key, "for everybody", 0644);
  CHECK(complaint_of("key show", state) ==
        "cannot trust " + key + ": others than its owner can open it; chmod 600 " + key + "\n");
  put_file(key, "for nobody", 0);
  const ChildOutput unreadable = output_of([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) return 99;
    const Arguments arguments{"timecast-announcer key show --state-dir " + state};
    return announcer_program(arguments.count(), arguments.pointers());
  });
  CHECK(unreadable.exit_code == 1);
  CHECK(complaint(unreadable) ==
        "cannot read " + key +
            ": permission denied; run this as a user who may, or name another "
            "with --state-dir\n");
}

TEST_CASE("announcer program: ends with the status of what went wrong") {
  const TemporaryDirectory directory;
  const std::string state = " --state-dir " + (directory / "state");
  CHECK(run("--help").exit_code == 0);
  CHECK(run("--version").exit_code == 0);
  CHECK(run("--bogus").exit_code == 2);
  CHECK(run("status --socket " + (directory / "control")).exit_code == 1);
  const ChildOutput nowhere = run("--interface no-such-interface" + state);
  CHECK(nowhere.exit_code == 1);
  CHECK(complaint(nowhere).starts_with("--interface: there is no interface \"no-such-interface\""));
  CHECK(directory.count() == 0);
  const std::string file = directory / "settings.json";
  put_file(file, R"({"interface": ["no-such-interface"]})");
  const ChildOutput filed = run("--settings " + file + state);
  CHECK(filed.exit_code == 1);
  CHECK(complaint(filed).starts_with(file + ": interface: there is no interface "));
  CHECK(complaint(run("--interface none --settings " + file + state))
            .starts_with("--interface: there is no interface \"none\""));
}
