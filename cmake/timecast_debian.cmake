# SPDX-License-Identifier: MIT
#
# What only a Debian system has: units, users, settings; and how cpack makes packages of it all, one
# of each component. scripts/package runs it.

set(TIMECAST_PACKAGE_RELEASE 1 CACHE STRING "The Debian revision behind the version")
set(TIMECAST_DEBIAN ${PROJECT_SOURCE_DIR}/packaging/debian)
set(made ${PROJECT_BINARY_DIR}/debian)

# ---- Units, users, settings ----

foreach(daemon IN ITEMS announcer listener)
  set(program timecast-${daemon})
  set(settings ${made}/${daemon}.json)
  # What the program has of itself, whatever is in /etc/timecast of this machine.
  file(WRITE ${made}/nothing.json "{}\n")
  set(options --settings ${made}/nothing.json)
  if(daemon STREQUAL listener)
    list(APPEND options --clock auto)
  endif()
  add_custom_command(OUTPUT ${settings} VERBATIM
    COMMAND ${program} print-settings ${options} > ${settings}
    DEPENDS ${program})
  add_custom_target(timecast-${daemon}-settings ALL DEPENDS ${settings})
  install(FILES ${settings} DESTINATION /etc/timecast COMPONENT ${daemon})
  install(FILES ${daemon}/${program}.service
    ${daemon}/${program}-clock.service ${daemon}/${program}-clock.socket
    DESTINATION /lib/systemd/system COMPONENT ${daemon})
  install(FILES ${daemon}/${program}.sysusers RENAME ${program}.conf
    DESTINATION lib/sysusers.d COMPONENT ${daemon})
endforeach()
install(FILES listener/timecast-wait.service
  DESTINATION /lib/systemd/system COMPONENT listener)
install(FILES listener/timecast-feed.service
  DESTINATION /lib/systemd/system COMPONENT tools)
install(FILES listener/timecast-listener.ntp-units RENAME 60-timecast.list
  DESTINATION lib/systemd/ntp-units.d COMPONENT listener)

# ---- All packages ----

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME timecast)
set(CPACK_PACKAGE_CONTACT "timecast contributors <timecast@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # it would be the first line of all
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${TIMECAST_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL)

# timecast_add_debian_package(<component> NAME <package> SUMMARY <line> [SECTION <section>])
# The extended description is packaging/debian/<component>.description. Further variables of the
# package: CPACK_DEBIAN_<COMPONENT>_PACKAGE_*.
macro(timecast_add_debian_package component)
  cmake_parse_arguments(package "" "NAME;SUMMARY;SECTION" "" ${ARGN})
  string(TOUPPER ${component} COMPONENT)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME ${package_NAME})
  file(READ ${TIMECAST_DEBIAN}/${component}.description description)
  set(CPACK_COMPONENT_${COMPONENT}_DESCRIPTION "${package_SUMMARY}\n${description}")
  if(package_SECTION)
    set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SECTION ${package_SECTION})
  endif()

  set(folder ${made}/${component})
  file(MAKE_DIRECTORY ${folder})
  # Without its name and time in it: the same octets from the same sources.
  execute_process(COMMAND ${TIMECAST_GZIP} -9nc ${TIMECAST_DEBIAN}/changelog
    OUTPUT_FILE ${folder}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${folder}/changelog.Debian.gz ${TIMECAST_DEBIAN}/copyright
    DESTINATION share/doc/${package_NAME} COMPONENT ${component})
  file(READ ${TIMECAST_DEBIAN}/lintian-overrides overrides)
  if(EXISTS ${TIMECAST_DEBIAN}/${component}.lintian-overrides)
    file(READ ${TIMECAST_DEBIAN}/${component}.lintian-overrides more)
    string(APPEND overrides "${more}")
  endif()
  file(WRITE ${folder}/lintian-overrides "${overrides}")
  install(FILES ${folder}/lintian-overrides RENAME ${package_NAME}
    DESTINATION share/lintian/overrides COMPONENT ${component})
endmacro()

