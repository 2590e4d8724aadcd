// SPDX-License-Identifier: MIT
#include "listener/daemon/replay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/host/end_signals.hpp"
#include "common/host/log.hpp"
#include "common/host/program.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/standard_output.hpp"
#include "common/host/unique_fd.hpp"
#include "listener/daemon/watch_plan.hpp"

namespace timecast {

namespace {

constexpr std::uint64_t kWarnings = 8;
constexpr std::size_t kReadAhead = 65'536;
constexpr std::size_t kRoomOfPipe = 4096;  // that there is where poll() says that there is room

Moment moment_of_recording(Timestamp<Realtime> at) {
  return {at, Timestamp<Raw>{at.since_epoch()}, Timestamp<Boot>{at.since_epoch()}};
}

std::string_view way_out_of(int failed) noexcept {
  switch (failed) {
    case ENOENT: return "record one with: tcpdump -w FILE";
    case EACCES: return "run this as a user who may";
    default: return "name a recording, made with: tcpdump -w FILE";
  }
}

// A file, a pipe or a terminal, until its end or until the program is to end.
class Input {
 public:
  Input(int fd, EndSignals& signals) : fd_{fd}, signals_{signals}, octets_(kReadAhead) {}

  Result<std::size_t> read(MutableOctets to) {
    if (rest_.empty()) {
      if (!signals_.await(fd_, POLLIN)) return std::size_t{0};
      const ssize_t got = ::read(fd_, octets_.data(), octets_.size());
      if (got < 0) return because(system_error("cannot be read", errno, way_out_of(errno)));
      rest_ = Octets{octets_}.first(static_cast<std::size_t>(got));
    }
    const std::size_t count = std::min(to.size(), rest_.size());
    copy_octets(rest_.first(count), to);
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  int fd_;
  EndSignals& signals_;
  std::vector<std::uint8_t> octets_;
  Octets rest_;
};

// Standard output, whose reader may be slow: nothing is lost. A line that has begun is ended,
// unless a second signal comes.
class Output {
 public:
  explicit Output(EndSignals& signals) : signals_{signals} {}

  void print(std::string_view line) {
    const std::string text = std::string{line} + '\n';
    for (std::string_view rest = text; !rest.empty() && !is_over();) {
      const std::string_view part = rest.substr(0, kRoomOfPipe);
      failed_ = has_room() || has_room() ? print_text(part) : EPIPE;
      rest.remove_prefix(part.size());
    }
  }
  [[nodiscard]] bool is_over() const noexcept { return failed_ != 0; }
  // It is no fault that the reader has enough.
  [[nodiscard]] Result<void> outcome() const {
    if (failed_ == 0 || failed_ == EPIPE) return {};
    return because(system_error("cannot write to standard output", failed_));
  }

 private:
  [[nodiscard]] bool has_room() noexcept { return signals_.await(STDOUT_FILENO, POLLOUT); }

  EndSignals& signals_;
  int failed_ = 0;  // or an errno value; EPIPE too if a second signal came
};

Result<UniqueFd> open_file(const std::string& path) {
  UniqueFd fd{path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                          : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return because(system_error("cannot be opened", errno, way_out_of(errno)));
  return fd;
}

Result<void> replay_all(Replay& replay, Watch& watch, const Output& output,
                        const EndSignals& signals) {
  while (!output.is_over() && !signals.came()) {
    const auto more = replay.step(watch);
    if (signals.came()) break;  // where it was does not matter
    if (!more) return because(more.error());
    if (!*more) break;
  }
  return {};
}

}  // namespace

Replay::Replay(PcapReader reader, LinkType type, const WatchOptions& options,
               std::function<void(const std::string&)> warn)
    : reader_{std::move(reader)}, type_{type}, options_{options}, warn_{std::move(warn)} {}

Result<Replay> Replay::open(PcapReader::Read read, const WatchOptions& options,
                            std::function<void(const std::string&)> warn) {
  auto reader = PcapReader::open(std::move(read));
  if (!reader) return because(reader.error());
  const auto type = link_type_from(reader->link_type());
  if (!type) return because(type.error());
  return Replay{std::move(*reader), *type, options, std::move(warn)};
}

Result<bool> Replay::step(Watch& watch) {
  const auto packet = reader_.next();
  if (!packet) return because(packet.error());
  if (!*packet) return false;
  const Moment at = moment_of_recording((*packet)->at);
  // What falls silent does so before this packet.
  for (auto due = watch.next_deadline(); due && *due <= at.boot; due = watch.next_deadline()) {
    watch.on_deadline(moment_of_recording(Timestamp<Realtime>{due->since_epoch()}));
  }
  now_ = at;
  const auto datagram = datagram_in(type_, (*packet)->octets);
  if (!datagram) {
    leave_out((*packet)->number, datagram.error());
  } else if (*datagram && is_watched(options_, (*datagram)->to, (*datagram)->octets)) {
    show(watch, **datagram, at);
  }
  return true;
}

void Replay::show(Watch& watch, const FramedDatagram& datagram, const Moment& at) const {
  HeardPacket heard;
  heard.octets = datagram.octets;
  heard.from = datagram.from;
  heard.group = datagram.to;
  heard.interface = "-";
  heard.hop_limit = datagram.hop_limit;
  heard.at = at;
  watch.on_packet(heard);
}

void Replay::leave_out(std::uint64_t number, const char* why) {
  if (left_out_++ < kWarnings) {
    warn_("packet " + std::to_string(number) + " is left out: " + why);
  }
}

Timestamp<Realtime> Replay::end() const {
  if (left_out_ > kWarnings) {
    warn_(std::to_string(left_out_ - kWarnings) + " more packets are left out for such reasons");
  }
  return now_.realtime;
}

int show_replay(const ListenerOptions& options) {
  const std::string& path = *options.watch.replay;
  const std::string name = path == "-" ? "standard input" : path;
  const auto named = [&](const Error& error) { return Error{name + ": " + error.text}; };
  ignore_broken_pipes();
  const auto file = open_file(path);  // may wait for who writes to it: before signals are blocked
  if (!file) return fail(named(file.error()));
  auto signals = EndSignals::start();
  if (!signals) return fail(signals.error());
  Input input{file->get(), *signals};
  auto replay =
      Replay::open([&input](MutableOctets to) { return input.read(to); }, options.watch,
                   [&](const std::string& text) { log(Level::warning, name + ": " + text); });
  if (signals->came()) return 0;  // before there was anything to sum up
  if (!replay) return fail(named(replay.error()));
  Output output{*signals};
  Watch watch{{options.json, options.hex}, openssl_verifier(), [&output](std::string_view line) {
                output.print(line);
              }};
  const auto done = replay_all(*replay, watch, output, *signals);
  watch.end(replay->end());
  if (!done) return fail(named(done.error()));
  const auto written = output.outcome();
  return written ? 0 : fail(written.error());
}

}  // namespace timecast
