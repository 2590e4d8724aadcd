// SPDX-License-Identifier: MIT
//
// The shared page has the same layout where words have 32 bits: its header says so to the compiler.

#include <type_traits>

#include "listener/now/page.hpp"

static_assert(std::is_standard_layout_v<timecast::Page>);
