// SPDX-License-Identifier: MIT
//
// A listener in a program's own libuv loop: prints what it knows until the time is certain.
//
//     uv_listener_example [INTERFACE]
#include <cstdio>

#include <uv.h>
#include <timecast/uv_listener.hpp>

using namespace timecast;

int main(int argc, char** argv) {
  UvListenerSettings settings;
  if (argc > 1) settings.interfaces = {argv[1]};

  std::unique_ptr<UvListener> listener;
  UvListenerCallbacks callbacks;
  callbacks.on_state = [](const ListenerStatus& status) { std::puts(describe(status).c_str()); };
  callbacks.on_estimate = [&](const ListenerStatus& status) {
    const auto time = listener->now();
    if (!time) return;
    std::printf("%.6f s since 1970, +-%.6f s\n", time->utc.since_epoch().to_seconds(),
                time->bound.to_seconds());
    if (status.state == State::synchronised) listener.reset();  // and so the loop ends
  };

  UvListener::Started started = UvListener::start(uv_default_loop(), settings, callbacks);
  if (!started.listener) {
    std::fprintf(stderr, "uv_listener_example: %s\n", started.error.c_str());
    return 1;
  }
  listener = std::move(started.listener);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return uv_loop_close(uv_default_loop()) == 0 ? 0 : 1;
}
