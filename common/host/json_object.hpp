// SPDX-License-Identifier: MIT
//
// JSON to write and read, without its library's header, which costs seconds in every file.
//
//     JsonObject line = JsonObject::line("estimate", realtime_now());
//     line.add("offset_s", offset).add("state", "synchronised");
//     puts(line.text().c_str());
//
// Keys stand in the order in which they were added. Durations are written as seconds, so their
// keys end in `_s`.
//
// A number that is none (not finite) is left out: JSON has no word for it.
//
// Errors:  text that is no JSON object: an Error with the place. Text from the network that is not
//          UTF-8 is written with replacement characters.
// Threads: one thread for each object.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/time/timestamp.hpp>

#include "common/host/error.hpp"

namespace timecast {

class JsonObject {
 public:
  JsonObject();
  JsonObject(JsonObject&&) noexcept;
  JsonObject& operator=(JsonObject&&) noexcept;
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject();

  // Begins a line of a program's `--json` output: schema, time_s, type.
  [[nodiscard]] static JsonObject line(std::string_view type, Timestamp<Realtime> now);
  [[nodiscard]] static Result<JsonObject> parse(std::string_view text);

  JsonObject& add(std::string_view key, std::string_view value);
  JsonObject& add(std::string_view key, const char* value) {
    return add(key, std::string_view{value});
  }
  JsonObject& add(std::string_view key, Duration value);
  JsonObject& add(std::string_view key, JsonObject value);
  JsonObject& add(std::string_view key, std::vector<JsonObject> value);
  JsonObject& add(std::string_view key, std::same_as<bool> auto value) {
    return add_bool(key, value);
  }
  JsonObject& add(std::string_view key, std::unsigned_integral auto value) requires(
      !std::same_as<decltype(value), bool>) {
    return add_integer(key, value);
  }
  JsonObject& add(std::string_view key, std::signed_integral auto value) {
    return add_signed(key, value);
  }
  JsonObject& add(std::string_view key, std::floating_point auto value) {
    return add_number(key, value);
  }
  JsonObject& add_null(std::string_view key);

  [[nodiscard]] std::optional<double> number(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> string(std::string_view key) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
  // Copies; empty if there is none.
  [[nodiscard]] JsonObject object(std::string_view key) const;
  [[nodiscard]] std::vector<JsonObject> objects(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> keys() const;

  [[nodiscard]] std::string text() const;  // on one line, without a line feed

 private:
  struct Content;
  JsonObject& add_bool(std::string_view key, bool value);
  JsonObject& add_integer(std::string_view key, std::uint64_t value);
  JsonObject& add_signed(std::string_view key, std::int64_t value);
  JsonObject& add_number(std::string_view key, double value);
  std::unique_ptr<Content> content_;
};

}  // namespace timecast
