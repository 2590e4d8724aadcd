// SPDX-License-Identifier: MIT
//
// Clients of a control socket: one that asks as the programs do, and one that misbehaves.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/host/control_address.hpp"
#include "common/host/control_socket.hpp"
#include "tests/unit/host_loop.hpp"

namespace timecast {

// control_request() blocks, so it runs on a thread of its own while the loop serves it.
inline Result<std::string> ask(Loop& loop, const std::vector<std::string>& places,
                               const std::string& request,
                               Duration timeout = Duration::seconds(60)) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  UniqueFd ended{pipe[1]};
  Result<std::string> answer = because(Error{"none yet"});
  std::thread thread{[&] {
    answer = control_request(places, request, timeout);
    ended.reset();
  }};
  bool done = false;
  const auto poll = PollHandle::start(loop, UniqueFd{pipe[0]}, [&] { done = true; });
  while (!done) loop.run_once();
  thread.join();
  return answer;
}

// Speaks octet by octet, and listens only when told.
class RawClient {
 public:
  explicit RawClient(const std::string& place) {
    fd_ = UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const auto address = control_address(place);
    REQUIRE(address);
    REQUIRE(connect_control(fd_.get(), *address) == 0);
  }

  void say(const std::string& text) {
    REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void hang_up() { fd_.reset(); }

  // Whether the server has closed, without reading what it said before.
  [[nodiscard]] bool has_lost_its_server() const {
    pollfd wanted{fd_.get(), POLLRDHUP, 0};
    return ::poll(&wanted, 1, 0) == 1;
  }
  // Whether the server has closed; what it said before is in heard().
  bool is_closed() {
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return got == 0 || errno != EAGAIN;
      heard_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  UniqueFd fd_;
  std::string heard_;
};

}  // namespace timecast
