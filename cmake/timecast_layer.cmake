# SPDX-License-Identifier: MIT
#
# One layer of the program is one static library. tests/layers holds who may include whom.

include(GNUInstallDirs)

# The sources of some folders. A glob, not a list: many people add files at once, and a file in a
# layer's folder always belongs to that layer. CONFIGURE_DEPENDS makes the build look again.
function(timecast_glob out pattern)
  set(found)
  foreach(folder IN LISTS ARGN)
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/${pattern})
    list(APPEND found ${files})
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# True if the folder has sources and all targets named exist; says what is left out otherwise.
function(timecast_can_build out name sources)
  set(missing)
  foreach(target IN LISTS ARGN)
    if(NOT TARGET ${target})
      list(APPEND missing ${target})
    endif()
  endforeach()
  if(NOT sources)
    message(STATUS "timecast: ${name} is left out: it has no sources yet")
  elseif(missing)
    message(STATUS "timecast: ${name} is left out: it needs ${missing}")
  endif()
  if(sources AND NOT missing)
    set(${out} TRUE PARENT_SCOPE)
  else()
    set(${out} FALSE PARENT_SCOPE)
  endif()
endfunction()

# timecast_add_layer(<name> SOURCES <folder>... [LINKS <target>...] [PRIVATE_LINKS <target>...]
#                    [HEADERS <include base> <folder or header below it>...] [FREESTANDING])
# defines timecast_<name>, alias timecast::<name>. HEADERS are the layer's public ones; each must
# compile alone (target all_verify_interface_header_sets).
function(timecast_add_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "FREESTANDING" ""
    "SOURCES;LINKS;PRIVATE_LINKS;HEADERS")
  timecast_glob(sources *.cpp ${layer_SOURCES})
  timecast_can_build(can_build ${name} "${sources}" ${layer_LINKS} ${layer_PRIVATE_LINKS})
  if(NOT can_build)
    return()
  endif()

  set(target timecast_${name})
  add_library(${target} STATIC ${sources})
  add_library(timecast::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target}
    PUBLIC ${layer_LINKS}
    PRIVATE ${layer_PRIVATE_LINKS} timecast_build)
  if(layer_FREESTANDING)
    target_link_libraries(${target} PRIVATE timecast_freestanding)
  endif()
  if(layer_HEADERS)
    timecast_add_public_headers(${target} ${layer_HEADERS})
  endif()
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
endfunction()

function(timecast_add_public_headers target base)
  list(TRANSFORM ARGN PREPEND ${base}/ OUTPUT_VARIABLE folders)
  set(files ${folders})
  list(FILTER folders EXCLUDE REGEX "\\.h(pp)?$")
  list(FILTER files INCLUDE REGEX "\\.h(pp)?$")
  timecast_glob(headers *.hpp ${folders})
  list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/)
  list(APPEND headers ${files})
  target_sources(${target} PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/${base} FILES ${headers})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# timecast_add_program(<name> COMPONENT <package> SOURCES <file>... LINKS <target>... [OF_A_UNIT])
# A main over its daemon's library, and the package that it belongs to. OF_A_UNIT: nobody else starts
# it, and what it does not use of its libraries it does not load.
function(timecast_add_program name)
  cmake_parse_arguments(PARSE_ARGV 1 program "OF_A_UNIT" "COMPONENT" "SOURCES;LINKS")
  timecast_glob(sources main.cpp ${program_SOURCES})
  timecast_can_build(can_build ${name} "${sources}" ${program_LINKS})
  if(NOT can_build)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${program_LINKS} timecast_build)
  if(program_OF_A_UNIT)
    target_link_options(${name} PRIVATE -Wl,--as-needed)
    install(TARGETS ${name} DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/timecast
      COMPONENT ${program_COMPONENT})
  else()
    install(TARGETS ${name} COMPONENT ${program_COMPONENT})
  endif()
endfunction()
