// SPDX-License-Identifier: MIT
#include "listener/clocks/frequency_memory.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/host/atomic_file.hpp"
#include "common/host/json_object.hpp"

namespace timecast {

namespace {

constexpr const char* kFile = "/listener.frequency";
constexpr mode_t kMode = 0644;
// A rate is worth keeping when it is known to that.
constexpr FrequencyPpb kWorthIt{1'000};
// A machine that starts is colder than one that has run, and a crystal does not forget that.
constexpr double kLeastErrorPpb = 20'000;
constexpr double kMostPpb = 1'000'000;

}  // namespace

bool is_worth_keeping(const ListenerStatus& status) noexcept {
  return status.state == State::synchronised && status.raw_frequency_error <= kWorthIt &&
         if_possible({status.raw_frequency, {}});
}

KnownFrequency frequency_of(const ListenerStatus& status) noexcept {
  return {status.raw_frequency,
          FrequencyPpb{std::max(status.raw_frequency_error.count_ppb(), kLeastErrorPpb)}};
}

std::optional<KnownFrequency> if_possible(const KnownFrequency& known) noexcept {
  if (!(std::abs(known.frequency.count_ppb()) <= kMostPpb)) return std::nullopt;
  return known;
}

std::optional<KnownFrequency> parse_frequency(std::string_view text) {
  const auto object = JsonObject::parse(text);
  if (!object) return std::nullopt;
  const auto frequency = object->number("frequency_ppb");
  const auto error = object->number("error_ppb");
  if (!frequency || !error) return std::nullopt;
  if (!(*error >= 0)) return std::nullopt;
  return if_possible({FrequencyPpb{*frequency}, FrequencyPpb{std::max(*error, kLeastErrorPpb)}});
}

std::string frequency_file_text(const KnownFrequency& known) {
  JsonObject object;
  object.add("frequency_ppb", known.frequency.count_ppb())
      .add("error_ppb", known.error.count_ppb());
  return object.text() + "\n";
}

FrequencyMemory::FrequencyMemory(const GivenPlace& directory, LogSink log)
    : directory_{directory}, log_{std::move(log)} {}

std::optional<KnownFrequency> FrequencyMemory::load() {
  const auto directory = find_state_directory(directory_);
  if (!directory || !file_exists(*directory + kFile)) return std::nullopt;
  const auto text = read_file(*directory + kFile);
  if (!text) {
    complain(text.error());
    return std::nullopt;
  }
  const auto known = parse_frequency(*text);
  if (!known) complain(Error{*directory + kFile + ": holds no frequency; it is found anew"});
  return known;
}

void FrequencyMemory::note(const ListenerStatus& status, const Moment& now) {
  if (!is_worth_keeping(status)) return;
  if (!latest_) next_save_ = std::max(next_save_, now.boot + Duration::seconds(60));
  latest_ = frequency_of(status);
  if (now.boot < next_save_) return;
  next_save_ = now.boot + kSaveEvery;
  save();
}

void FrequencyMemory::save() {
  if (!latest_) return;
  const KnownFrequency known = *std::exchange(latest_, std::nullopt);
  const auto directory = state_directory(directory_);
  if (!directory) return complain(directory.error());
  const auto written = write_file(*directory + kFile, frequency_file_text(known), kMode);
  if (!written) complain(state_error(written.error()));
}

void FrequencyMemory::complain(const Error& error) {
  if (std::exchange(has_complained_, true)) return;
  log_(Level::warning, error.text);
}

}  // namespace timecast
