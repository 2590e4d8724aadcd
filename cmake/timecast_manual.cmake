# SPDX-License-Identifier: MIT
#
# Manual pages and completions for bash. What the programs can say of themselves is put in when they
# are built, so neither grows old. Also timecast-monitor, the one program that is not compiled.

if(NOT TARGET timecast-announcer OR NOT TARGET timecast-listener)
  return()
endif()

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
find_program(TIMECAST_GZIP gzip REQUIRED)
set(programs $<TARGET_FILE:timecast-announcer> $<TARGET_FILE:timecast-listener>
  ${PROJECT_SOURCE_DIR}/scripts/timecast-monitor)
set(packaging ${PROJECT_SOURCE_DIR}/packaging)
file(GLOB monitor CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scripts/timecast_monitor/*.py
  ${PROJECT_SOURCE_DIR}/scripts/timecast_monitor/page.*)
set(made)

# timecast_add_page(<name> <section> <component>), of packaging/manual/<name>.<section>.in
function(timecast_add_page name section component)
  set(template ${packaging}/manual/${name}.${section}.in)
  set(page ${PROJECT_BINARY_DIR}/manual/${name}.${section})
  add_custom_command(OUTPUT ${page}.gz VERBATIM
    COMMAND Python3::Interpreter ${packaging}/make_page.py ${template} ${programs} > ${page}
    COMMAND ${TIMECAST_GZIP} -9nkf ${page}
    DEPENDS timecast-announcer timecast-listener ${monitor} ${template}
      ${packaging}/make_page.py ${packaging}/help_text.py)
  set(made ${made} ${page}.gz PARENT_SCOPE)
  install(FILES ${page}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
    COMPONENT ${component})
endfunction()

# timecast_add_completion(<program> <its path> <component>)
function(timecast_add_completion name program component)
  set(completion ${PROJECT_BINARY_DIR}/completions/${name})
  add_custom_command(OUTPUT ${completion} VERBATIM
    COMMAND Python3::Interpreter ${packaging}/make_completion.py ${program} > ${completion}
    DEPENDS timecast-announcer timecast-listener ${monitor}
      ${packaging}/make_completion.py ${packaging}/help_text.py)
  set(made ${made} ${completion} PARENT_SCOPE)
  install(FILES ${completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    COMPONENT ${component})
endfunction()

file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/manual ${PROJECT_BINARY_DIR}/completions)
timecast_add_page(timecast-announcer 8 announcer)
timecast_add_page(timecast-listener 8 tools)
timecast_add_page(timecast-monitor 1 tools)
timecast_add_page(timecast-settings 5 tools)
timecast_add_page(timecast-protocol 7 tools)
timecast_add_completion(timecast-announcer $<TARGET_FILE:timecast-announcer> announcer)
timecast_add_completion(timecast-listener $<TARGET_FILE:timecast-listener> tools)
timecast_add_completion(timecast-monitor ${PROJECT_SOURCE_DIR}/scripts/timecast-monitor tools)
add_custom_target(timecast-manual ALL DEPENDS ${made})

# Its modules lie beside it; what is in bin only leads there.
install(PROGRAMS scripts/timecast-monitor DESTINATION ${CMAKE_INSTALL_DATADIR}/timecast
  COMPONENT tools)
install(FILES ${monitor} DESTINATION ${CMAKE_INSTALL_DATADIR}/timecast/timecast_monitor
  COMPONENT tools)
file(CREATE_LINK ../share/timecast/timecast-monitor ${PROJECT_BINARY_DIR}/timecast-monitor SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/timecast-monitor DESTINATION ${CMAKE_INSTALL_BINDIR}
  COMPONENT tools)

# For who watches many hosts.
install(DIRECTORY packaging/prometheus DESTINATION ${CMAKE_INSTALL_DATADIR}/timecast
  COMPONENT tools)
