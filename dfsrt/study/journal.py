"""The journal: every step of a study on disk, readable by Optuna, whole after any kill."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from dfsrt.base.errors import InputError, OutputError
from dfsrt.base.json import Document, Json, encode
from dfsrt.base.lock import append_whole, open_alone
from dfsrt.base.reading import read_bytes

COMMITTED = "committed"
"""Name of the study attribute whose setting ends each group of lines."""

Fingerprint = Mapping[str, Mapping[str, Json]]
"""What a study depends on: its own fields, its files, versions."""


class Journal:
    """An Optuna journal backend that writes in groups.

    Lines wait in memory until ``commit``; a group ends with a line that says so. What follows
    the last such line was cut off by a kill and is dropped on opening, from the file too. So a
    reader sees all of a group or none of it. One process at a time may have the journal open.

    Raises:
        InputError: another process has it open, or a line before the last group is damaged.
        OutputError: the file cannot be opened.
    """

    def __init__(self, path: Path, option: str = "--out") -> None:
        self.path, self.option = path, option
        self._file = open_alone(path, option)
        self._waiting: list[bytes] = []
        data = read_bytes(path)
        try:
            self._logs, whole = _whole_groups(data, path)
        except InputError:
            self.close()
            raise
        if whole < len(data):
            os.truncate(path, whole)

    def read_logs(self, log_number_from: int) -> Iterator[Document]:
        """Return the lines from a number on, those that wait included."""
        return iter(self._logs[log_number_from:])

    def append_logs(self, logs: list[Document]) -> None:
        """Take lines in; ``commit`` puts them on disk."""
        for log in logs:
            line = encode(log)
            self._waiting.append(line + b"\n")
            # As a reader of the file would see it: tuples have become lists.
            self._logs.append(json.loads(line))

    def write_out(self, durable: bool) -> None:
        """Write all that waits in one go; ``durable`` waits for the disk (power may fail)."""
        try:
            append_whole(self._file, b"".join(self._waiting))
            if durable:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise OutputError(
                f"cannot write '{self.path}': {error.strerror}; make room and run it again"
            ) from error
        self._waiting.clear()

    def clear(self) -> None:
        """Drop all lines, from the file too."""
        os.truncate(self.path, 0)
        self._logs.clear()
        self._waiting.clear()

    def of_another_study(self, known: Fingerprint, mine: Fingerprint) -> InputError:
        """Return the error that says how the study differs from the one of the journal."""
        changed = ", ".join(_differences(known, mine))
        return InputError(
            f"'{self.path}' was begun with another study ({changed} changed); "
            f"give another {self.option}, or delete that file to begin anew"
        )

    def damaged(self, line: int) -> InputError:
        """Return the error that says which line is none of a study."""
        return _damaged(self.path, line)

    def of_nothing_known(self, error: Exception) -> InputError:
        """Return the error for lines that are whole, but none that a study writes."""
        return InputError(
            f"'{self.path}' is no journal of a study ({type(error).__name__}); "
            f"give another {self.option}, or delete that file to begin anew"
        )

    def close(self) -> None:
        """Let others open the journal."""
        self._file.close()


def _whole_groups(data: bytes, path: Path) -> tuple[list[Document], int]:
    """Return the lines up to the end of the last whole group, and how many bytes they take."""
    logs: list[Document] = []
    whole_logs, whole_bytes, at = 0, 0, 0
    damaged = 0
    for number, line in enumerate(data.splitlines(keepends=True), start=1):
        at += len(line)
        log = _decoded(line)
        if log is None:
            damaged = damaged or number
            continue
        logs.append(log)
        attributes = log.get("user_attr")
        if isinstance(attributes, dict) and COMMITTED in attributes:
            whole_logs, whole_bytes = len(logs), at
            if damaged:
                raise _damaged(path, damaged)
    return logs[:whole_logs], whole_bytes


def _damaged(path: Path, line: int) -> InputError:
    return InputError(f"'{path}' is damaged at line {line}; delete it to begin the study anew")


def _decoded(line: bytes) -> Document | None:
    """Return a line's content; None for one that is cut off or no JSON."""
    if not line.endswith(b"\n"):
        return None
    try:
        log = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return log if isinstance(log, dict) else None


def _differences(known: Fingerprint, mine: Fingerprint) -> list[str]:
    """Return the names of what differs, as they stand in the study file or beside it."""
    changed = []
    for part in ("study", "files", "versions"):
        old, new = known.get(part, {}), mine[part]
        keys = [k for k in {**old, **new} if old.get(k) != new.get(k)]
        changed += [k if part == "study" else f"{part} {k}" for k in keys]
    return changed
