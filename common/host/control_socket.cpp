// SPDX-License-Identifier: MIT
//
// The daemon's side. Who asks: control_request.cpp.
#include "common/host/control_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "common/host/control_address.hpp"
#include "common/host/lock_file.hpp"
#include "common/host/places.hpp"

namespace timecast {

namespace {

constexpr mode_t kForAnybody = 0666;
constexpr mode_t kSearchable = 0755;
constexpr int kBacklog = 64;
constexpr std::string_view kWayOut = "name another place with --socket";

Error another_listens(const std::string& place) {
  return Error{"another program listens at " + place + "; stop it, or " + std::string{kWayOut}};
}

// Root, or the user this daemon runs as.
bool may_change(int fd) noexcept {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

bool is_waiting(int error) noexcept { return error == EAGAIN || error == EINTR; }

}  // namespace

class ControlServer::Service {
 public:
  Service(Loop& loop, std::string place, Handler handler, Duration patience)
      : loop_{loop},
        place_{std::move(place)},
        handler_{std::make_shared<const Handler>(std::move(handler))},
        patience_ms_{static_cast<std::uint64_t>(patience.count_ns() / 1'000'000)} {}
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  Result<void> start();
  [[nodiscard]] const std::string& place() const noexcept { return place_; }

 private:
  struct Conversation {
    Service* service = nullptr;
    UniqueFd fd;
    std::uint64_t since_ms = 0;  // by the loop's clock
    std::string request;
    std::string reply;
    std::size_t replied = 0;
  };
  using Client = UvHandle<uv_poll_t, Conversation>;

  [[nodiscard]] Result<void> look_at_place() const;
  Result<void> lock_place();
  Result<void> make_room();
  Result<void> bind_place();
  Result<void> start_accepting();
  void accept_waiting();
  void admit(UniqueFd fd);
  static void on_readable(uv_poll_t* handle, int status, int events);
  static void on_writable(uv_poll_t* handle, int status, int events);
  void answer(uv_poll_t* handle, std::string_view line);
  void drop(const uv_poll_t* handle) noexcept;
  void on_tick();

  Loop& loop_;
  std::string place_;
  std::shared_ptr<const Handler> handler_;
  std::uint64_t patience_ms_;
  LockFile lock_;
  UniqueFd listener_;
  struct stat file_ {};                  // the socket's, to know it again
  std::optional<PollHandle> accepting_;  // nothing while there are no descriptors left
  std::vector<Client> clients_;          // the oldest first
  UvHandle<uv_timer_t, Service*> ticker_;
};

Result<void> ControlServer::Service::start() {
  const auto made = make_directories(parent_of(place_), kSearchable);
  if (!made) return because(Error{made.error().text + "; " + std::string{kWayOut}});
  ticker_.init(this, [&](uv_timer_t* timer) { return uv_timer_init(loop_.get(), timer); });
  auto done = look_at_place();
  if (done) done = lock_place();
  if (done) done = make_room();
  if (done) done = bind_place();
  if (done) done = start_accepting();
  return done;
}

ControlServer::Service::~Service() {
  struct stat now {};
  const bool is_ours = ::lstat(place_.c_str(), &now) == 0 && now.st_ino == file_.st_ino &&
                       now.st_dev == file_.st_dev;
  if (is_ours) ::unlink(place_.c_str());
}

Result<void> ControlServer::Service::look_at_place() const {
  struct stat there {};
  if (::lstat(place_.c_str(), &there) != 0 || S_ISSOCK(there.st_mode)) return {};
  const std::string what = S_ISDIR(there.st_mode) ? "a directory" : "a file";
  return because(Error{"cannot listen at " + place_ + ": there is " + what +
                       ", which is no socket; " + std::string{kWayOut}});
}

// Of two that start at once, one goes on.
Result<void> ControlServer::Service::lock_place() {
  auto lock = LockFile::take(place_ + ".lock");
  if (lock) {
    lock_ = std::move(*lock);
    return {};
  }
  if (lock.error().errno_value == EWOULDBLOCK) return because(another_listens(place_));
  return because(Error{lock.error().text + "; " + std::string{kWayOut}});
}

// Removes a socket whose program has gone; none that anybody listens to, whether or not that
// program knows our lock.
Result<void> ControlServer::Service::make_room() {
  const auto address = control_address(place_);
  if (!address) return because(address.error());
  struct stat there {};
  if (::lstat(place_.c_str(), &there) != 0) return {};
  const UniqueFd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!probe) return because(system_error("cannot open a socket", errno));
  const int refused = connect_control(probe.get(), *address);
  if (refused == 0 || refused == EAGAIN) return because(another_listens(place_));
  if (refused == ECONNREFUSED && S_ISSOCK(there.st_mode)) ::unlink(place_.c_str());
  return {};
}

Result<void> ControlServer::Service::bind_place() {
  const auto address = control_address(place_);
  if (!address) return because(address.error());
  listener_ = UniqueFd{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const bool listens =
      listener_ &&
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
      ::lstat(place_.c_str(), &file_) == 0 && ::chmod(place_.c_str(), kForAnybody) == 0 &&
      ::listen(listener_.get(), kBacklog) == 0;
  if (listens) return {};
  return because(system_error("cannot listen at " + place_, errno, kWayOut));
}

Result<void> ControlServer::Service::start_accepting() {
  auto poll = PollHandle::start(loop_, listener_.get(), [this] { accept_waiting(); });
  if (!poll) return because(poll.error());
  accepting_ = std::move(*poll);
  return {};
}

void ControlServer::Service::accept_waiting() {
  for (std::size_t i = 0; i < kMaxClients; ++i) {
    UniqueFd fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd) {
      admit(std::move(fd));
      continue;
    }
    // No descriptors or no memory: who waits would wake the loop again and again.
    if (!is_waiting(errno) && errno != ECONNABORTED) accepting_.reset();
    break;
  }
  const auto tick = [](uv_timer_t* timer) { decltype(ticker_)::state_of(timer)->on_tick(); };
  const std::uint64_t pace_ms = std::clamp<std::uint64_t>(patience_ms_ / 4, 1, 250);
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(ticker_.get())) == 0) {
    uv_timer_start(ticker_.get(), tick, pace_ms, pace_ms);
  }
}

