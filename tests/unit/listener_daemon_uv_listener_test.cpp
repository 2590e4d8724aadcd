// SPDX-License-Identifier: MIT
#include <timecast/uv_listener.hpp>

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <uv.h>

#include <csignal>

#include <timecast/wire/announcement.hpp>

#include "tests/simulation/toy_signer.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

// A loop of the application's, and an announcer at loopback.
class Application {
 public:
  Application() {
    REQUIRE(uv_loop_init(&loop_) == 0);
    settings.interfaces = {"127.0.0.1"};
    settings.group4 = kGroup;
    settings.port = sender_.local().port;
    settings.signatures = SignatureMode::off;
    settings.listen_only = true;
  }
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  ~Application() {
    listener.reset();
    uv_run(&loop_, UV_RUN_NOWAIT);
    CHECK(uv_loop_close(&loop_) == 0);
  }

  void start() {
    UvListener::Started started = UvListener::start(&loop_, settings, callbacks);
    REQUIRE(started.error == "");
    listener = std::move(started.listener);
  }
  // Lets the loop turn, announcing meanwhile; false if the condition does not come to hold.
  bool run_until(const std::function<bool()>& condition) {
    const Timestamp<Boot> limit = boot_now() + Duration::seconds(60);
    for (bool is_alive = true; is_alive && !condition();) {
      if (boot_now() > limit) return false;
      if (listener && listener->status().announcements == 0) announce();
      is_alive = uv_run(&loop_, UV_RUN_ONCE) != 0;
    }
    return condition();
  }
  // Lets handles that were closed go; nothing else may be left in the loop.
  void run_empty() {
    for (int turn = 0; turn < 1000 && uv_run(&loop_, UV_RUN_NOWAIT) != 0; ++turn) {
    }
    CHECK(uv_loop_alive(&loop_) == 0);
  }
  void announce() {
    Header header;
    header.mode = Mode::broadcast;
    header.stratum = 3;
    header.precision = Log2Seconds{-20};
    const Duration now = realtime_now().since_epoch();
    header.transmit = to_ntp(Timestamp<Announced>{now + Duration::seconds(5)});
    header.reference = header.transmit;
    Announcement announcement;
    announcement.key = sim::toy_signer(1).key;
    announcement.interval_ms = 1'000;
    announcement.sequence = ++sequence_;
    std::vector<std::uint8_t> octets(kAnnouncementPacketOctets);
    copy_octets(encode(header), octets);
    write_announcement(octets, kHeaderOctets, announcement);
    CHECK(sender_.send(octets, {kGroup, sender_.local().port, loopback_index()}) == 0);
  }
  uv_loop_t* loop() { return &loop_; }

  UvListenerSettings settings;
  UvListenerCallbacks callbacks;
  std::unique_ptr<UvListener> listener;

 private:
  uv_loop_t loop_{};
  UdpSocket sender_ = opened(group_options());
  std::uint64_t sequence_ = 0;
};

std::string refusal(const std::function<void(UvListenerSettings&)>& spoil) {
  Application application;
  spoil(application.settings);
  const auto started = UvListener::start(application.loop(), application.settings, {});
  CHECK(started.listener == nullptr);
  return started.error;
}

// What a library has no business to change.
struct Process {
  sighandler_t on_term = SIG_ERR;
  sighandler_t on_pipe = SIG_ERR;
  rlim_t descriptors = 0;
  int timer_slack_ns = 0;

  static Process now() {
    Process process;
    struct sigaction action {};
    ::sigaction(SIGTERM, nullptr, &action);
    process.on_term = action.sa_handler;
    ::sigaction(SIGPIPE, nullptr, &action);
    process.on_pipe = action.sa_handler;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    process.descriptors = limit.rlim_cur;
    process.timer_slack_ns = ::prctl(PR_GET_TIMERSLACK);
    return process;
  }
  friend bool operator==(const Process&, const Process&) = default;
};

}  // namespace

TEST_CASE("uv listener: hears announcements in a loop of the application's") {
  Application application;
  State state = State::searching;
  application.callbacks.on_state = [&](const ListenerStatus& status) { state = status.state; };
  application.start();
  CHECK(!application.listener->now());
  REQUIRE(application.run_until([&] { return state == State::tentative; }));
  const auto now = application.listener->now();
  REQUIRE(now);
  const Duration ahead = offset_between(now->utc, realtime_now());
  CHECK(magnitude(ahead - Duration::seconds(5)) < now->bound + Duration::seconds(1));
  CHECK(application.listener->status().announcements >= 1);
}

