"""Another program, in bounded time, memory and output."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

SECONDS = 20
BOUNDS = sys.platform != "win32"
"""Whether this system bounds a program: Windows does not."""
_MOST_SAID, _LONGEST_LINE = 2**16, 300


def run_bounded(command: list[str], text: str, folder: Path) -> tuple[int, str, str]:
    """Return status, output and faults of ``command``, in bounded time, memory and output.

    Raises:
        OSError: on Windows, see ``BOUNDS``.
    """
    if sys.platform == "win32":
        raise OSError(errno.ENOSYS, "no bounds here", command[0])
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out:
        into.write(text.encode("utf-8", "replace"))
        into.seek(0)
        with tempfile.TemporaryFile() as faults:
            process = subprocess.Popen(
                command,
                stdin=into,
                stdout=out,
                stderr=faults,
                cwd=folder,
                env={**os.environ, "LC_ALL": "C"},
                start_new_session=True,
                preexec_fn=_bound,
            )
            try:
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status = -signal.SIGKILL
            out.seek(0)
            faults.seek(0)
            lines = faults.read(_MOST_SAID).decode("utf-8", "replace").split("\n")
            said = "\n".join(line[:_LONGEST_LINE] for line in lines)
            if status == -signal.SIGKILL:
                said = f"error: it took over {SECONDS} s"
            return status, out.read().decode("utf-8", "replace"), said


def _bound() -> None:
    """Lower the limits of this process, none above what it may have."""
    if sys.platform != "win32":
        import resource

        for kind, most in (
            (resource.RLIMIT_AS, 2 * 2**30),
            (resource.RLIMIT_FSIZE, 64 * 2**20),
            (resource.RLIMIT_CPU, SECONDS),
        ):
            _, hard = resource.getrlimit(kind)
            limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
            with suppress(OSError, ValueError):  # macOS takes no limit of addresses
                resource.setrlimit(kind, (limit, limit))
