// SPDX-License-Identifier: MIT
//
// Loaded before a program, it makes a clock that somebody keeps right of this host's: a machine
// whose chronyd works. Nothing is set.
#include <dlfcn.h>
#include <sys/timex.h>

extern "C" int adjtimex(timex* request) noexcept {
  using Call = int (*)(timex*);
  static const Call kReal = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "adjtimex"));
  const bool reads = request->modes == 0;
  const int state = kReal(request);
  if (!reads || state == -1) return state;
  request->status &= ~STA_UNSYNC;
  request->maxerror = 1'000;
  request->esterror = 100;
  return TIME_OK;
}
