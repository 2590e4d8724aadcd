# SPDX-License-Identifier: MIT
#
# The stages of scripts/test, in order: what is quick and breaks often comes first. Each builds
# what it needs itself. Run by scripts/test.d/run_stage, which has the functions that count.

stages=(bootstrap harness format layers vectors monitor unit simulation fuzz network
  install asan tidy embedded)
# Only with --full, or by name: no program has a second thread, only readers of the shared page;
# a browser and Prometheus are large; machines are booted.
long_stages=(tsan browser fleet guests packages)

build() {
  local preset=$1
  shift
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$jobs" --target "$@"
}

stage_bootstrap() {
  scripts/bootstrap test
}

# What the other stages rely on: failures are noticed, and no test can set the clock.
stage_harness() {
  run_counted scripts/test.d/run_unittests tests/harness
}

stage_format() {
  find common announcer listener examples tests -name '*.[ch]pp' -print0 |
    xargs -0 clang-format-14 --dry-run -Werror
  count_one
}

# Who includes whom, the outer form of files, and one type a name.
stage_layers() {
  run_counted scripts/test.d/run_unittests tests/layers
  run_counted tests/layers/check_includes.py
  run_counted tests/layers/check_form.py
  run_counted tests/layers/check_types.py
}

# The packets of docs/protocol.md, made anew and verified by a second program.
stage_vectors() {
  run_counted scripts/test.d/run_unittests tests/vectors
  run_counted tests/vectors/check.py
}

# scripts/timecast-monitor, on lines that the tests make.
stage_monitor() {
  run_counted scripts/test.d/run_unittests tests/monitor
}

stage_unit() {
  build dev timecast-unit-tests
  run_doctest build/dev/bin/timecast-unit-tests
}

stage_simulation() {
  build dev timecast-simulation-tests
  run_doctest build/dev/bin/timecast-simulation-tests
}

# The corpora of scripts/fuzz, each input as it is and in a few spoilt forms.
stage_fuzz() {
  local folder
  build dev timecast-fuzz
  for folder in tests/fuzz/corpus/*/; do
    run_counted build/dev/bin/"timecast-fuzz-$(basename "$folder")" "$folder"
  done
}

# With the programs as they are installed. Also the build that g++ warns about most.
stage_network() {
  build release timecast-announcer timecast-listener timecast-shifted-announcer timecast-crowd \
    uv_listener_example now_example timecast_now timecast_now_shared timecast-no-watch \
    timecast-slept
  count_one
  network_tests release
}

# The tests of these names, without one all, with the programs of a preset.
network_tests() {
  local bin=$PWD/build/$1/bin
  shift
  TIMECAST_BIN=$bin TIMECAST_ANNOUNCER=$bin/timecast-announcer \
    TIMECAST_LISTENER=$bin/timecast-listener run_counted tests/network/run "$@"
}

# What others build on: the installed headers, libraries and examples.
stage_install() {
  build release timecast-announcer timecast-announcer-clock timecast-listener \
    timecast-listener-clock timecast_listener timecast_uv_listener timecast_now timecast_now_shared \
    core_example timecast-manual
  run_counted scripts/test.d/run_unittests tests/install
}

# Also the build that clang warns about: a second compiler for the whole tree.
stage_asan() {
  export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=print_stacktrace=1
  build asan all all_verify_interface_header_sets
  count_one
  run_doctest build/asan/bin/timecast-unit-tests
  run_doctest build/asan/bin/timecast-simulation-tests
  # What was freed is soon used again, so that a memory that grows is seen.
  ASAN_OPTIONS+=:quarantine_size_mb=4
  local names=(bad_packets_test)
  [[ -z ${TIMECAST_TEST_FULL-} ]] || names=()
  network_tests asan ${names[@]+"${names[@]}"}
}

# The tests' sources take longer than all others together, and the static analyzer than all other
# checks: only with --full.
stage_tidy() {
  local folders=(announcer common listener) deep=()
  if [[ -n ${TIMECAST_TEST_FULL-} ]]; then
    folders+=(tests)
    deep=(--deep)
  fi
  build asan all  # for its compile commands, and for which file depends on which
  run_counted scripts/test.d/tidy ${deep[@]+"${deep[@]}"} build/asan "$jobs" "${folders[@]}"
}

# Only the unit tests: the simulation has no second thread.
stage_tsan() {
  local run=(setarch "$(uname -m)" --addr-no-randomize) tests=build/tsan/bin/timecast-unit-tests
  build tsan timecast-unit-tests
  # Its shadow memory does not fit every layout the kernel may draw; where the layout cannot be
  # fixed (some containers) it may still start.
  "${run[@]}" true || run=()
  if [[ $(${run[@]+"${run[@]}"} "$tests" --count 2>&1) == *"unexpected memory mapping"* ]]; then
    skip_one "unit tests" "the thread sanitizer cannot start with this kernel's memory layout"
    return
  fi
  run_doctest ${run[@]+"${run[@]}"} "$tests"
}

# The monitor's live page and its report in Chromium.
stage_browser() {
  scripts/bootstrap full
  run_counted scripts/test.d/run_unittests tests/browser
}

# The shipped rules and dashboard, by promtool and in a real Prometheus on loopback.
stage_fleet() {
  scripts/bootstrap full
  run_counted scripts/test.d/run_unittests tests/fleet
}

# Hosts with a kernel and a clock of their own, which are set and steered.
stage_guests() {
  scripts/bootstrap full
  build release timecast-announcer timecast-listener timecast-listener-clock \
    timecast-shifted-announcer timecast-xstate-shim
  build cortex-m3 timecast-sensor-ethernet
  local bin=$PWD/build/release/bin
  TIMECAST_BIN=$bin run_counted tests/network/run --guests
}

# Debian's packages: made, judged, installed, upgraded and removed on machines with systemd.
stage_packages() {
  scripts/bootstrap full
  scripts/package
  build release timecast-kept-clock
  [[ $(id -u) != 0 ]] || tests/packages/clean_root build/clean-root
  run_counted scripts/test.d/run_unittests tests/packages
}

stage_embedded() {
  build cortex-m all
  run_counted scripts/test.d/run_unittests tests/embedded
  run_counted tests/embedded/check_size.py build/cortex-m
  build release timecast-estimator-bits
  run_counted tests/embedded/check_bits.py build/release/bin build/cortex-m/bin
  run_counted tests/embedded/check_cost.py build/cortex-m/bin
  run_counted tests/embedded/check_sensor.py build/cortex-m
}
