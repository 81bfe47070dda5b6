"""The entry point: commands, and errors as one line with exit code 2."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from dfsrt.base.errors import DfsrtError, OutputError
from dfsrt.base.output_set import output_set
from dfsrt.cli.commands import make_app
from dfsrt.cli.said_line import said_line

# Typer's own copy of click has no public name; its exceptions are reached through BadParameter.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Why a stream or a file takes no more."""
EXIT_USAGE = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM
EXIT_BROKEN_PIPE = 128 + signal.SIGPIPE


def main() -> None:
    """Run the command line and exit."""
    stopped = _stop_on_sigterm()
    try:
        _check_output_stream()
        with output_set():
            code = _run(sys.argv[1:])
    except BrokenPipeError:
        code = _reader_gone()
    except SystemExit as stop:
        # The command-line library turns a broken pipe inside a command into exit code 1.
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        code = _reader_gone()
    except (KeyboardInterrupt, typer.Abort):
        # Where Ctrl-C came while source was run from a text, as imports do, Python would end by it.
        exec("")
        how = ("terminated", EXIT_TERMINATED) if stopped else ("interrupted", EXIT_INTERRUPTED)
        code = _fail(f"{how[0]}; nothing was half-written", how[1])
    except DfsrtError as error:
        code = _fail(str(error), EXIT_USAGE)
    except _ClickError as error:
        code = _fail(_usage_text(error), EXIT_USAGE)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        code = _cannot_print(error)
    sys.exit(code if isinstance(code, int) else 0)


def _run(words: Sequence[str]) -> object:
    """Run a command to its end, all of its output given away; returns its exit code."""
    code = make_app(words)(words, standalone_mode=False)
    sys.stdout.flush()
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _stop_on_sigterm() -> list[int]:
    """Let SIGTERM end the command as Ctrl-C does; returns where the signal is noted."""
    stopped: list[int] = []

    def stop(number: int, _frame: object) -> None:
        stopped.append(number)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, stop)
    return stopped


def _check_output_stream() -> None:
    """Let standard output take every character, and the command end where there is none.

    Raises:
        OutputError: standard output is closed.
    """
    if sys.stdout is None:
        raise OutputError("standard output is closed; send it to a file, or to /dev/null")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _cannot_print(error: OSError) -> int:
    _drop_output()
    return _fail(f"cannot write: {error.strerror}; make room, or send it elsewhere", EXIT_USAGE)


def _reader_gone() -> int:
    _drop_output()
    return EXIT_BROKEN_PIPE


def _drop_output() -> None:
    """Keep the interpreter from complaining when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def _fail(text: str, code: int) -> int:
    with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
        sys.stderr.write(f"dfsrt: {said_line(text)}\n")
        sys.stderr.flush()
    return code


def _usage_text(error: BaseException) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "dfsrt"
    return f"{message.rstrip('.') or 'no command given'}; see '{where} --help'"


if __name__ == "__main__":
    main()
