// SPDX-License-Identifier: MIT
#include "common/host/json_settings.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <nlohmann/json.hpp>

namespace timecast {

namespace {

using Json = nlohmann::json;

// Far more than anybody needs, so that no file keeps a daemon busy.
constexpr std::size_t kMaxSettings = 256;
constexpr std::size_t kMaxValues = 1024;
// Of a key and of a text, in octets, so that what is said of them stays readable.
constexpr std::size_t kMaxKey = 64;
constexpr std::size_t kMaxText = 4096;

Error at_line(int line, const std::string& what) {
  return Error{std::to_string(line) + ": " + what, kExitBadSettings};
}

Error at_key(int line, const std::string& key, const std::string& what) {
  return at_line(line, key + ": " + what);
}

// How far the library has read. It gives positions only of what it refuses.
struct Progress {
  int line = 1;
  char last = 0;
};

// What the library reads from, counting lines on the way.
class CountingIterator {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the standard's names
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  // NOLINTEND(readability-identifier-naming)

  CountingIterator(const char* at, Progress& progress) : at_{at}, progress_{&progress} {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    progress_->last = *at_++;
    if (progress_->last == '\n') ++progress_->line;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  Progress* progress_;
};

// The library's sentence without its number, its position, and what it read last.
std::string reason_in(std::string_view sentence) {
  for (const std::string_view before : {"] ", " - "}) {
    const std::size_t at = sentence.find(before);
    if (at != std::string_view::npos) sentence.remove_prefix(at + before.size());
  }
  return std::string{sentence.substr(0, sentence.find("; last read: "))};
}

// What people write that is JSON only almost.
std::string_view way_out(std::string_view text, std::size_t at, const std::string& reason) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  const auto begins = [&](std::string_view with) { return reason.starts_with(with); };
  if (begins("unexpected '}'") || begins("unexpected ']'")) {
    const std::string_view before = text.substr(0, std::min(at, text.size()));
    const auto behind = std::find_if_not(before.rbegin(), before.rend(), is_space);
    return behind != before.rend() && *behind == ',' ? "; no comma stands behind the last" : "";
  }
  if (begins("unexpected end of input")) return "; a bracket or a brace is missing";
  if (begins("unexpected") && (reason.ends_with("expected '}'") || reason.ends_with("']'"))) {
    return "; is a comma missing before it?";
  }
  if (at < text.size() && text[at] == '#') return "; a comment begins with //";
  if (begins("invalid literal")) return "; names and texts stand between \"quotation marks\"";
  return "";
}

// Lines and columns are counted here, because the library is a line too far if it stumbles over the
// end of one.
Error syntax_error(std::string_view text, std::size_t read, std::string_view sentence) {
  const std::size_t at = std::min(read > 0 ? read - 1 : 0, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
  const std::string reason = reason_in(sentence);
  return at_line(static_cast<int>(line), "column " + std::to_string(at - line_start + 1) + ": " +
                                             reason + std::string{way_out(text, at, reason)});
}

// Called by the library for each piece of the text, in its order; false ends the reading.
class Reader : public nlohmann::json_sax<Json> {
 public:
  Reader(std::string_view text, const Progress& progress) : text_{text}, progress_{progress} {}

  [[nodiscard]] std::optional<Error>& error() { return error_; }
  [[nodiscard]] std::vector<Setting>& settings() { return settings_; }

  bool null() override { return refuse("null is no setting; leave the line out"); }
  bool boolean(bool truth) override { return add(SettingKind::truth, truth ? "true" : "false"); }
  bool number_integer(number_integer_t n) override { return add_number(std::to_string(n)); }
  bool number_unsigned(number_unsigned_t n) override { return add_number(std::to_string(n)); }
  bool number_float(number_float_t, const string_t& written) override {
    return add_number(written);
  }
  bool string(string_t& text) override {
    if (text.size() > kMaxText && depth_ > 0) return refuse("is too long a text");
    return add(SettingKind::text, text);
  }
  bool binary(binary_t&) override { return refuse("is binary"); }

  bool start_object(std::size_t) override {
    if (depth_++ == 0) return true;
    return refuse("an object is no setting; write a value, or a list of values");
  }
  bool key(string_t& name) override {
    if (name.size() > kMaxKey) return refuse_key(name);
    const auto same = [&](const Setting& s) { return s.key == name; };
    const auto first = std::find_if(settings_.begin(), settings_.end(), same);
    if (first != settings_.end()) return refuse_second(*first);
    settings_.push_back({name, progress_.line, false, {}});
    return settings_.size() <= kMaxSettings ||
           refuse("more than " + std::to_string(kMaxSettings) + " settings; leave some out");
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return refuse_whole(progress_.line);
    if (in_list_) return refuse("a list within a list is no setting");
    in_list_ = true;
    settings_.back().is_list = true;
    return true;
  }
  bool end_array() override {
    in_list_ = false;
    return true;
  }
  bool parse_error(std::size_t read, const std::string&, const Json::exception& e) override {
    if (!error_) error_ = syntax_error(text_, read, e.what());
    return false;
  }

 private:
  // A number ends where something else begins, which has been read with it.
  [[nodiscard]] int line_of_number() const {
    return progress_.line - (progress_.last == '\n' ? 1 : 0);
  }
  // The library writes the decimal point of this process's locale.
  bool add_number(std::string written) {
    const auto is_point = [](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '+' && c != 'e' &&
             c != 'E';
    };
    std::replace_if(written.begin(), written.end(), is_point, '.');
    return add(SettingKind::number, std::move(written), line_of_number());
  }
  bool add(SettingKind kind, std::string text) {
    return add(kind, std::move(text), progress_.line);
  }
  bool add(SettingKind kind, std::string text, int line) {
    if (depth_ == 0) return refuse_whole(line);
    std::vector<SettingValue>& values = settings_.back().values;
    values.push_back({kind, std::move(text), line});
    return values.size() <= kMaxValues ||
           refuse("more than " + std::to_string(kMaxValues) + " values; leave some out");
  }
  bool refuse_whole(int line) {
    error_ = at_line(line, "this is no object; write { \"KEY\": VALUE, ... }");
    return false;
  }
  bool refuse(const std::string& why) {
    if (depth_ == 0) return refuse_whole(progress_.line);
    error_ = at_key(progress_.line, settings_.back().key, why);
    return false;
  }
  bool refuse_key(const std::string& name) {
    error_ = at_key(progress_.line, name.substr(0, kMaxKey) + "...", "there is no such setting");
    return false;
  }
  bool refuse_second(const Setting& first) {
    error_ = at_key(progress_.line, first.key,
                    "is in line " + std::to_string(first.line) + " already; leave one out");
    return false;
  }

  std::string_view text_;
  const Progress& progress_;
  std::vector<Setting> settings_;
  std::optional<Error> error_;
  int depth_ = 0;
  bool in_list_ = false;
};

}  // namespace

Result<std::vector<Setting>> parse_json_settings(std::string_view text) {
  Progress progress;
  Reader reader{text, progress};
  const CountingIterator begin{text.data(), progress};
  const CountingIterator end{text.data() + text.size(), progress};
  const bool read = Json::sax_parse(begin, end, &reader, Json::input_format_t::json, true, true);
  if (reader.error()) return because(std::move(*reader.error()));
  if (!read) return because(at_line(progress.line, "this is no JSON"));
  return std::move(reader.settings());
}

std::string json_text(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace timecast
