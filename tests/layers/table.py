# SPDX-License-Identifier: MIT
"""Who may include whom: the picture in docs/architecture.md as a table.

A layer may include itself, the layers named in `uses`, and of the headers that are not ours those
in `headers`. A path belongs to the layer with the longest prefix.
"""

from dataclasses import dataclass

# Below the sans-I/O line: headers that need no operating system, no heap and no exceptions.
FREESTANDING = frozenset("""
    algorithm array bit cmath compare concepts cstddef cstdint cstring limits new optional span
    string_view type_traits utility
""".split())

# The C interface is read by C compilers too.
C_INTERFACE = frozenset("stdbool.h stddef.h stdint.h".split())

# Of Linux and its C library, what a program needs to read a file that another one writes.
READER = frozenset("""
    atomic chrono errno.h fcntl.h memory stdint.h stdlib.h string.h sys/mman.h sys/stat.h
    sys/types.h time.h unistd.h
""".split())

# Above the line: anything of the C and C++ libraries, and the operating system's own folders.
HOSTED = None
SYSTEM_FOLDERS = ("arpa/", "linux/", "net/", "netinet/", "sys/")


@dataclass(frozen=True)
class Layer:
    name: str
    paths: tuple
    uses: tuple
    headers: frozenset | None


CORES = ("time", "wire", "announcer_core", "listener_core", "listener_c_api")
ALL_BUT_TESTS = CORES + ("host", "announcer_daemon", "listener_uv", "listener_clocks",
                         "listener_daemon", "now")

LAYERS = (
    Layer("time", ("common/include/timecast/time/", "common/time/"), (), FREESTANDING),
    Layer("wire", ("common/include/timecast/wire/", "common/wire/"), ("time",), FREESTANDING),
    Layer("announcer_core", ("announcer/core/",), ("time", "wire"), FREESTANDING),
    Layer("listener_core", ("listener/include/timecast/", "listener/core/"),
          ("time", "wire"), FREESTANDING),
    Layer("listener_uv", ("listener/include/timecast/uv_listener.hpp",),
          ("time", "wire", "listener_core"), HOSTED),
    Layer("listener_c_api", ("listener/include/timecast/listener.h",
                             "listener/include/timecast/listener_types.h", "listener/c_api/"),
          ("time", "wire", "listener_core"), FREESTANDING | C_INTERFACE),
    Layer("listener_embedded", ("listener/embedded/",),
          ("time", "wire", "listener_core", "listener_c_api"), FREESTANDING | C_INTERFACE),
    Layer("now", ("listener/include/timecast/now.h", "listener/include/timecast/now.hpp",
                  "listener/now/"), (), FREESTANDING | READER),
    Layer("host", ("common/host/",), ("time", "wire"), HOSTED),
    Layer("announcer_daemon", ("announcer/daemon/",),
          ("time", "wire", "announcer_core", "host"), HOSTED),
    Layer("announcer_program", ("announcer/main.cpp", "announcer/keeper/"),
          ("time", "wire", "announcer_core", "host", "announcer_daemon"), HOSTED),
    Layer("listener_clocks", ("listener/clocks/",),
          ("time", "wire", "listener_core", "host"), HOSTED),
    Layer("listener_daemon", ("listener/daemon/",),
          ("time", "wire", "listener_core", "listener_uv", "host", "listener_clocks", "now"),
          HOSTED),
    Layer("listener_program", ("listener/main.cpp", "listener/keeper/"),
          ("time", "wire", "listener_core", "host", "listener_clocks", "listener_daemon"), HOSTED),
    Layer("examples", ("examples/",), ("time", "wire", "listener_core", "listener_c_api", "listener_uv", "now"), HOSTED),
    Layer("simulation", ("tests/simulation/",), CORES, HOSTED),
    Layer("fuzz", ("tests/fuzz/",), ALL_BUT_TESTS + ("simulation",), HOSTED),
    Layer("tests", ("tests/",), ALL_BUT_TESTS + ("simulation", "examples"), HOSTED),
)

# Other people's libraries: which files may include them (shell patterns), and why only those.
THIRD_PARTY = (
    ("nlohmann/json_fwd.hpp", ("common/host/*", "*/daemon/*", "tests/*"), "it is for hosted code"),
    ("nlohmann/json.hpp", ("common/host/*json*.cpp", "*/daemon/*json*.cpp", "tests/*json*.cpp"),
     "it costs seconds to compile: only in hosted files named *json*.cpp"),
    ("tl/expected.hpp", ("common/include/timecast/wire/expected.hpp",),
     "take <timecast/wire/expected.hpp>, so that one file changes when std::expected comes"),
    ("openssl/*", ("common/host/*", "examples/*", "tests/*"), "cryptography stands behind an interface"),
    ("uv.h", ("common/host/*", "*/daemon/*", "examples/*", "tests/*"), "the event loop is for hosted code"),
    ("doctest/doctest.h", ("tests/*",), "it is for tests"),
    ("lwip/*", ("tests/network/lwip_listener.c",), "it is a judge of ours, no part"),
    ("netif/tapif.h", ("tests/network/lwip_listener.c",), "it is lwIP's"),
)
