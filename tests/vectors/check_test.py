# SPDX-License-Identifier: MIT
"""The check of the packets fails when it must."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import check

ROOT = pathlib.Path(__file__).resolve().parents[2]
REJECT = "common/include/timecast/wire/reject.hpp"
LAST_ROW = "                                                  ccddfc1af17152b823613f5c3d44ce07\n"

# (what is wrong, file, what stood there, what stands there now, who complains, part of it)
OFFENDING = (
    ("an octet", "announcement", "c0000201", "c0000202",
     "announcement: values", "reference id 192.0.2.1: is c0000202, should be c0000201"),
    ("a value", "announcement", "192.0.2.1 ", "192.0.2.2 ",
     "announcement: values", "should be c0000202"),
    ("a time", "reply", "603.250123456 s", "603.250123457 s",
     "reply: values", "transmit 1710699603.250123457 s: is"),
    ("a bound that was rounded down", "reply", "00000a3e", "00000a3d",
     "reply: values", "root delay 0.04 s: is 00000a3d"),
    ("another key's name", "announcement", "public key           RFC 8032 test 1",
     "public key           RFC 8032 test 2", "announcement: values", "is d75a98"),
    ("an octet that is signed", "announcement", "c0000201", "c0000202",
     "announcement: signature", "openssl does not verify the signature"),
    ("the public key", "announcement", "d75a98", "d75a99",
     "announcement: signature", "the signature does not verify"),
    ("the signature", "reply", "7cf967f0", "7cf967f1",
     "reply: signature", "the signature does not verify"),
    ("the nonce", "challenge", "0001020304", "0001020305",
     "reply: signature", "the signature does not verify"),
    ("the endorsement", "successor", "37c8c083", "37c8c084",
     "successor: endorsement", "the endorsement does not verify"),
    ("an offset", "announcement", "\n92   chain", "\n93   chain",
     "announcement: layout", "chain stands at 92, not at 93"),
    ("octets are missing", "announcement", LAST_ROW, "",
     "announcement: layout", "has 156 octets, not 172"),
    ("a comment", "challenge", "random number", "constant",
     "challenge: document", "does not show the file as it is"),
    ("a verdict", REJECT, "  too_short,\n", "  too_short,\n  too_dull,\n",
     "verdicts", "does not name too_dull"),
    ("no verdicts", REJECT, "enum class Reject :", "enum class Reject : int {};\nenum class Other :",
     "verdicts", "found no verdict"),
)


class Check(unittest.TestCase):
    def copy(self):
        """A tree of its own with all that the check reads."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        vectors = [path.relative_to(ROOT) for path in (ROOT / "tests/vectors").glob("*.txt")]
        for path in (*vectors, "docs/protocol.md", REJECT):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, root / path)
        return root

    def run_check(self, root):
        done = subprocess.run([ROOT / "tests/vectors/check.py", root], capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout

    def test_complains_about_what_is_wrong(self):
        for name, file, old, new, who, part in OFFENDING:
            with self.subTest(name):
                root = self.copy()
                path = root / (file if "/" in file else f"tests/vectors/{file}.txt")
                text = path.read_text(encoding="utf-8")
                self.assertEqual(text.count(old), 1)
                path.write_text(text.replace(old, new), encoding="utf-8")
                self.assertIn(part, "\n".join(dict(check.checks(root))[who]))

    def test_sees_a_verifier_that_takes_everything(self):
        packet = check.Packet(ROOT / "tests/vectors/announcement.txt")
        true = check.verifies
        self.addCleanup(setattr, check, "verifies", true)
        check.verifies = lambda *_: True
        self.assertIn("verifies with bit 0 changed", list(check.bad_signature(packet, b"")))

    def test_a_complaint_is_a_failure(self):
        root = self.copy()
        (root / "tests/vectors/reply.txt").unlink()
        (root / "tests/vectors/other.txt").write_text("", encoding="utf-8")
        status, output = self.run_check(root)
        self.assertEqual(status, 1)
        self.assertIn("FAILED files: other is not as listed here\n", output)
        self.assertIn("FAILED files: reply is not as listed here\n", output)
        self.assertEqual(output.splitlines()[-1], "passed=2 failed=1 skipped=0")

    def test_passes_what_is_right(self):
        self.assertEqual(self.run_check(ROOT), (0, "passed=19 failed=0 skipped=0\n"))


if __name__ == "__main__":
    unittest.main()
