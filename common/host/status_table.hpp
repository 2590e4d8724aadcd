// SPDX-License-Identifier: MIT
//
// What a daemon says of itself to people: lines of a name and what there is to say of it.
#pragma once

#include <string>
#include <string_view>

#include <timecast/wire/reject.hpp>

#include "common/host/json_object.hpp"

namespace timecast {

class StatusTable {
 public:
  void row(std::string_view name, std::string_view text);
  // One row for each reason that has occurred.
  void refusals(const RejectCounters& rejected);
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
};

// The reasons that have occurred, with their counts.
[[nodiscard]] JsonObject refusals_object(const RejectCounters& rejected);

}  // namespace timecast
