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

}  // namespace timecast
