// SPDX-License-Identifier: MIT
//
// What a listener knows, as text for Prometheus: `--textfile FILE`.
//
// Units:   those that the names say; a clock's frequency as the ratio to run at.
// Threads: any; pure.
// Source:  Prometheus' text format 0.0.4, as node_exporter's textfile collector reads it.
#pragma once

#include <string>

#include "listener/daemon/report.hpp"

namespace timecast {

[[nodiscard]] std::string metrics_text(const ListenerReport& report);

}  // namespace timecast
