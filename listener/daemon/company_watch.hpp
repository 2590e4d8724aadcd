// SPDX-License-Identifier: MIT
//
// What becomes of several announcers, in lines for the log: another one is followed, they
// contradict each other, they agree again.
//
// A contradiction is told when it has lasted, and its end likewise: two clocks at the edge of their
// bounds fill no log.
//
// Threads: one; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/listener/status.hpp>

#include "common/host/log.hpp"

namespace timecast {

// "alone", or how many announcers are heard and how far off those are that disagree.
[[nodiscard]] std::string company_text(const ListenerStatus& status);

class CompanyWatch {
 public:
  static constexpr Duration kLasting = Duration::seconds(3);
  static constexpr Duration kOver = Duration::seconds(30);

  [[nodiscard]] std::vector<LogLine> look(const ListenerStatus& status, Timestamp<Boot> now);

 private:
  [[nodiscard]] std::optional<LogLine> other_announcer(const ListenerStatus& status);
  [[nodiscard]] std::optional<LogLine> disagreement(const ListenerStatus& status,
                                                    Timestamp<Boot> now);

  std::optional<Endpoint> followed_;
  std::optional<PublicKey> key_;  // nothing: a plain sender
  bool told_ = false;
  std::optional<Timestamp<Boot>> since_;  // it has been otherwise than was told
};

}  // namespace timecast
