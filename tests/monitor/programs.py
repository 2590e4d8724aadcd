# SPDX-License-Identifier: MIT
"""timecast-monitor as a program, and the listener that it is given."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import made

LIMIT_S = 30
FAKE = pathlib.Path(__file__).resolve().parent / "fake_listener"


class Case(unittest.TestCase):
    """A folder of the test's own, and the environment of the programs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="timecast-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.plans = 0
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC",
                            "TERM": "xterm", "PYTHONDONTWRITEBYTECODE": "1"}

    def plan(self, *steps):
        """What the listeners that are started next will do; they tell their number first."""
        self.plans += 1
        self.told = self.folder / f"told{self.plans}"
        file = self.folder / f"plan{self.plans}"
        file.write_text(json.dumps([("tell", str(self.told)), *steps]), encoding="utf-8")
        self.environment["FAKE_PLAN"] = str(file)
        return ["--listener", str(FAKE)]

    def saved(self, *texts, end="\n"):
        file = self.folder / "saved.json"
        file.write_text("".join(text + end for text in texts), encoding="utf-8")
        return ["--from", str(file)]

    def command(self, *arguments):
        return [str(made.MONITOR), *map(str, arguments)]

    def run_monitor(self, *arguments, **more):
        return subprocess.run(self.command(*arguments), text=True, timeout=LIMIT_S, check=False,
                              **{"env": self.environment, "capture_output": True, **more})

    def start(self, *arguments, **more):
        process = subprocess.Popen(self.command(*arguments), env=self.environment, **more)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def what_was_told(self):
        self.wait_for(self.told.exists, "the listener does not start")
        return json.loads(self.told.read_text(encoding="utf-8"))

    def wait_for(self, happened, otherwise):
        end = time.monotonic() + LIMIT_S
        while not happened():
            if time.monotonic() > end:
                self.fail(otherwise)
            time.sleep(0.01)

    def expect_no_listener(self):
        """However the monitor ended, what it started has ended."""
        process = pathlib.Path("/proc", str(self.what_was_told()["pid"]), "cmdline")
        self.wait_for(lambda: not process.exists() or not process.read_bytes(),
                      "the listener outlives the monitor")


def say(*texts):
    return [("say", text) for text in texts]
