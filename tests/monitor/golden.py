# SPDX-License-Identifier: MIT
"""Texts that people read stand whole in files, so that review sees every change.

TIMECAST_UPDATE_GOLDEN=1 writes them anew.
"""

import os
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "golden"


def expect(test, name, text):
    file = FOLDER / name
    if os.environ.get("TIMECAST_UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    test.assertEqual(text, file.read_text(encoding="utf-8"), f"{file} differs")
