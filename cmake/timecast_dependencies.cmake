# SPDX-License-Identifier: MIT
#
# Everything that is not ours. Imported targets count as SYSTEM: their headers raise no warnings.

# One header, copied alone into the build tree: a cross build must not see the host's /usr/include.
find_path(TIMECAST_EXPECTED_FROM tl/expected.hpp PATHS /usr/include /usr/local/include
  NO_CMAKE_FIND_ROOT_PATH REQUIRED)
configure_file(${TIMECAST_EXPECTED_FROM}/tl/expected.hpp
  ${PROJECT_BINARY_DIR}/third_party/tl/expected.hpp COPYONLY)
add_library(timecast_expected INTERFACE)
target_include_directories(timecast_expected SYSTEM INTERFACE
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/third_party>)

if(TIMECAST_BUILD_HOSTED)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv>=1.44)  # it has no CMake package
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
  find_package(nlohmann_json 3.11 REQUIRED)
endif()

if(TIMECAST_BUILD_TESTS)
  find_package(doctest 2.4 REQUIRED)
endif()
