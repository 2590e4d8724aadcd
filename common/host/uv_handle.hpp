// SPDX-License-Identifier: MIT
//
// A libuv handle with what its callback needs, and the one place that knows libuv's rule: the
// memory of a handle may be freed only in its close callback, a turn of the loop after the close.
//
// So the owner holds a pointer to a node on the heap; when the owner goes, the handle is closed at
// once, no callback of it runs any more, and the loop frees the node. A callback may therefore
// destroy its own owner.
//
// Threads: the loop's.
#pragma once

#include <uv.h>

#include <memory>
#include <utility>

namespace timecast {

template <class Handle, class State>
class UvHandle {
 public:
  struct Node {
    Handle handle{};
    State state;
  };

  UvHandle() noexcept = default;

  // `init` is uv_..._init for this handle: int(Handle*). Returns its status. A handle that libuv
  // refused to initialise was never the loop's and is freed here.
  template <class Init>
  int init(State state, Init&& init_handle) {
    auto node = std::make_unique<Node>(Node{{}, std::move(state)});
    const int status = init_handle(&node->handle);
    if (status < 0) return status;
    node->handle.data = node.get();
    node_.reset(node.release());
    return status;
  }

  [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }
  [[nodiscard]] Handle* get() const noexcept { return node_ ? &node_->handle : nullptr; }
  [[nodiscard]] State& state() const noexcept { return node_->state; }
  void close() noexcept { node_.reset(); }

  // In a callback: the state of the handle it was called for.
  static State& state_of(const Handle* handle) noexcept {
    return static_cast<Node*>(handle->data)->state;
  }

 private:
  struct Close {
    void operator()(Node* node) const noexcept {
      uv_close(reinterpret_cast<uv_handle_t*>(&node->handle),
               [](uv_handle_t* closed) { delete static_cast<Node*>(closed->data); });
    }
  };
  std::unique_ptr<Node, Close> node_;
};

}  // namespace timecast
