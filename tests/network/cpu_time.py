# SPDX-License-Identifier: MIT
"""What a process has cost so far."""

import os
import pathlib


def cpu_seconds(pid):
    """User and system time of all its threads, in steps of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_threads_seconds(pid):
    """The same of its first thread alone, to the nanosecond."""
    stat = pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii")
    return int(stat.split()[0]) * 1e-9