// A client that asks is served at once. So the oldest of many is one that does not ask or does not
// read, and it makes room.
void ControlServer::Service::admit(UniqueFd fd) {
  if (clients_.size() == kMaxClients) clients_.erase(clients_.begin());
  const int number = fd.get();
  Client client;
  const int status =
      client.init({this, std::move(fd), uv_now(loop_.get()), {}, {}, 0},
                  [&](uv_poll_t* handle) { return uv_poll_init(loop_.get(), handle, number); });
  if (status < 0) return;
  uv_poll_start(client.get(), UV_READABLE, on_readable);
  clients_.push_back(std::move(client));
}

void ControlServer::Service::on_readable(uv_poll_t* handle, int status, int /*events*/) {
  Conversation& talk = Client::state_of(handle);
  std::array<char, kMaxRequestOctets> buffer{};
  const std::size_t room = kMaxRequestOctets - talk.request.size();
  const ssize_t got = status < 0 ? 0 : ::recv(talk.fd.get(), buffer.data(), room, MSG_DONTWAIT);
  if (got < 0 && is_waiting(errno)) return;
  if (got <= 0) return talk.service->drop(handle);
  talk.request.append(buffer.data(), static_cast<std::size_t>(got));
  const std::size_t end = talk.request.find('\n');
  // Without its end a request may be half of another one.
  if (end != std::string::npos) {
    talk.service->answer(handle, std::string_view{talk.request}.substr(0, end));
  } else if (talk.request.size() == kMaxRequestOctets) {
    talk.service->drop(handle);
  }
}

void ControlServer::Service::answer(uv_poll_t* handle, std::string_view line) {
  Conversation& talk = Client::state_of(handle);
  const std::shared_ptr<const Handler> handler = handler_;  // it may destroy this server
  talk.reply = (*handler)({line, may_change(talk.fd.get())}) + '\n';
  if (uv_is_closing(reinterpret_cast<uv_handle_t*>(handle)) == 0) on_writable(handle, 0, 0);
}

void ControlServer::Service::on_writable(uv_poll_t* handle, int status, int /*events*/) {
  Conversation& talk = Client::state_of(handle);
  while (status == 0 && talk.replied < talk.reply.size()) {
    const ssize_t sent = ::send(talk.fd.get(), talk.reply.data() + talk.replied,
                                talk.reply.size() - talk.replied, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && is_waiting(errno)) {
      uv_poll_start(handle, UV_WRITABLE, on_writable);
      return;
    }
    if (sent < 0) break;
    talk.replied += static_cast<std::size_t>(sent);
  }
  talk.service->drop(handle);
}

void ControlServer::Service::drop(const uv_poll_t* handle) noexcept {
  std::erase_if(clients_, [&](const Client& client) { return client.get() == handle; });
}

void ControlServer::Service::on_tick() {
  const std::uint64_t now_ms = uv_now(loop_.get());
  std::erase_if(clients_, [&](const Client& client) {
    return now_ms - client.state().since_ms >= patience_ms_;
  });
  const bool accepts = accepting_.has_value() || start_accepting().has_value();
  if (accepts && clients_.empty()) uv_timer_stop(ticker_.get());
}

Result<ControlServer> ControlServer::listen(Loop& loop, const std::string& place, Handler handler,
                                            Duration patience) {
  auto service = std::make_unique<Service>(loop, place, std::move(handler), patience);
  if (const auto started = service->start(); !started) return because(started.error());
  return ControlServer{std::move(service)};
}

ControlServer::ControlServer(std::unique_ptr<Service> service) noexcept
    : service_{std::move(service)} {}
ControlServer::ControlServer(ControlServer&&) noexcept = default;
ControlServer& ControlServer::operator=(ControlServer&&) noexcept = default;
ControlServer::~ControlServer() = default;

const std::string& ControlServer::place() const noexcept { return service_->place(); }

}  // namespace timecast
