# SPDX-License-Identifier: MIT
#
# Cortex-M4, or another TIMECAST_CPU, with Debian's gcc-arm-none-eabi and picolibc: proves that the
# layers below the sans-I/O line need no operating system, and shows what they weigh.

if(NOT DEFINED TIMECAST_CPU)
  set(TIMECAST_CPU cortex-m4)
endif()
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${TIMECAST_CPU})
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # there is nothing to link a program with

# The C library gives headers only: some of libstdc++'s freestanding headers include <stdlib.h>.
set(CMAKE_CXX_FLAGS_INIT "-mcpu=${TIMECAST_CPU} -mthumb -ffreestanding --specs=picolibc.specs \
-ffunction-sections -fdata-sections")

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
