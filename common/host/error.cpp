// SPDX-License-Identifier: MIT
#include "common/host/error.hpp"

#include <system_error>

namespace timecast {

std::string reason_of(int errno_value) {
  std::string reason = std::generic_category().message(errno_value);
  // "Permission denied" reads as part of a sentence, "RFS specific error" does not come up.
  if (!reason.empty() && reason[0] >= 'A' && reason[0] <= 'Z') {
    reason[0] = static_cast<char>(reason[0] - 'A' + 'a');
  }
  return reason;
}

Error system_error(std::string what, int errno_value, std::string_view way_out) {
  std::string text = std::move(what) + ": " + reason_of(errno_value);
  if (!way_out.empty()) text.append("; ").append(way_out);
  return Error{std::move(text), kExitFailed, errno_value};
}

}  // namespace timecast
