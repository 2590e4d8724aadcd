// SPDX-License-Identifier: MIT
//
// `watch --replay`: what was announced while a recording was made. Times are those of the
// recording, whose clock stands for all clocks of this host.
//
// Errors:  the exit status: 1 if the recording cannot be read to its end. What is read until then
//          is shown, with its summary.
// Threads: the main one.
#pragma once

#include <functional>
#include <string>

#include "listener/daemon/frame.hpp"
#include "listener/daemon/options.hpp"
#include "listener/daemon/pcap_reader.hpp"
#include "listener/daemon/watch.hpp"

namespace timecast {

// Feeds a recording to a Watch, packet by packet.
class Replay {
 public:
  // `warn` is told of packets that are left out because they are damaged.
  [[nodiscard]] static Result<Replay> open(PcapReader::Read read, const WatchOptions& options,
                                           std::function<void(const std::string&)> warn);

  // Takes one packet. False at the end of the recording.
  [[nodiscard]] Result<bool> step(Watch& watch);

  // Says how many damaged ones were left out without a word; returns the time of the last packet.
  Timestamp<Realtime> end() const;

 private:
  Replay(PcapReader reader, LinkType type, const WatchOptions& options,
         std::function<void(const std::string&)> warn);
  void show(Watch& watch, const FramedDatagram& datagram, const Moment& at) const;
  void leave_out(std::uint64_t number, const char* why);

  PcapReader reader_;
  LinkType type_;
  WatchOptions options_;
  std::function<void(const std::string&)> warn_;
  Moment now_;
  std::uint64_t left_out_ = 0;
};

// The command. Returns the exit status.
[[nodiscard]] int show_replay(const ListenerOptions& options);

}  // namespace timecast
