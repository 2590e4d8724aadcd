// SPDX-License-Identifier: MIT
//
// For user-mode Linux on processors whose extended state is larger than its buffer (AMX): what it
// writes back of a register set is completed by what the traced process has.
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstring>

namespace {

long kernel(long request, long pid, void* address, void* data) {
  return ::syscall(SYS_ptrace, request, pid, address, data);
}

long set_whole_state(long pid, void* address, const iovec& part) {
  static char state[1 << 16];
  iovec whole{state, sizeof state};
  const long got = kernel(PTRACE_GETREGSET, pid, address, &whole);
  if (got < 0) return got;
  if (part.iov_len < whole.iov_len)
    std::memcpy(state, part.iov_base, part.iov_len);
  else
    whole = part;
  return kernel(PTRACE_SETREGSET, pid, address, &whole);
}

}  // namespace

// As the C library's, which it stands in front of.
extern "C" long ptrace(enum __ptrace_request request, ...) {
  va_list rest;
  va_start(rest, request);
  const long pid = va_arg(rest, int);
  void* const address = va_arg(rest, void*);
  void* const data = va_arg(rest, void*);
  va_end(rest);
  if (request == PTRACE_SETREGSET && reinterpret_cast<long>(address) == NT_X86_XSTATE) {
    return set_whole_state(pid, address, *static_cast<const iovec*>(data));
  }
  const bool peeks = request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSER;
  if (!peeks) return kernel(request, pid, address, data);
  long word = 0;
  const long done = kernel(request, pid, address, &word);
  return done < 0 ? done : word;
}
