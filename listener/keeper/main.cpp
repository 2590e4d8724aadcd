// SPDX-License-Identifier: MIT
//
// timecast-listener-clock: holds this host's clock for a listener that may not touch it.
#include "common/host/clock_service.hpp"
#include "listener/clocks/listener_rights.hpp"

int main() {
  timecast::ListenerRights rights;
  timecast::ClockService service;
  service.rights = [&rights](const timex& call, timecast::Timestamp<timecast::Boot> now) {
    return rights.allows(call, now);
  };
  return timecast::serve_clock(service);
}
