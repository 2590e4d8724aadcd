// SPDX-License-Identifier: MIT
#include "common/host/interface_watch.hpp"

#include <string>

#include "tests/unit/host_loop.hpp"
#include "tests/unit/host_namespace.hpp"

using namespace timecast;

TEST_CASE("host interface watch: flags and addresses that change are told, and nothing else") {
  in_own_network("host interface watch: changes are told", []() -> std::string {
    Loop loop;
    int changes = 0;
    const auto watch = InterfaceWatch::start(loop, [&](const InterfaceChange&) { ++changes; });
    if (!watch) return watch.error().text;
    run_for(loop, Duration::milliseconds(2));
    if (changes != 0) return "told of a change that was none";

    if (!set_loopback_flags(IFF_UP)) return "cannot set the interface up";
    if (!run_until(loop, [&] { return changes > 0; })) return "did not tell of the interface";

    run_for(loop, Duration::milliseconds(2));  // one change can come in several messages
    changes = 0;
    if (!set_loopback_address("192.0.2.1")) return "cannot set an address";
    if (!run_until(loop, [&] { return changes > 0; })) return "did not tell of the address";
    return "";
  });
}

TEST_CASE("host interface watch: more changes than the kernel keeps do not end the watch") {
  in_own_network("host interface watch: a queue that runs over", []() -> std::string {
    Loop loop;
    int changes = 0;
    const auto watch = InterfaceWatch::start(loop, [&](const InterfaceChange&) { ++changes; });
    if (!watch) return watch.error().text;
    for (int i = 0; i < 1000; ++i) {
      if (!set_loopback_flags(i % 2 == 0 ? IFF_UP : 0)) return "cannot change the interface";
    }
    if (!run_until(loop, [&] { return changes > 0; })) return "told of nothing";
    run_for(loop, Duration::milliseconds(2));
    changes = 0;
    if (!set_loopback_flags(IFF_UP)) return "cannot set the interface up";
    if (!run_until(loop, [&] { return changes > 0; })) return "became deaf";
    return "";
  });
}
