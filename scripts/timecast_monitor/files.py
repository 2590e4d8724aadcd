# SPDX-License-Identifier: MIT
"""Files that others read: whole at any moment, or as they were."""

import contextlib
import os
import tempfile

MODE = 0o644


def replace(name, text):
    """Raises OSError; then the file is as it was."""
    folder = os.path.dirname(os.path.abspath(name))
    file, part = tempfile.mkstemp(prefix=f".{os.path.basename(name)}.", dir=folder)
    try:
        with os.fdopen(file, "w", encoding="utf-8") as output:
            output.write(text)
            output.flush()
            os.fchmod(output.fileno(), MODE)
            os.fsync(output.fileno())
        os.replace(part, name)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
