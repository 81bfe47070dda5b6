"""Mooncake's traces: a request a line, in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.recording.lines import text_lines
from dfsrt.recording.source import printable
from dfsrt.trace.requests.rows import FAR_NS, ROWS, RequestRows, Said
from dfsrt.trace.token_columns import MAX_TOKENS

HASHES = "hash_ids"


class Request(msgspec.Struct):
    """One line; ``timestamp`` is milliseconds.

    Source: github.com/kvcache-ai/Mooncake, the README of its traces (FAST 2025).
    """

    timestamp: float
    input_length: int
    output_length: int

    def row(self) -> tuple[int, int, int]:
        """Return time in nanoseconds and tokens.

        Raises:
            ValueError: they are none.
        """
        if not abs(self.timestamp) * 1e6 <= FAR_NS:
            raise ValueError(f"timestamp {self.timestamp:g} is beyond all clocks")
        if not 1 <= self.input_length <= MAX_TOKENS or not 0 <= self.output_length <= MAX_TOKENS:
            raise ValueError(f"{self.input_length} and {self.output_length} are no tokens")
        return round(self.timestamp * 1e6), self.input_length, self.output_length


def looks_like(head: bytes) -> bool:
    """Return whether a file that begins so holds such lines."""
    return head.lstrip()[:1] == b"{" and b'"input_length"' in head


def read(path: Path, said: Said) -> Iterator[RequestRows]:
    """Yield the requests of the file at ``path``, those that are whole.

    Raises:
        InputError: it cannot be read.
    """
    decoder = msgspec.json.Decoder(Request)
    rows: list[tuple[int, int, int]] = []
    for number, line in text_lines(path):
        if HASHES in line and HASHES not in said.notes:
            said.notes[HASHES] = "not used: prompts that begin alike are each worked out in full"
        if not line.strip():
            continue
        try:
            row = decoder.decode(line).row()
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            said.damaged.add(f"line {number}", printable(str(error)))
            continue
        if row[-1]:
            rows.append(row)
        said.failed += not row[-1]
        if len(rows) == ROWS:
            yield _rows(rows)
            rows = []
    if rows:
        yield _rows(rows)


def _rows(rows: list[tuple[int, int, int]]) -> RequestRows:
    return RequestRows(*np.array(rows, dtype=np.int64).T.copy())
