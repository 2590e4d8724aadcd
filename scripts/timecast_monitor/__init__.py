# SPDX-License-Identifier: MIT
"""timecast-monitor, made of

    lines       text of `timecast-listener watch --json` -> records
    announcers  records -> who announces, and how well (the state)
    table       state -> what a terminal shows; words: the same as lines for a log
    check       state -> one line and an exit status for Nagios
    feed        where lines come from; terminal: where the table goes
    session     the loops of both modes; main: options

Only feed, terminal, session and main touch the outside.
"""
