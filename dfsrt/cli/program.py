"""The program: commands, and errors as one line with exit code 2."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import typer

from dfsrt.base.errors import DfsrtError, InputError, OutputError
from dfsrt.base.output_set import output_set
from dfsrt.cli.commands import make_app
from dfsrt.cli.completing import VARIABLE, words_asked_for
from dfsrt.cli.progress import watched
from dfsrt.cli.said_line import said_line
from dfsrt.cli.stopping import EXIT_INTERRUPTED, Stopping

# Typer's own copy of click has no public name; its exceptions are reached through BadParameter.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""Why a stream or a file takes no more."""
NO_PLACE = (errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.ENOTDIR)
"""Why the system will not look for a name."""
EXIT_USAGE = 2
EXIT_BROKEN_PIPE = 128 + 13
"""As a shell says it of SIGPIPE, which Windows does not have."""


def run_program(words: Sequence[str], stopping: Stopping) -> int:
    """Run what ``words`` call for, with its outputs; returns the exit code.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM has ended it.
    """
    try:
        _check_streams()
        _check_text(words)
        with output_set():
            code = _run(words)
            if stopping.number is not None:  # a library has swallowed it
                raise KeyboardInterrupt
    except BrokenPipeError:
        code = _reader_gone()
    except SystemExit as stop:
        # The command-line library turns a broken pipe inside a command into exit code 1.
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        code = _reader_gone()
    except Exception as error:
        text = _text_of(error)
        if text is None or stopping.number is not None:
            raise
        code = _fail(text, EXIT_USAGE)
    return code if isinstance(code, int) else 0


def _text_of(error: Exception) -> str | None:
    """Return what to say of an error; None where it is a fault of the program."""
    match error:
        case DfsrtError():
            return str(error)
        case UnicodeEncodeError():
            name = error.object[error.start : error.end]
            return f"a name with '{name}' is not UTF-8; rename the file"
        case OSError() if error.errno in NO_ROOM:
            _drop_output()
            return f"cannot write: {error.strerror}; make room, or send it elsewhere"
        case OSError() if error.filename is not None and error.errno in NO_PLACE:
            return f"cannot use '{error.filename}': {error.strerror}; give another path"
    return _usage_text(error) if isinstance(error, _ClickError) else None


def _run(words: Sequence[str]) -> object:
    """Run a command to its end, all of its output given away; returns its exit code."""
    asked = words_asked_for(os.environ)
    app = make_app(words if asked is None else asked)
    with watched(next((word for word in words if not word.startswith("-")), "dfsrt")):
        code = app(words, standalone_mode=False, complete_var=VARIABLE)
    sys.stdout.flush()
    if code == EXIT_INTERRUPTED:
        raise KeyboardInterrupt
    return code


def _check_streams() -> None:
    """Let standard output take every character, and the command end where there is none.

    A closed standard error is one that nobody reads; no file of the command takes its place.

    Raises:
        OutputError: standard output is closed.
    """
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stdout is None:
        raise OutputError("standard output is closed; send it to a file, or to /dev/null")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _check_text(words: Sequence[str]) -> None:
    """Check that all names are text: neither JSON nor pages nor other libraries can hold others.

    Raises:
        InputError: a word, or the working directory, is no UTF-8.
    """
    for word in words:
        if not _is_text(word):
            raise InputError(f"'{word}' is not UTF-8; rename the file, or give a link to it")
    with suppress(FileNotFoundError):
        folder = Path.cwd()
        if not _is_text(str(folder)):
            raise InputError(f"the working directory '{folder}' is not UTF-8; work in another one")


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


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
    said = message.rstrip(".") or "no command given"
    if said.startswith("Got unexpected extra") and _takes_governors(context):
        said += "; several governors go with commas between them, like -g dfs,dvfs"
    return f"{said}; see '{where} --help'"


def _takes_governors(context: object) -> bool:
    """Whether a command takes several governors, which people part by spaces."""
    options = getattr(getattr(context, "command", None), "params", ())
    return any("-g" in option.opts and getattr(option, "multiple", False) for option in options)
