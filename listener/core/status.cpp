// SPDX-License-Identifier: MIT
#include <timecast/listener/status.hpp>

namespace timecast {

const char* to_string(State state) noexcept {
  switch (state) {
    case State::searching: return "searching";
    case State::tentative: return "tentative";
    case State::synchronised: return "synchronised";
    case State::holdover: return "holdover";
    case State::lost: return "lost";
  }
  return "unnamed";
}

const char* to_string(Reason reason) noexcept {
  switch (reason) {
    case Reason::nothing_heard: return "nothing_heard";
    case Reason::everything_refused: return "everything_refused";
    case Reason::announcer_unsynchronised: return "announcer_unsynchronised";
    case Reason::few_announcements: return "few_announcements";
    case Reason::delay_unverified: return "delay_unverified";
    case Reason::listen_only: return "listen_only";
    case Reason::unsigned_exchange: return "unsigned_exchange";
    case Reason::agreeing: return "agreeing";
    case Reason::silence: return "silence";
    case Reason::bound_too_large: return "bound_too_large";
  }
  return "unnamed";
}

}  // namespace timecast
