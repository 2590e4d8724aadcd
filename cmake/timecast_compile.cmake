# SPDX-License-Identifier: MIT
#
# How our own code is compiled, as interface targets. Nothing here touches global flags, so code
# that merely includes timecast keeps its own.

find_program(TIMECAST_CCACHE ccache)
if(TIMECAST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TIMECAST_CCACHE})
endif()

# Warnings and sanitizers: every target of ours links this one privately.
add_library(timecast_build INTERFACE)
target_compile_options(timecast_build INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wdouble-promotion -Wimplicit-fallthrough
  -Wno-missing-field-initializers  # a member that a designated initializer leaves out has its default
  $<$<BOOL:${TIMECAST_WARNINGS_AS_ERRORS}>:-Werror>)
if(TIMECAST_SANITIZERS)
  target_compile_options(timecast_build INTERFACE
    -fsanitize=${TIMECAST_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(timecast_build INTERFACE -fsanitize=${TIMECAST_SANITIZERS})
endif()

# The layers below the sans-I/O line also run on microcontrollers.
add_library(timecast_freestanding INTERFACE)
target_compile_options(timecast_freestanding INTERFACE
  -fno-exceptions -fno-rtti -fno-threadsafe-statics
  -ffp-contract=off  # bit-equal results on every target
  # Needs the optimiser's view to be worth reading; in hosted code it is loud about inlined
  # std::string.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wnull-dereference>
  # All else is quick to compile and slow to run then; the cores run for simulated days.
  $<$<CONFIG:RelWithDebInfo>:-O2>)
