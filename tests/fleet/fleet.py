# SPDX-License-Identifier: MIT
"""Hosts that are made up, as Prometheus would scrape them, and a real Prometheus on loopback."""

import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "packaging/prometheus"
UNPACKED = pathlib.Path(os.environ.get("TIMECAST_JUDGES", ROOT / "build/judges"))
PATIENCE_S = 150  # 300 hosts in one program of Python, on a busy machine
STATES = ("searching", "tentative", "synchronised", "holdover", "lost")


def program(name):
    """Installed, or unpacked by scripts/bootstrap full; None if neither."""
    unpacked = next(UNPACKED.glob(f"prometheus*/usr/bin/{name}"), None)
    return shutil.which(name) or (str(unpacked) if unpacked else None)


class Host:
    """A listener, by its file as node_exporter tells it."""

    def __init__(self, state="synchronised", bound_s=1e-3, is_silent=False, disagreeing=0):
        self.state, self.bound_s, self.is_silent = state, bound_s, is_silent
        self.disagreeing = disagreeing

    def text(self):
        uptime_s = 600.0 if self.is_silent else time.monotonic()
        states = "".join(f'timecast_listener_state{{state="{state}"}} {int(state == self.state)}\n'
                         for state in STATES)
        return (f"{states}timecast_listener_error_bound_seconds {self.bound_s}\n"
                "timecast_listener_offset_seconds 1e-05\n"
                f"timecast_listener_announcers_disagreeing {self.disagreeing}\n"
                'timecast_listener_packets_total{result="accepted"} 5\n'
                'timecast_listener_packets_total{result="unknown_key"} 0\n'
                f"timecast_listener_uptime_seconds {uptime_s}\n")


class Fleet:
    """Serves /0/metrics, /1/metrics ... of its hosts."""

    def __init__(self, test, hosts):
        self.hosts = hosts
        fleet = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = fleet.hosts[int(self.path.split("/")[1])].text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # Prometheus may go away first
        test.addCleanup(self._server.server_close)
        test.addCleanup(self._server.shutdown)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def targets(self):
        return [{"targets": [self.address],
                 "labels": {"instance": f"lab{number}", "__metrics_path__": f"/{number}/metrics"}}
                for number in range(len(self.hosts))]


def _free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


class Prometheus:
    """With the shipped settings and rules, but that 4 seconds stand for 15, 32 for the two minutes
    of silence, and no alert is waited for."""

    def __init__(self, test, targets, monitor="localhost:11180"):
        folder = tempfile.TemporaryDirectory(prefix="timecast-", ignore_cleanup_errors=True)
        test.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for file in SHIPPED.glob("*.yml"):
            text = file.read_text(encoding="utf-8").replace("15s", "4s")
            text = text.replace("offset 2m", "offset 32s")
            text = re.sub(r"^ +for: .*\n", "", text, flags=re.M)
            (self.folder / file.name).write_text(text.replace("localhost:11180", monitor),
                                                 encoding="utf-8")
        (self.folder / "nodes").mkdir()
        (self.folder / "nodes/lab.json").write_text(json.dumps(targets), encoding="utf-8")
        self.place = f"127.0.0.1:{_free_port()}"
        log = open(self.folder / "log", "wb")
        self._process = subprocess.Popen(
            [program("prometheus"), f"--config.file={self.folder}/prometheus.yml",
             f"--storage.tsdb.path={self.folder}/data", f"--web.listen-address={self.place}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        test.addCleanup(self._process.wait)
        test.addCleanup(self._process.kill)

    def ask(self, path, **parameters):
        url = f"http://{self.place}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def values(self, query):
        """{labels as a sorted tuple: value} of now."""
        found = self.ask("query", query=query)["result"]
        return {tuple(sorted(each["metric"].items())): float(each["value"][1]) for each in found}

    def value(self, query):
        found = list(self.values(query).values())
        return found[0] if len(found) == 1 else None

    def firing(self):
        """{(alert, instance)}"""
        return {(each["labels"]["alertname"], each["labels"].get("instance"))
                for each in self.ask("alerts")["alerts"] if each["state"] == "firing"}

    def wait_for(self, test, happened, otherwise):
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                if happened():
                    return
            except OSError:
                pass  # it starts
            if time.monotonic() > end:
                test.fail(f"{otherwise}:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.3)
