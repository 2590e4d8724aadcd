// SPDX-License-Identifier: MIT
//
// Where octets of code count: one copy in the program instead of one a use (a saturating 64-bit sum
// is ten instructions on a 32-bit machine), and none of what only calls that copy.
//
// Builds:  freestanding.
#pragma once

#if defined(__OPTIMIZE_SIZE__)
#define TIMECAST_SHARED_WHEN_SMALL [[gnu::noinline]]
#define TIMECAST_INLINE_WHEN_SMALL [[gnu::always_inline]]
#else
#define TIMECAST_SHARED_WHEN_SMALL
#define TIMECAST_INLINE_WHEN_SMALL
#endif
