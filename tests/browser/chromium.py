# SPDX-License-Identifier: MIT
"""A headless Chromium, asked by its debugging pipe."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE_S = 60
PROGRAM = shutil.which("chromium")
FLAGS = ("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
         "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--hide-scrollbars", "--no-default-browser-check")


class Browser:
    """One page in it. What the page complains of is in `complaints`."""

    def __init__(self, test, width=1100, height=900, is_dark=False):
        profile = tempfile.TemporaryDirectory(prefix="timecast-", ignore_cleanup_errors=True)
        test.addCleanup(profile.cleanup)
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []

        def hold():  # it reads at 3 and writes at 4
            reads, writes = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self._process = subprocess.Popen(
            [PROGRAM, *FLAGS, *sandbox, f"--user-data-dir={profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=hold, close_fds=False, start_new_session=True,
            env={**os.environ, "TZ": "UTC"})
        os.close(theirs_in)
        os.close(theirs_out)
        self._in, self._out = ours_in, ours_out
        test.addCleanup(self._end)
        self._rest = b""
        self._number = 0
        self._session = None
        self.complaints = []
        self.requests = []
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=target,
                                   flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                   deviceScaleFactor=1, mobile=width < 600)
        self._call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}])

    def _end(self):
        os.killpg(self._process.pid, signal.SIGKILL)  # it has children
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def _call(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            answer = self._receive(end)
            if answer is None:
                raise TimeoutError(f"{method}: no answer from the browser")
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _receive(self, end):
        """The next message, noted if it is an event; None after the end."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(end - time.monotonic(), 0))
            octets = os.read(self._in, 1 << 16) if ready else b""
            if not octets:
                return None
            self._rest += octets
        text, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(text)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, what):
        if method == "Runtime.exceptionThrown":
            self.complaints.append(what["exceptionDetails"].get("text", "an exception"))
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.complaints.append(what["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning"):
            self.complaints.append(str(what["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])

    def open(self, url):
        """Until it is there."""
        self._call("Page.navigate", url=url)
        end = time.monotonic() + PATIENCE_S
        while self.value("location.href + document.readyState") != f"{url}complete":
            if time.monotonic() > end:
                raise TimeoutError(f"{url} is not loaded")
            time.sleep(0.05)

    def value(self, expression):
        """What a JavaScript expression is in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True,
                            awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def await_value(self, test, expression, is_so, otherwise):
        end = time.monotonic() + PATIENCE_S
        while True:
            value = self.value(expression)
            if is_so(value):
                return value
            if time.monotonic() > end:
                test.fail(f"{otherwise}; it is {value!r}")
            time.sleep(0.1)

    def picture(self, file, height=None):
        """The page as a PNG, as high as it is, or to that height."""
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"],
                "height": min(size["height"], height or 10_000), "scale": 1}
        answer = self._call("Page.captureScreenshot", format="png", clip=clip,
                            captureBeyondViewport=True)
        with open(file, "wb") as output:
            output.write(base64.b64decode(answer["data"]))
