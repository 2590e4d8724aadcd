// SPDX-License-Identifier: MIT
#include "listener/clocks/word_memory.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "common/host/atomic_file.hpp"
#include "common/host/json_object.hpp"

namespace timecast {

namespace {

constexpr const char* kFile = "/listener.word";
constexpr const char* kBooted = "booted_s";
constexpr mode_t kMode = 0644;
// A clock that is kept moves its boot by less, and no machine boots again as fast.
constexpr Duration kSameBoot = Duration::seconds(2);

Duration boot_instant(const Moment& now) {
  return now.realtime.since_epoch() - now.boot.since_epoch();
}

bool is_same_boot(Duration one, Duration other) { return magnitude(one - other) < kSameBoot; }

}  // namespace

WordMemory::WordMemory(const GivenPlace& directory, LogSink log)
    : directory_{directory}, log_{std::move(log)} {}

bool WordMemory::was_ours(const Moment& now) const {
  const auto directory = find_state_directory(directory_);
  if (!directory || !file_exists(*directory + kFile)) return false;
  const auto text = read_file(*directory + kFile);
  if (!text) return false;
  const auto object = JsonObject::parse(*text);
  const auto booted_s = object ? object->number(kBooted) : std::nullopt;
  if (!booted_s) return false;
  return is_same_boot(Duration::from_seconds(*booted_s), boot_instant(now));
}

void WordMemory::note(std::optional<bool> is_ours, const Moment& now) {
  const Duration booted = boot_instant(now);
  if (!is_ours || (is_ours == noted_ && is_same_boot(booted, noted_boot_))) return;
  const auto done = *is_ours ? keep(now) : forget();
  if (!done) {
    if (attempts_.failed(done.error(), now.boot)) log_(Level::warning, done.error().text);
    return;
  }
  attempts_.succeeded();
  noted_ = is_ours;
  noted_boot_ = booted;
}

Result<void> WordMemory::keep(const Moment& now) const {
  const auto directory = state_directory(directory_);
  if (!directory) return because(directory.error());
  JsonObject object;
  object.add(kBooted, boot_instant(now));
  const auto written = write_file(*directory + kFile, object.text() + "\n", kMode);
  if (!written) return because(state_error(written.error()));
  return {};
}

Result<void> WordMemory::forget() const {
  const auto directory = find_state_directory(directory_);
  if (!directory) return {};
  const std::string path = *directory + kFile;
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return because(state_error(system_error("cannot remove " + path, errno)));
}

}  // namespace timecast
