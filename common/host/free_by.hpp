// SPDX-License-Identifier: MIT
//
// For std::unique_ptr: frees what a library of C has made by that library's own function.
#pragma once

namespace timecast {

template <auto FreeFunction>
struct FreeBy {
  template <class Object>
  void operator()(Object* object) const noexcept {
    FreeFunction(object);
  }
};

}  // namespace timecast
