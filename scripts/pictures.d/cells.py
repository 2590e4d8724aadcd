# SPDX-License-Identifier: MIT
"""A terminal's picture: what a program has drawn there, cell by cell, as a page of HTML.

Knows what timecast-monitor writes: lines, and colours by SGR; other controls change no cell.
"""

import html
import re

PIECE = re.compile(r"\033\[([0-9;]*)m|\033\[[?0-9;]*[A-Za-z]|([^\033]+)")
STYLES = {"1": "b", "31": "red", "33": "yellow"}
PAGE = """<!DOCTYPE html>
<meta charset="utf-8">
<style>
body {{ margin: 0; background: #14171b; display: inline-block; }}
pre {{ margin: 0; padding: 14px 18px; color: #e6e8eb; line-height: 1.3;
       font: 15px/1.3 "DejaVu Sans Mono", monospace; width: {columns}ch; height: {height}em; }}
.b {{ font-weight: bold; }} .red {{ color: #ff7b72; }} .yellow {{ color: #e3b341; }}
</style>
<pre>{text}</pre>
"""


def styled(text, styles):
    text = html.escape(text, quote=False)
    return f'<span class="{" ".join(styles)}">{text}</span>' if styles and text.strip() else text


def page(drawn, columns, lines):
    """HTML of a drawing that begins at the upper left corner."""
    styles, text = [], []
    for found in PIECE.finditer(drawn.replace("\r", "")):
        codes, piece = found.groups()
        if piece:
            text.append(styled(piece, styles))
        elif codes is not None:
            for code in codes.split(";"):
                styles = [] if code in ("", "0") else styles + [STYLES[code]]
    return PAGE.format(text="".join(text), columns=columns, height=1.3 * lines)