# timecast_add_maintainer_scripts(<component> [USERS <sysusers file>] [UNITS <unit>...]
#   [OPTIONAL_UNITS <unit>...] [RESTARTED <unit>...] [STATE <folder>] [PYTHON <folder>])
# UNITS run from the installation on, OPTIONAL_UNITS if somebody enables them; those that are
# RESTARTED run on with a new version.
macro(timecast_add_maintainer_scripts component)
  cmake_parse_arguments(TIMECAST "" "" "USERS;UNITS;OPTIONAL_UNITS;RESTARTED;STATE;PYTHON" ${ARGN})
  list(JOIN TIMECAST_OPTIONAL_UNITS " " TIMECAST_OPTIONAL_UNITS)
  string(TOUPPER ${component} COMPONENT)
  set(TIMECAST_PACKAGE ${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
  foreach(script IN ITEMS postinst prerm postrm)
    configure_file(${TIMECAST_DEBIAN}/package.${script}.in ${made}/${component}/${script} @ONLY)
    list(APPEND CPACK_DEBIAN_${COMPONENT}_PACKAGE_CONTROL_EXTRA ${made}/${component}/${script})
  endforeach()
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_PREDEPENDS "init-system-helpers (>= 1.54~)")
endmacro()

macro(timecast_add_settings component)
  string(TOUPPER ${component} COMPONENT)
  file(WRITE ${made}/${component}/conffiles "/etc/timecast/${component}.json\n")
  list(APPEND CPACK_DEBIAN_${COMPONENT}_PACKAGE_CONTROL_EXTRA ${made}/${component}/conffiles)
endmacro()
set(sysusers "systemd | systemd-standalone-sysusers | systemd-sysusers")
# Its symbols are older than what is relied on.
set(libuv "libuv1 (>= 1.44)")

# ---- Each ----

timecast_add_debian_package(announcer NAME timecast-announcer
  SUMMARY "announces this host's time to the LAN by NTP multicast")
timecast_add_maintainer_scripts(announcer
  USERS timecast-announcer.conf UNITS timecast-announcer.service STATE /var/lib/timecast)
timecast_add_settings(announcer)
set(CPACK_DEBIAN_ANNOUNCER_PACKAGE_DEPENDS "${libuv}, ${sysusers}")
set(CPACK_DEBIAN_ANNOUNCER_PACKAGE_RECOMMENDS "time-daemon, timecast-tools")

timecast_add_debian_package(listener NAME timecast-listener
  SUMMARY "keeps the clock by what is announced on the LAN")
timecast_add_maintainer_scripts(listener
  USERS timecast-listener.conf UNITS timecast-listener.service
  OPTIONAL_UNITS timecast-wait.service STATE /var/lib/timecast-listener)
timecast_add_settings(listener)
set(version "${PROJECT_VERSION}-${TIMECAST_PACKAGE_RELEASE}")
set(CPACK_DEBIAN_LISTENER_PACKAGE_DEPENDS "timecast-tools (= ${version}), ${sysusers}")
set(CPACK_DEBIAN_LISTENER_PACKAGE_ARCHITECTURE all)
# One program alone keeps the clock, as all of Debian's do it.
set(CPACK_DEBIAN_LISTENER_PACKAGE_CONFLICTS time-daemon)
set(CPACK_DEBIAN_LISTENER_PACKAGE_REPLACES time-daemon)
set(CPACK_DEBIAN_LISTENER_PACKAGE_PROVIDES time-daemon)

timecast_add_debian_package(tools NAME timecast-tools
  SUMMARY "watches, asks and checks who announces the time on the LAN")
timecast_add_maintainer_scripts(tools
  OPTIONAL_UNITS timecast-feed.service RESTARTED timecast-feed.service PYTHON /usr/share/timecast)
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${libuv}, python3:any")

timecast_add_debian_package(runtime NAME libtimecast-now0 SECTION libs
  SUMMARY "time with its error bound, as timecast-listener publishes it")

file(WRITE ${made}/runtime/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${made}/runtime/triggers)

timecast_add_debian_package(development NAME libtimecast-dev SECTION libdevel
  SUMMARY "timecast for the programs of others, in C++ and C")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libtimecast-now0 (= ${version})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libuv1-dev, libssl-dev, libexpected-dev")

include(CPack)
