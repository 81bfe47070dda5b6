"""The entry point: it listens for Ctrl-C and SIGTERM before anything else is imported."""

from __future__ import annotations

import sys

from dfsrt.cli.stopping import Stopping


def main() -> None:
    """Run the command line and exit."""
    stopping = Stopping()
    try:
        from dfsrt.cli.program import run_program

        code = run_program(sys.argv[1:], stopping)
    except KeyboardInterrupt:
        code = stopping.say()
    except Exception:
        if stopping.number is None:
            raise
        code = stopping.say()  # Ctrl-C in the midst of imports: libraries make other errors of it
    stopping.leave(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
