// SPDX-License-Identifier: MIT
#include <timecast/wire/reject.hpp>

namespace timecast {

const char* to_string(Reject reason) noexcept {
  switch (reason) {
    case Reject::too_short: return "too_short";
    case Reject::too_long: return "too_long";
    case Reject::length_not_multiple_of_four: return "length_not_multiple_of_four";
    case Reject::bad_version: return "bad_version";
    case Reject::bad_field_length: return "bad_field_length";
    case Reject::bad_mac_length: return "bad_mac_length";
    case Reject::bad_mode: return "bad_mode";
    case Reject::bad_destination: return "bad_destination";
    case Reject::bad_source: return "bad_source";
    case Reject::bad_hop_limit: return "bad_hop_limit";
    case Reject::no_announcement: return "no_announcement";
    case Reject::bad_announcement: return "bad_announcement";
    case Reject::bad_signature: return "bad_signature";
    case Reject::unknown_key: return "unknown_key";
    case Reject::duplicate: return "duplicate";
    case Reject::replayed: return "replayed";
    case Reject::zero_transmit: return "zero_transmit";
    case Reject::timeline_break: return "timeline_break";
    case Reject::unsynchronised: return "unsynchronised";
    case Reject::bad_stratum: return "bad_stratum";
    case Reject::root_distance_too_large: return "root_distance_too_large";
    case Reject::bad_reference_time: return "bad_reference_time";
    case Reject::implausible_time: return "implausible_time";
    case Reject::timing_loop: return "timing_loop";
    case Reject::table_full: return "table_full";
    case Reject::unsolicited: return "unsolicited";
    case Reject::origin_mismatch: return "origin_mismatch";
    case Reject::kiss_of_death: return "kiss_of_death";
    case Reject::implausible_exchange: return "implausible_exchange";
    case Reject::not_allowed: return "not_allowed";
    case Reject::rate_limited: return "rate_limited";
    case Reject::unknown_mac: return "unknown_mac";
    case Reject::stale_request: return "stale_request";
    case Reject::missing_mac: return "missing_mac";
    case Reject::bad_mac: return "bad_mac";
  }
  return "unnamed";
}

}  // namespace timecast
