// SPDX-License-Identifier: MIT
//
// What the announcer's `doctor` has found out before it judges, as plain values.
//
// Errors:  none: what could not be found out is a fact too.
// Threads: the main one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/wire/signature.hpp>

#include "announcer/daemon/options.hpp"
#include "common/host/error.hpp"
#include "common/host/finding.hpp"
#include "common/host/packet_tap.hpp"

namespace timecast {

// A socket of the running announcer, in its words.
struct AnnouncingSocket {
  struct Destination {
    std::string to;
    std::string failure;  // empty if all is well
  };
  std::string stream;
  std::string local;
  std::string interface_name;
  bool open = false;
  std::string reason;
  std::vector<Destination> destinations;
  std::vector<PortHolder> holders;  // of its port, where that keeps it from opening
};

// What the running announcer says of itself.
struct AnnouncerFacts {
  bool synchronised = false;
  std::string reason;
  std::string clock_source;  // whose word that is
  std::string key;
  std::vector<AnnouncingSocket> sockets;
  std::uint64_t recent_announcements = 0;  // while the doctor listened
  std::uint64_t recent_not_allowed = 0;    // queries that it refused as foreign, meanwhile
  std::uint64_t not_allowed = 0;           // since it started
};

// Its private key, as it is kept.
struct KeptKey {
  std::string path;
  std::optional<PublicKey> key;
  std::optional<Error> failure;  // why it cannot be read
};

struct AnnouncerDoctorFacts : HostFacts {
  Duration listened;
  std::optional<AnnouncerFacts> announcer;
  std::string announcer_failure;  // why there is none
  KeptKey kept;
  bool could_listen = false;           // to the group that it announces to
  unsigned heard_own = 0;              // announcements of this host, as they come back to it
  std::vector<Endpoint> twins;         // other hosts that announce with its key
  std::vector<std::string> rules_out;  // of the firewall that drop, where that is the question
};

[[nodiscard]] AnnouncerDoctorFacts gather_facts(const AnnouncerOptions& options);

// The causes before their effects; none where all is well.
[[nodiscard]] std::vector<Finding> diagnose(const AnnouncerDoctorFacts& facts);

}  // namespace timecast
