// SPDX-License-Identifier: MIT
#include "common/host/status_table.hpp"

#include <algorithm>

namespace timecast {

namespace {

constexpr std::size_t kNameWidth = 11;

template <class Function>
void for_each_reason(const RejectCounters& rejected, Function&& function) {
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    if (rejected[reason] != 0) function(reason, rejected[reason]);
  }
}

}  // namespace

void StatusTable::row(std::string_view name, std::string_view text) {
  text_.append(name).append(kNameWidth - std::min(name.size(), kNameWidth - 1), ' ');
  text_.append(text).append("\n");
}

void StatusTable::refusals(const RejectCounters& rejected) {
  for_each_reason(rejected, [this](Reject reason, std::uint32_t count) {
    row("refused", std::to_string(count) + " " + to_string(reason));
  });
}

JsonObject refusals_object(const RejectCounters& rejected) {
  JsonObject object;
  for_each_reason(rejected, [&object](Reject reason, std::uint32_t count) {
    object.add(to_string(reason), count);
  });
  return object;
}

}  // namespace timecast
