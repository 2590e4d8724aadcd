// SPDX-License-Identifier: MIT
#include "listener/daemon/replay.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"
#include "tests/unit/listener_recording.hpp"
#include "tests/unit/listener_watch.hpp"

namespace timecast::test {
namespace {

Bytes frame_of(const HeardPacket& packet) {
  return ethernet(0x0800, ipv4(packet.from, packet.group, octets_of(packet.octets)));
}

struct Replayed {
  std::vector<std::string> lines;
  std::vector<std::string> warnings;
  std::string error;
};

Replayed replayed(const PcapFile& file, const WatchOptions& options = {}) {
  Replayed out;
  auto replay = Replay::open(reading(file.octets), options,
                             [&](const std::string& text) { out.warnings.push_back(text); });
  REQUIRE(replay);
  Watch watch{
      {false, false}, toy_verifier(), [&](std::string_view line) { out.lines.emplace_back(line); }};
  auto more = replay->step(watch);
  while (more && *more) more = replay->step(watch);
  if (!more) out.error = more.error().text;
  watch.end(replay->end());
  return out;
}

ListenerOptions options_for(const std::string& path) {
  ListenerOptions options;
  options.watch.replay = path;
  return options;
}

void write_file(const std::string& path, const Bytes& octets) {
  put_file(path, std::string{octets.begin(), octets.end()});
}

}  // namespace

TEST_CASE("replay: shows what was announced, with the times of the recording") {
  FakeAnnouncer announcer;
  announcer.ahead = Duration::milliseconds(3);
  PcapFile file;
  for (int i = 0; i < 3; ++i) {
    const HeardPacket packet = announcer.send(kSecond * i);
    file.add(packet.at.realtime, frame_of(packet));
  }
  const Replayed out = replayed(file);
  REQUIRE(out.lines.size() == 5);
  CHECK(out.lines[2] ==
        "2026-11-01T00:00:02.000000Z  192.0.2.2  -  precise  stratum 2, reference 10.0.0.1, leap "
        "none, interval 1 s, sequence 103, offset +3 ms, signed by AQEBAQEB");
  CHECK(out.lines[3] == "3 announcements on 1 stream, 0 alarms, 0 other packets");
}

TEST_CASE("replay: silence is told when it began, before the packet that ends it") {
  FakeAnnouncer announcer;
  PcapFile file;
  for (const int second : {0, 1, 60}) {
    const HeardPacket packet = announcer.send(kSecond * second);
    file.add(packet.at.realtime, frame_of(packet));
  }
  const Replayed out = replayed(file);
  REQUIRE(out.lines.size() == 7);
  CHECK(out.lines[2].starts_with("2026-11-01T00:00:04.100000Z  ALARM silence: "));
  CHECK(out.lines[3].starts_with("2026-11-01T00:01:00.000000Z  192.0.2.2"));
  CHECK(out.lines[4].starts_with("2026-11-01T00:01:00.000000Z  ALARM heard-again: "));
}

TEST_CASE("replay: other people's packets are left alone, unless they are named") {
  const Endpoint from = parse_endpoint("192.0.2.3:4711", 0).value();
  const Endpoint to = parse_endpoint("224.0.0.100:10001", 0).value();
  PcapFile file;
  file.add(after({}).realtime, ethernet(0x0806, Bytes(28, 0)));
  file.add(after({}).realtime, ethernet(0x0800, ipv4(from, to, from_hex("48656c6c6f"))));
  CHECK(replayed(file).lines.front() == "0 announcements on 0 streams, 0 alarms, 0 other packets");
  WatchOptions options;
  options.groups = {to.address};
  options.ports = {to.port};
  const Replayed out = replayed(file, options);
  REQUIRE(out.lines.size() == 2);
  CHECK(out.lines[0] ==
        "2026-11-01T00:00:00.000000Z  192.0.2.3  -  port 4711 to 224.0.0.100 port 10001, 5 octets, "
        "no NTP packet: too short: 48 65 6c 6c 6f");
}

TEST_CASE("replay: damaged packets are named and left out, a few of them one by one") {
  FakeAnnouncer announcer;
  const HeardPacket packet = announcer.send({});
  Bytes cut = frame_of(packet);
  cut.resize(100);
  PcapFile file;
  for (int i = 0; i < 10; ++i) file.add(packet.at.realtime, cut);
  file.add(packet.at.realtime, frame_of(packet));
  const Replayed out = replayed(file);
  CHECK(out.lines.size() == 3);  // the good one is shown
  REQUIRE(out.warnings.size() == 9);
  CHECK(out.warnings[0] == "packet 1 is left out: the IPv4 packet is cut off");
  CHECK(out.warnings[8] == "2 more packets are left out for such reasons");
}

TEST_CASE("replay: what was read before the damage is shown") {
  FakeAnnouncer announcer;
  const HeardPacket packet = announcer.send({});
  PcapFile file;
  file.add(packet.at.realtime, frame_of(packet)).add(packet.at.realtime, frame_of(packet));
  file.octets.pop_back();
  const Replayed out = replayed(file);
  CHECK(out.error.starts_with("packet 2: the file ends after "));
  REQUIRE(out.lines.size() == 3);
  CHECK(out.lines[1] == "1 announcement on 1 stream, 0 alarms, 0 other packets");
}

TEST_CASE("replay: the command reads a file to its end") {
  const TemporaryDirectory directory;
  PcapFile file;
  write_file(directory / "good", file.octets);
  const auto output = output_of([&] { return show_replay(options_for(directory / "good")); });
  CHECK(output.exit_code == 0);
  CHECK(output.out == "0 announcements on 0 streams, 0 alarms, 0 other packets\n");
  CHECK(output.err == "");
}

TEST_CASE("replay: the command names the file that it cannot read") {
  const TemporaryDirectory directory;
  write_file(directory / "pcapng", from_hex("0a0d0d0a 1c000000"));
  write_file(directory / "wifi", PcapFile{{true, false, 105}}.octets);
  write_file(directory / "cut", PcapFile{}.octets + from_hex("00"));
  put_file(directory / "empty", "");
  put_file(directory / "text", "no recording");
  write_file(directory / "head", from_hex("d4c3b2a1 0200"));
  struct Row {
    std::string path;
    const char* why;
  };
  for (const Row& row : {
           Row{directory / "none",
               "cannot be opened: no such file or directory; record one with: tcpdump -w FILE"},
           Row{directory.path(),
               "cannot be read: is a directory; name a recording, made with: tcpdump -w FILE"},
           Row{directory / "empty", "is empty; record one with: tcpdump -w FILE"},
           Row{directory / "text", "is no pcap file; record one with: tcpdump -w FILE"},
           Row{directory / "head", "ends within its header; record it anew with: tcpdump -w FILE"},
           Row{directory / "pcapng",
               "is of the pcapng format; convert it: editcap -F pcap FILE NEWFILE"},
           Row{directory / "wifi",
               "is of link type 105; Ethernet, raw IP and Linux cooked are known"},
           Row{directory / "cut", "packet 1: the file ends within its header"},
       }) {
    CAPTURE(row.path);
    const auto output = output_of([&] { return show_replay(options_for(row.path)); });
    CHECK(output.exit_code == 1);
    CHECK_MESSAGE(output.err.ends_with(row.path + ": " + row.why + "\n"), output.err);
  }
}

TEST_CASE("replay: a recording that this user may not read is told, with the way out") {
  const TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  write_file(directory / "secret", PcapFile{}.octets);
  REQUIRE(::chmod((directory / "secret").c_str(), 0) == 0);
  const auto output = output_of([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) return 99;
    return show_replay(options_for(directory / "secret"));
  });
  CHECK(output.exit_code == 1);
  CHECK_MESSAGE(output.err.ends_with("secret: cannot be opened: permission denied; run this as a "
                                     "user who may\n"),
                output.err);
}

