"""Streams of requests for a language model, as a file states their statistics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.base.units import parse_period_ns
from dfsrt.trace.generate import bursty
from dfsrt.trace.token_lengths import RequestLengths, token_lengths

STREAMS = Path(__file__).parent / "token_streams"
FORMAT = 1


class ArrivalsTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Requests a second while it is quiet and while it is busy, and how long it stays so."""

    quiet_rate: float
    busy_rate: float
    quiet: str
    busy: str


class StreamFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: int
    description: str
    source: str
    prompt: tuple[tuple[float, int], ...]
    output: tuple[tuple[float, int], ...]
    arrivals: ArrivalsTable | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """When requests come: a Markov-modulated Poisson process of two states, see ``bursty``."""

    quiet_hz: float
    busy_hz: float
    quiet_ns: float
    busy_ns: float

    @property
    def rate_hz(self) -> float:
        """Mean rate, in requests a second."""
        quiet, busy = self.quiet_hz * self.quiet_ns, self.busy_hz * self.busy_ns
        return (quiet + busy) / (self.quiet_ns + self.busy_ns)

    def at_rate(self, rate_hz: float) -> Arrivals:
        """Return the same process with its time stretched, so that gaps vary as they do here."""
        factor = rate_hz / self.rate_hz
        return Arrivals(
            self.quiet_hz * factor,
            self.busy_hz * factor,
            self.quiet_ns / factor,
            self.busy_ns / factor,
        )

    def draw(self, duration_ns: int, seed: int) -> Ints:
        """Return arrivals in nanoseconds, ``(n_requests,)``; it begins in either state.

        Raises:
            InputError: a time or a rate with which there are no arrivals, or too many.
        """
        share = self.busy_ns / (self.quiet_ns + self.busy_ns)
        first = np.random.Generator(np.random.PCG64([seed, 3])).random()
        times = round(self.quiet_ns), round(self.busy_ns)
        busy_first = bool(first < share)
        return bursty(self.quiet_hz, self.busy_hz, *times, duration_ns, seed, busy_first)


@dataclass(frozen=True, slots=True)
class TokenStream:
    """What requests ask for, and when they come, where that is told."""

    description: str
    source: str
    lengths: RequestLengths
    arrivals: Arrivals | None


def stream_names() -> tuple[str, ...]:
    """Return the streams on the shelf."""
    return shelf_names(STREAMS)


def load_stream(text: str) -> TokenStream:
    """Return the stream of a name or a ``.toml`` file.

    Raises:
        InputError: no such file, or a key or a value that does not fit.
    """
    path = shelf_path(text, STREAMS, "stream of tokens")
    file = read_toml(path, StreamFile, "stream of tokens", stream_names())
    check_format(file.format, FORMAT, "stream of tokens", path)
    where = f"stream of tokens '{path}'"
    return TokenStream(
        file.description,
        file.source,
        RequestLengths(
            token_lengths(file.prompt, f"{where}: prompt"),
            token_lengths(file.output, f"{where}: output"),
            file.source,
        ),
        None if file.arrivals is None else _arrivals(file.arrivals, where),
    )


def _arrivals(table: ArrivalsTable, where: str) -> Arrivals:
    lowest, highest = sorted((table.quiet_rate, table.busy_rate))
    if not (lowest >= 0 and 0 < highest < float("inf")):
        raise InputError(f"{where}: rates must be 0 or more, and one of them above 0")
    return Arrivals(
        table.quiet_rate,
        table.busy_rate,
        parse_period_ns(table.quiet, f"{where}: quiet"),
        parse_period_ns(table.busy, f"{where}: busy"),
    )
