// SPDX-License-Identifier: MIT
#include "listener/daemon/replay_floors.hpp"

#include <algorithm>
#include <sstream>

#include "common/host/atomic_file.hpp"
#include "common/host/option_value.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

namespace {

constexpr const char* kFile = "/listener.floors";
constexpr mode_t kMode = 0644;
constexpr std::uint64_t kLast = ~std::uint64_t{0} >> 1U;  // in 2262
constexpr std::size_t kMostFloors = 16;
constexpr std::size_t kMostChains = 64;

bool is_same_chain(const ReplayFloors::Word& a, const ReplayFloors::Word& b) {
  return a.key == b.key && a.chain == b.chain && a.interface == b.interface;
}

}  // namespace

const ReplayFloors::Floor* ReplayFloors::find(const PublicKey& key) const {
  const auto found = std::find_if(floors_.begin(), floors_.end(),
                                  [&](const Floor& each) { return each.key == key; });
  return found == floors_.end() ? nullptr : &*found;
}

bool ReplayFloors::is_heard(const Word& word) const {
  return std::any_of(heard_.begin(), heard_.end(),
                     [&](const Word& each) { return is_same_chain(each, word); });
}

bool ReplayFloors::is_below(const Word& word) const {
  const Floor* const floor = find(word.key);
  return floor != nullptr && word.at <= floor->at && !is_heard(word);
}

void ReplayFloors::admit(const Word& word, Timestamp<Boot> now) {
  std::erase_if(heard_, [&](const Word& each) { return is_same_chain(each, word); });
  if (heard_.size() == kMostChains) heard_.erase(heard_.begin());
  heard_.push_back(word);
  const Floor* const known = find(word.key);
  if (known == nullptr) {
    if (floors_.size() == kMostFloors) floors_.erase(floors_.begin());
    floors_.push_back({word.key, word.at, now});
    return;
  }
  Floor& floor = floors_[static_cast<std::size_t>(known - floors_.data())];
  const Timestamp<Announced> most = floor.at + (now - floor.risen) + kMostAtOnce;
  floor.at = std::max(floor.at, std::min(word.at, most));
  floor.risen = now;
}

void ReplayFloors::lower(const PublicKey& key, Timestamp<Announced> to, Timestamp<Boot> now) {
  for (Floor& floor : floors_) {
    if (floor.key == key && to < floor.at) floor = {key, to, now};
  }
}

void ReplayFloors::forget(const PublicKey& key) {
  std::erase_if(floors_, [&](const Floor& floor) { return floor.key == key; });
}

void ReplayFloors::merge(const ReplayFloors& file, const ReplayFloors& before) {
  for (const Floor& old : before.floors_) {
    if (file.find(old.key) == nullptr) forget(old.key);
  }
  for (const Floor& there : file.floors_) {
    const Floor* const old = before.find(there.key);
    if (old != nullptr && old->at == there.at) continue;
    const Floor* const here = find(there.key);
    if (here != nullptr && here->at >= there.at) continue;
    forget(there.key);
    if (floors_.size() < kMostFloors) floors_.push_back(there);
  }
}

std::string floors_text(const ReplayFloors& floors) {
  std::string text;
  for (const ReplayFloors::Floor& each : floors.all()) {
    text += to_base64(each.key) + ' ' + std::to_string(each.at.since_epoch().count_ns()) + '\n';
  }
  return text;
}

Result<ReplayFloors> parse_floors(const std::string& text, const std::string& path,
                                  Timestamp<Boot> now) {
  std::vector<ReplayFloors::Floor> floors;
  std::istringstream lines{text};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const auto key = public_key_from_base64(line.substr(0, space));
    const auto ns = parse_whole_number(
        std::string_view{line}.substr(std::min(space + 1, line.size())), 0, kLast);
    if (!key || !ns) {
      return because(Error{path + ":" + std::to_string(number) +
                               ": this is no key with a time; remove the line, or the file",
                           kExitBadSettings});
    }
    const Timestamp<Announced> at{Duration::nanoseconds(static_cast<std::int64_t>(*ns))};
    floors.push_back({*key, at, now});
  }
  return ReplayFloors{std::move(floors)};
}

Result<ReplayFloors> read_floors(const GivenPlace& directory, Timestamp<Boot> now) {
  const auto place = find_state_directory(directory);
  if (!place || !file_exists(*place + kFile)) return ReplayFloors{};
  const auto text = read_file(*place + kFile);
  if (!text) return because(text.error());
  return parse_floors(*text, *place + kFile, now);
}

Result<void> write_floors(const GivenPlace& directory, const ReplayFloors& floors) {
  const auto place = state_directory(directory);
  if (!place) return because(place.error());
  auto written = write_file(*place + kFile, floors_text(floors), kMode);
  if (!written) return because(state_error(written.error()));
  return written;
}

}  // namespace timecast
