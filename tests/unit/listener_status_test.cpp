// SPDX-License-Identifier: MIT
#include <timecast/listener/status.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

#include <timecast/uv_listener.hpp>

namespace timecast {

TEST_CASE("status: every state and every reason has words of its own") {
  std::set<std::string> words;
  constexpr int kStates = static_cast<int>(State::lost) + 1;
  constexpr int kReasons = static_cast<int>(Reason::announcers_disagree) + 1;
  for (int i = 0; i < kStates; ++i) words.insert(to_string(static_cast<State>(i)));
  for (int i = 0; i < kReasons; ++i) words.insert(sentence_for(static_cast<Reason>(i)));
  CHECK(words.size() == kStates + kReasons);
  CHECK(words.count("unnamed") == 0);
  CHECK(words.count("") == 0);
  CHECK(std::string{to_string(static_cast<State>(200))} == "unnamed");
}

}  // namespace timecast
