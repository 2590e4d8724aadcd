// SPDX-License-Identifier: MIT
//
// A sequence of events into the listener's core.
#include "tests/fuzz/listener_world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  timecast::fuzz::Source source{{data, size}};
  timecast::fuzz::ListenerWorld{source}.run();
  return 0;
}
