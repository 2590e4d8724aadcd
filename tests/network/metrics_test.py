# SPDX-License-Identifier: MIT
"""What node_exporter finds of a listener in its textfile folder."""

import json
import re
import time

from lab import LabTest, Link

PREFIX = "timecast_listener_"
LINE = re.compile(r'(?:# (?:HELP|TYPE) )?(timecast_\w+)(?:\{(\w+)="(\w[\w.]*)"\})? (.+)')


def read(path):
    """The values of the file, by name and label."""
    values = {}
    for line in path.read_text(encoding="ascii").splitlines():
        name, _, label, value = LINE.fullmatch(line).groups()
        if not line.startswith("#"):
            values[(name.removeprefix(PREFIX), label)] = float(value)
    return values


class Metrics(LabTest):
    def setUp(self):
        link = Link()
        self.start(link.host().announcer)
        self.host = link.host()
        self.path = self.host.state / "timecast.prom"

    def await_file(self, path, accept=lambda values: True):
        deadline = time.monotonic() + 20
        while not (path.exists() and accept(read(path))):
            self.assertLess(time.monotonic(), deadline, f"{path} is not as expected")
            time.sleep(0.05)
        return read(path)

    def test_a_listeners_state_is_there_while_it_lives(self):
        listener = self.start(self.host.listener, "--textfile", self.path)
        values = self.await_file(self.path, lambda seen: seen[("state", "synchronised")] == 1)
        self.assertEqual(sum(value for (name, _), value in values.items() if name == "state"), 1)
        self.assertLess(abs(values[("offset_seconds", None)]), values[("error_bound_seconds", None)])
        self.assertAlmostEqual(values[("frequency_ratio", None)], 1, delta=1e-3)
        self.assertGreater(values[("packets_total", "accepted")], 2)
        self.assertAlmostEqual(values[("last_packet_timestamp_seconds", None)], time.time(), delta=5)
        self.assertTrue(listener.stop())
        self.assertFalse(self.path.exists())

    def test_the_settings_may_name_another_file_meanwhile(self):
        settings = self.host.state / "listener.json"
        settings.write_text(json.dumps({"textfile": str(self.path)}), encoding="ascii")
        listener = self.start(self.host.listener, "--settings", settings)
        self.await_file(self.path)
        other = self.host.state / "other.prom"
        settings.write_text(json.dumps({"textfile": str(other)}), encoding="ascii")
        listener.hang_up()
        self.await_file(other)
        self.assertFalse(self.path.exists())
