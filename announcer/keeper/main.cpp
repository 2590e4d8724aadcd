// SPDX-License-Identifier: MIT
//
// timecast-announcer-clock: reads this host's clock for an announcer that may not.
#include "common/host/clock_service.hpp"

int main() { return timecast::serve_clock({}); }