TEST_CASE("uv listener: tells its estimate every second") {
  Application application;
  std::vector<Timestamp<Boot>> seconds;
  application.callbacks.on_estimate = [&](const ListenerStatus&) { seconds.push_back(boot_now()); };
  application.start();
  REQUIRE(application.run_until([&] { return seconds.size() == 3; }));
  CHECK(seconds[2] - seconds[0] > Duration::milliseconds(1'500));
}

TEST_CASE("uv listener: says in words what it cannot start with") {
  struct Row {
    const char* text;
    std::function<void(UvListenerSettings&)> spoil;
  };
  for (const Row& row : {
           Row{"there is no interface \"nowhere0\"", [](auto& s) { s.interfaces = {"nowhere0"}; }},
           Row{"group4: 192.0.2.1 is no IPv4 multicast address",
               [](auto& s) { s.group4 = Address::ipv4(192, 0, 2, 1); }},
           Row{"group6: 239.255.77.1 is no IPv6 multicast address",
               [](auto& s) { s.group6 = kGroup; }},
           Row{"hear: 192.0.2.1:123 is neither a group nor a broadcast address",
               [](auto& s) {
                 s.hear = {{Address::ipv4(192, 0, 2, 1), 123, 0}};
               }},
           Row{"port: 0 is none", [](auto& s) { s.port = 0; }},
           Row{"delay: 1.5 s is out of range (0 to 1 s)",
               [](auto& s) { s.delay = Duration::milliseconds(1'500); }},
           Row{"max_bound: 0 ns is out of range", [](auto& s) { s.max_bound = Duration{}; }},
           Row{"signatures: pinned needs keys",
               [](auto& s) { s.signatures = SignatureMode::pinned; }},
           Row{"keys: mean nothing while signatures are off",
               [](auto& s) { s.keys = {PublicKey{}}; }},
           Row{"cannot read /nowhere/keys",
               [](auto& s) {
                 s.signatures = SignatureMode::pinned;
                 s.keys_file = "/nowhere/keys";
               }},
           Row{"more than 8 keys; remove some",
               [](auto& s) {
                 s.signatures = SignatureMode::pinned;
                 s.keys.resize(9);
               }},
       }) {
    CAPTURE(row.text);
    const std::string said = refusal(row.spoil);
    CAPTURE(said);
    CHECK(said.starts_with(row.text));
  }
  CHECK(UvListener::start(nullptr, {}, {}).error == "there is no loop");
}

TEST_CASE("uv listener: may be destroyed in each of its callbacks, and leaves the loop empty") {
  struct Row {
    const char* callback;
    void (*install)(Application&, const std::function<void()>& destroy);
  };
  for (const Row& row : {
           Row{"on_state",
               [](Application&a, const std::function<void()>&destroy) {
                 a.callbacks.on_state = [=](const ListenerStatus&) { destroy(); };
               }},
           Row{"on_estimate",
               [](Application&a, const std::function<void()>&destroy) {
                 a.callbacks.on_estimate = [=](const ListenerStatus&) { destroy(); };
               }},
           Row{"on_message",
               [](Application&a, const std::function<void()>&destroy) {
                 a.callbacks.on_message = [=](Weight, std::string_view) { destroy(); };
               }},
       }) {
    CAPTURE(row.callback);
    Application application;
    int calls = 0;
    row.install(application, [&] {
      ++calls;
      application.listener.reset();
    });
    application.start();
    CHECK(application.run_until([&] { return calls > 0; }));
    application.run_empty();
    CHECK(calls == 1);
  }
}

TEST_CASE("uv listener: says which group it hears, in the loop and not from within start") {
  Application application;
  std::vector<std::string> messages;
  application.callbacks.on_message = [&](Weight weight, std::string_view text) {
    CHECK(weight == Weight::info);
    messages.emplace_back(text);
  };
  application.start();
  CHECK(messages.empty());
  REQUIRE(application.run_until([&] { return !messages.empty(); }));
  CHECK(messages.front() ==
        "listening to 239.255.77.1:" + std::to_string(application.settings.port) + " on lo");
}

TEST_CASE("uv listener: prints nothing and changes nothing of the process") {
  // In a child process: what is compared is a process's own.
  const ChildOutput output = output_of([] {
    const Process before = Process::now();
    Application application;
    bool is_heard = false;
    application.callbacks.on_estimate = [&](const ListenerStatus& status) {
      is_heard = status.state == State::tentative;
    };
    application.start();
    if (!application.run_until([&] { return is_heard; })) return 1;
    if (!(Process::now() == before)) return 2;
    application.settings.keys_file = "/nowhere/keys";
    application.settings.signatures = SignatureMode::pinned;
    if (UvListener::start(application.loop(), application.settings, {}).listener) return 3;
    return Process::now() == before ? 0 : 4;
  });
  CHECK(output.exit_code == 0);
  CHECK(output.out == "");
  CHECK(output.err == "");
}

TEST_CASE("uv listener: a stop of the loop stays the application's to call") {
  Application application;
  int states = 0;
  application.callbacks.on_state = [&](const ListenerStatus&) {
    ++states;
    uv_stop(application.loop());
  };
  application.start();
  application.announce();
  // Were it stopped by anything else, this would return before a state was told.
  uv_run(application.loop(), UV_RUN_DEFAULT);
  CHECK(states == 1);
  CHECK(uv_loop_alive(application.loop()) != 0);
}