TEST_CASE("replay: a full disk is told, a reader that has enough is none of it") {
  const TemporaryDirectory directory;
  write_file(directory / "good", PcapFile{}.octets);
  const auto output_to = [&](int fd) {
    return output_of([&] {
      ::dup2(fd, STDOUT_FILENO);
      return show_replay(options_for(directory / "good"));
    });
  };
  const UniqueFd full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  const auto told = output_to(full.get());
  CHECK(told.exit_code == 1);
  CHECK_MESSAGE(told.err.ends_with("cannot write to standard output: no space left on device\n"),
                told.err);
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  ::close(pipe[0]);
  const UniqueFd write_end{pipe[1]};
  const auto quiet = output_to(write_end.get());
  CHECK(quiet.exit_code == 0);
  CHECK(quiet.err == "");
}

TEST_CASE("replay: SIGTERM ends it while it waits for a recording to begin") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const UniqueFd read_end{pipe[0]};
  const UniqueFd write_end{pipe[1]};  // stays open: the recording may still come
  const auto output = output_of([&] {
    ::alarm(10);  // seconds, for who waits in vain
    ::dup2(read_end.get(), STDIN_FILENO);
    // Blocked first, so that it comes while the program reads and not before.
    sigset_t term{};
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    ::kill(::getpid(), SIGTERM);
    return show_replay(options_for("-"));
  });
  CHECK(output.exit_code == 0);
  CHECK(output.out == "");
  CHECK(output.err == "");
}

}  // namespace timecast::test
