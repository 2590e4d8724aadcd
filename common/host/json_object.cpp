// SPDX-License-Identifier: MIT
#include "common/host/json_object.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace timecast {

namespace {

using Json = nlohmann::ordered_json;
constexpr unsigned kSchema = 1;

// A division, because it is rounded once: 5 us are written 5e-06 and not 4.9999999999999996e-06.
// What a double cannot hold in nanoseconds, an absolute time, is rounded to what it holds in
// seconds.
double to_json_seconds(Duration d) {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const std::int64_t ns = d.count_ns();
  if (-kExact < ns && ns < kExact) return static_cast<double>(ns) / 1e9;
  const std::int64_t seconds = ns / kNanoseconds;
  return static_cast<double>(seconds) + static_cast<double>(ns % kNanoseconds) / 1e9;
}

}  // namespace

struct JsonObject::Content {
  Json json = Json::object();
};

JsonObject::JsonObject() : content_{std::make_unique<Content>()} {}
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

JsonObject JsonObject::line(std::string_view type, Timestamp<Realtime> now) {
  JsonObject object;
  object.add("schema", kSchema).add("time_s", now.since_epoch()).add("type", type);
  return object;
}

Result<JsonObject> JsonObject::parse(std::string_view text) {
  JsonObject object;
  object.content_->json = Json::parse(text, nullptr, false);
  if (!object.content_->json.is_object()) return because(Error{"this is no JSON object"});
  return object;
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  content_->json[std::string{key}] = value;
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, Duration value) {
  return add_number(key, to_json_seconds(value));
}

JsonObject& JsonObject::add(std::string_view key, JsonObject value) {
  content_->json[std::string{key}] = std::move(value.content_->json);
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, std::vector<JsonObject> value) {
  Json array = Json::array();
  for (JsonObject& each : value) array.push_back(std::move(each.content_->json));
  content_->json[std::string{key}] = std::move(array);
  return *this;
}

JsonObject& JsonObject::add_bool(std::string_view key, bool value) {
  content_->json[std::string{key}] = value;
  return *this;
}

JsonObject& JsonObject::add_integer(std::string_view key, std::uint64_t value) {
  content_->json[std::string{key}] = value;
  return *this;
}

JsonObject& JsonObject::add_signed(std::string_view key, std::int64_t value) {
  content_->json[std::string{key}] = value;
  return *this;
}

JsonObject& JsonObject::add_null(std::string_view key) {
  content_->json[std::string{key}] = nullptr;
  return *this;
}

JsonObject& JsonObject::add_number(std::string_view key, double value) {
  if (std::isfinite(value)) content_->json[std::string{key}] = value;
  return *this;
}

std::optional<double> JsonObject::number(std::string_view key) const {
  const auto found = content_->json.find(std::string{key});
  if (found == content_->json.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::optional<std::string> JsonObject::string(std::string_view key) const {
  const auto found = content_->json.find(std::string{key});
  if (found == content_->json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<bool> JsonObject::boolean(std::string_view key) const {
  const auto found = content_->json.find(std::string{key});
  if (found == content_->json.end() || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

JsonObject JsonObject::object(std::string_view key) const {
  JsonObject object;
  const auto found = content_->json.find(std::string{key});
  if (found != content_->json.end() && found->is_object()) object.content_->json = *found;
  return object;
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) const {
  std::vector<JsonObject> objects;
  const auto found = content_->json.find(std::string{key});
  if (found == content_->json.end() || !found->is_array()) return objects;
  for (const Json& each : *found) {
    if (each.is_object()) objects.emplace_back().content_->json = each;
  }
  return objects;
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> keys;
  for (const auto& item : content_->json.items()) keys.push_back(item.key());
  return keys;
}

std::string JsonObject::text() const {
  return content_->json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace timecast
