"""Reference of exit codes."""

from __future__ import annotations

from dfsrt.cli.device_check import EXIT_UNMEASURED
from dfsrt.cli.program import EXIT_BROKEN_PIPE, EXIT_USAGE
from dfsrt.cli.stopping import EXIT_INTERRUPTED, EXIT_TERMINATED
from docs.site.markdown import code, table

CODES = {
    0: "The command has done what it was asked for, and its files are in place.",
    EXIT_UNMEASURED: "`dfsrt device check`: nobody has measured this device. Else a fault of "
    "dfsrt itself, with a traceback: please report it.",
    EXIT_USAGE: "Something that was given does not fit: one line on standard error says what was "
    "given, what is allowed and what to do. No output file is left half written.",
    EXIT_INTERRUPTED: "Ctrl-C (SIGINT). Long searches keep what they have finished.",
    EXIT_BROKEN_PIPE: "Who reads the output, like `head`, has gone. Files are in place.",
    EXIT_TERMINATED: "SIGTERM.",
}
"""What every exit code means."""


def exits_text() -> str:
    """Return the page of exit codes."""
    rows = [(code(str(number)), CODES[number]) for number in sorted(CODES)]
    about = "What `dfsrt` leaves for `$?` and for scripts. A code above 128 is 128 and a signal's."
    return f"# Exit codes\n\n{about}\n\n" + table(("code", "what has happened"), rows)
