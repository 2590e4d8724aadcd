// SPDX-License-Identifier: MIT
#include <timecast/uv_listener.hpp>

#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

const char* sentence_for(Reason reason) noexcept {
  switch (reason) {
    case Reason::nothing_heard: return "no announcement heard yet";
    case Reason::everything_refused: return "announcements are heard and refused";
    case Reason::announcer_unsynchronised:
      return "the announcer says that its own clock is not synchronised";
    case Reason::few_announcements: return "fewer than three announcements agree so far";
    case Reason::delay_unverified:
      return "the delay is assumed until the announcer answers a query";
    case Reason::listen_only: return "listening only: the delay is assumed, lateness has no limit";
    case Reason::not_signed: return "announcements and answers are not signed, and keys count here";
    case Reason::agreeing: return "announcements agree and the delay was measured";
    case Reason::silence: return "the announcer is silent; its last rate is kept";
    case Reason::bound_too_large: return "the error bound has passed the limit of --max-bound";
    case Reason::announcers_disagree:
      return "announcers contradict each other, and no majority says which is right";
  }
  return "unnamed";
}

std::string describe(const ListenerStatus& s) {
  std::string text = to_string(s.state);
  if (s.state != State::searching) {
    text += " by " + to_string(s.announcer) + " (stratum " + std::to_string(s.stratum) +
            "), offset " + signed_seconds_text(s.offset) + ", error " + seconds_text(s.error) +
            ", bound " + seconds_text(s.bound);
  }
  return text + ": " + sentence_for(s.reason);
}

}  // namespace timecast
