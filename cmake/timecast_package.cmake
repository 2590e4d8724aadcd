# SPDX-License-Identifier: MIT
#
# What is installed: the programs, and for the programs of others three libraries, each merged from
# layers, with public headers and what find_package() and pkg-config read. Nothing in it names
# the folder it was installed to, so it may be moved.

include(CMakePackageConfigHelpers)
set(TIMECAST_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/timecast)

# timecast_add_package_library(<name> PC <file> LAYERS <layer>... [LINKS <target>...])
# defines timecast_<name>, alias timecast::<name>, of the layers' objects and public headers. LINKS
# are what its users must link as well. With FOR_C its users may be C programs.
function(timecast_add_package_library name)
  cmake_parse_arguments(PARSE_ARGV 1 library "FOR_C" "PC" "LAYERS;LINKS")
  list(TRANSFORM library_LAYERS PREPEND timecast_)
  timecast_can_build(can_build "the library ${name}" "${library_LAYERS}" ${library_LAYERS}
    ${library_LINKS})
  if(NOT can_build)
    return()
  endif()

  set(target timecast_${name})
  add_library(${target} STATIC)
  add_library(timecast::${name} ALIAS ${target})
  if(NOT library_FOR_C)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PUBLIC ${library_LINKS} $<BUILD_INTERFACE:timecast_expected>)
  endif()
  foreach(layer IN LISTS library_LAYERS)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${layer}>)
    get_target_property(headers ${layer} HEADER_SET)
    get_target_property(folders ${layer} HEADER_DIRS)
    if(headers)
      target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${folders} FILES ${headers})
    endif()
  endforeach()
  string(REPLACE _ - file_name timecast-${name})
  set_target_properties(${target} PROPERTIES
    LINKER_LANGUAGE CXX OUTPUT_NAME ${file_name} EXPORT_NAME ${name})

  install(TARGETS ${target} EXPORT ${file_name}
    ARCHIVE COMPONENT development
    FILE_SET HEADERS COMPONENT development)
  install(EXPORT ${file_name} NAMESPACE timecast:: FILE ${file_name}-targets.cmake
    DESTINATION ${TIMECAST_CMAKE_DIR} COMPONENT development)

  # From the .pc file's folder to the prefix.
  file(RELATIVE_PATH TIMECAST_PREFIX_FROM_PC
    /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${library_PC}.in ${PROJECT_BINARY_DIR}/${library_PC}
    @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${library_PC}
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endfunction()

timecast_add_package_library(listener PC timecast.pc LAYERS time wire listener_core listener_c_api)
# Whole layers: a linker takes from an archive what is used.
timecast_add_package_library(uv_listener PC timecast-uv.pc
  LAYERS host listener_daemon
  LINKS timecast_listener PkgConfig::libuv OpenSSL::Crypto)

# From the reader's objects also a shared library, for languages that load one.
timecast_add_package_library(now FOR_C PC timecast-now.pc LAYERS now_reader)
if(TARGET timecast_now AND NOT TIMECAST_SANITIZERS)  # their runtimes want to be the program's
  add_library(timecast_now_shared SHARED $<TARGET_OBJECTS:timecast_now_reader>)
  set_target_properties(timecast_now_shared PROPERTIES
    LINKER_LANGUAGE CXX OUTPUT_NAME timecast-now VERSION ${PROJECT_VERSION} SOVERSION 0)
  # Nothing of C++'s library is used.
  target_link_options(timecast_now_shared PRIVATE LINKER:--as-needed LINKER:--no-undefined)
  target_link_libraries(timecast_now_shared PRIVATE timecast_build)
  install(TARGETS timecast_now_shared
    LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
endif()

configure_package_config_file(cmake/timecast-config.cmake.in timecast-config.cmake
  INSTALL_DESTINATION ${TIMECAST_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/timecast-config-version.cmake
  COMPATIBILITY SameMinorVersion)  # until 1.0
install(FILES
  ${PROJECT_BINARY_DIR}/timecast-config.cmake
  ${PROJECT_BINARY_DIR}/timecast-config-version.cmake
  DESTINATION ${TIMECAST_CMAKE_DIR} COMPONENT development)
