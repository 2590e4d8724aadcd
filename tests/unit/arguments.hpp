// SPDX-License-Identifier: MIT
//
// A command line as main() gets it, from one text with a space between the words.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <sstream>
#include <string>
#include <vector>

namespace timecast {

// No test depends on the settings of the machine it runs on.
inline const int kWithoutSettings = ::setenv("CONFIGURATION_DIRECTORY", "/no/settings", 1);

class Arguments {
 public:
  explicit Arguments(const std::string& text) {
    std::istringstream in{text};
    for (std::string word; in >> word;) words_.push_back(word);
    for (const std::string& word : words_) pointers_.push_back(word.c_str());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] int count() const { return static_cast<int>(words_.size()); }
  [[nodiscard]] const char* const* pointers() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<const char*> pointers_;
};

// What a command line was refused for: the text between "PROGRAM: " and "; see PROGRAM --help".
template <class Parsed>
std::string refusal_in(const Parsed& parsed, const std::string& program) {
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().exit_code == 2);
  const std::string& text = parsed.error().text;
  const std::string head = program + ": ";
  const std::string tail = "; see " + program + " --help\n";
  REQUIRE(text.starts_with(head));
  REQUIRE(text.ends_with(tail));
  return text.substr(head.size(), text.size() - head.size() - tail.size());
}

}  // namespace timecast
