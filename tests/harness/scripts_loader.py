# SPDX-License-Identifier: MIT
"""Our scripts have no suffix, so that `import` does not find them."""

import importlib.machinery
import importlib.util
import sys


def load(path):
    """The module that a script is; sys.path stays as it was."""
    loader = importlib.machinery.SourceFileLoader(path.name.replace("-", "_"), str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    before = list(sys.path)
    loader.exec_module(module)
    sys.path[:] = before
    return module
