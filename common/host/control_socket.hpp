// SPDX-License-Identifier: MIT
//
// How a program asks the daemon on its own host: a UNIX stream socket, one line of text there, one
// text and a line feed back, closed. An answer without that line feed was cut off.
//
// Anybody on the host may ask. A request that changes something must look at may_change.
//
// Errors:  at start an Error: another instance runs, the directory cannot be written. Later none: a
//          client that is slow, wordy or gone is dropped.
// Threads: the server's loop; the client blocks its caller.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"
#include "common/host/loop.hpp"

namespace timecast {

struct ControlRequest {
  std::string_view line;    // without its line feed
  bool may_change = false;  // from root or from the user who runs this daemon
};

class ControlServer {
 public:
  // Returns the answer, without the line feed at its end.
  using Handler = std::function<std::string(const ControlRequest&)>;

  static constexpr std::size_t kMaxRequestOctets = 4096;
  static constexpr std::size_t kMaxClients = 16;
  static constexpr Duration kClientPatience = Duration::seconds(5);

  // Listens at a path. A socket file that nobody listens to is replaced; its directory is made if
  // need be. Beside it stands a file "PLACE.lock" meanwhile.
  [[nodiscard]] static Result<ControlServer> listen(Loop& loop, const std::string& place,
                                                    Handler handler,
                                                    Duration patience = kClientPatience);
  ControlServer(ControlServer&&) noexcept;
  ControlServer& operator=(ControlServer&&) noexcept;
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ~ControlServer();  // removes the socket file, unless it is another's by now

  [[nodiscard]] const std::string& place() const noexcept;

 private:
  class Service;
  explicit ControlServer(std::unique_ptr<Service> service) noexcept;
  std::unique_ptr<Service> service_;
};

// Asks the first of the places where a daemon listens. The error lists the places tried.
[[nodiscard]] Result<std::string> control_request(const std::vector<std::string>& places,
                                                  std::string_view request, Duration timeout);

}  // namespace timecast
