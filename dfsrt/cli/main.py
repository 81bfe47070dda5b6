"""The entry point: commands, and errors as one line with exit code 2."""

from __future__ import annotations

import os
import sys

import typer

from dfsrt.base.errors import DfsrtError
from dfsrt.cli.commands import make_app

# Typer's own copy of click has no public name; its exceptions are reached through BadParameter.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def main() -> None:
    """Run the command line and exit."""
    try:
        code = make_app(sys.argv[1:])(standalone_mode=False)
        sys.stdout.flush()
        if code == EXIT_INTERRUPTED:
            raise KeyboardInterrupt
    except BrokenPipeError:
        code = _reader_gone()
    except SystemExit as stop:
        # The command-line library turns a broken pipe inside a command into exit code 1.
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        code = _reader_gone()
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("interrupted; nothing was half-written", EXIT_INTERRUPTED)
    except DfsrtError as error:
        code = _fail(str(error), EXIT_USAGE)
    except _ClickError as error:
        code = _fail(_usage_text(error), EXIT_USAGE)
    sys.exit(code if isinstance(code, int) else 0)


def _reader_gone() -> int:
    """Keep the interpreter from complaining when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return EXIT_BROKEN_PIPE


def _fail(text: str, code: int) -> int:
    line = " ".join(text.split())
    print(f"dfsrt: {line}", file=sys.stderr)  # noqa: T201 - the one place that reports errors
    return code


def _usage_text(error: BaseException) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "dfsrt"
    return f"{message.rstrip('.') or 'no command given'}; see '{where} --help'"


if __name__ == "__main__":
    main()
