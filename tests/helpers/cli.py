"""The command line as a user calls it: a process with words, a folder, and an exit code."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

DFSRT = str(Path(sys.executable).with_name("dfsrt"))
FORKS = Path(__file__).with_name("forks.py")


def surroundings() -> dict[str, str]:
    """What is set; of no account are what pytest and an import of scikit-learn set."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("PYTEST_", "KMP_"))}


AT_FIRST = surroundings()
Done = subprocess.CompletedProcess[str]


def dfsrt(folder: Path | str, *words: object, **options: object) -> Done:
    """Run ``dfsrt`` in a folder; returns the finished process with what it said.

    A process of its own with its own exit code, which begins with imports already made. With
    options of ``subprocess.run``, or where a test has changed the environment, it begins from
    nothing, as it does for those that start ``DFSRT`` themselves.
    """
    command = [DFSRT, *map(str, words)]
    if options or surroundings() != AT_FIRST:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as err:
        cwd = str(Path(folder).resolve())
        call = {"words": command, "cwd": cwd, "out": out.name, "err": err.name}
        print(json.dumps(call), file=_forks().stdin, flush=True)
        code = int(_forks().stdout.readline())
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


@lru_cache
def _forks() -> subprocess.Popen[str]:
    forks = subprocess.Popen(
        [sys.executable, str(FORKS)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(forks.communicate)
    return forks


def interruptible(command: list[str], **options: object) -> subprocess.Popen[str]:
    """Start a process that Ctrl-C reaches, also where this one was started to ignore it."""
    return subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **options,
    )
