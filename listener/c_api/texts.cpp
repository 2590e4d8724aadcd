// SPDX-License-Identifier: MIT
#include <timecast/listener.h>
#include <timecast/wire/reject.hpp>

const char* timecast_listener_error_text(int error) {
  switch (error) {
    case 0: return "no error";
    case TIMECAST_LISTENER_E_ARGUMENT: return "NULL, a struct of unknown size, or no init before";
    case TIMECAST_LISTENER_E_MEMORY: return "memory too small for this library, or not aligned";
    case TIMECAST_LISTENER_E_CONFIG: return "a value of the configuration is out of its range";
    case TIMECAST_LISTENER_E_VERIFY: return "signatures are to count, but verify is NULL";
    case TIMECAST_LISTENER_E_KEYS: return "pinned without a key, or more than eight keys";
    case TIMECAST_LISTENER_E_RANDOM: return "asking needs random; set it, or listen_only";
    case TIMECAST_LISTENER_E_NO_TIME: return "no time is known";
    case TIMECAST_LISTENER_E_SPACE: return "the buffer is too small";
    case TIMECAST_LISTENER_E_DAMAGED: return "damaged: this is not what was saved";
    case TIMECAST_LISTENER_E_VERSION: return "saved by an unknown version";
    case TIMECAST_LISTENER_E_LATE: return "restore comes before the first announcement";
    default: return "unknown error";
  }
}

const char* timecast_listener_refusal_text(uint32_t reason) {
  if (reason >= timecast::kRejectCount) return "unnamed";
  return timecast::to_string(static_cast<timecast::Reject>(reason));
}
