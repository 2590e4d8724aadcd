# SPDX-License-Identifier: MIT
"""scripts/transcripts writes what belongs into a document, and nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from scripts_loader import load

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRITE = ROOT / "scripts/transcripts.d/write"


write = load(WRITE)
TEXT = """Before.

<!-- transcript one -->
```
old one
```
<!-- end -->
Between.
<!-- transcript two -->
<!-- end -->
After.
"""


class Document(unittest.TestCase):
    def test_a_named_transcript_is_replaced_and_all_else_stays(self):
        self.assertEqual(write.replace(TEXT, {"one": "new\\1\n\n"}),
                         TEXT.replace("old one", "new\\1"))
        self.assertEqual(write.replace(TEXT, {"two": "x"}),
                         TEXT.replace("two -->\n", "two -->\n```\nx\n```\n"))

    def test_places_without_a_scene_and_scenes_without_a_place_are_faults(self):
        self.assertEqual(write.compare_names(TEXT, ["one", "two"]), [])
        self.assertEqual(write.compare_names(TEXT, ["one", "three"]),
                         ["three: the document has no place for it", "two: nothing makes it"])

    def test_the_documentation_has_a_place_for_every_scene_and_a_scene_for_every_place(self):
        text = write.DOCUMENT.read_text(encoding="utf-8")
        self.assertEqual(write.compare_names(text, write.SCENES), [])

    def test_every_transcript_of_the_documentation_has_been_made(self):
        text = write.DOCUMENT.read_text(encoding="utf-8")
        empty = [match[2] for match in write.BLOCK.finditer(text) if "$ " not in match[0]]
        self.assertEqual(empty, [])

    def test_a_name_that_nobody_knows_is_an_error_and_changes_nothing(self):
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as file:
            text = "".join(f"<!-- transcript {name} -->\n<!-- end -->\n" for name in write.SCENES)
            file.write(text)
            file.flush()
            done = subprocess.run([WRITE, "--into", file.name, "nonsense"], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, "transcripts: nonsense: there is no such transcript\n")
            self.assertEqual(pathlib.Path(file.name).read_text(encoding="utf-8"), text)


if __name__ == "__main__":
    unittest.main()
