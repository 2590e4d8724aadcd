# SPDX-License-Identifier: MIT
"""timecast-monitor, made of

    lines       text of `timecast-listener watch --json` -> records
    announcers  records -> who announces, and how well (the state)
    table       state -> what a terminal shows; words: the same as lines for a log
    check       state -> one line and an exit status for Nagios
    terminal    where the table goes
    metrics     state -> OpenMetrics
    history     records -> how offsets went; plot, document: that and the state as HTML
    feed        where lines come from; daemon: the listener that runs here, asked
    server      a few paths for browsers and Prometheus; files: written whole
    outputs     where the state goes beside the terminal
    session     the loops of both modes; options, main: the command line

Only feed, daemon, terminal, server, files, outputs, session and main touch the outside.
"""
