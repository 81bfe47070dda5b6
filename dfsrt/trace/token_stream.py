"""Streams of requests for a language model, as a file states their statistics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from dfsrt.base.tomlfile import check_format, read_toml, shelf_names, shelf_path
from dfsrt.trace.token_arrivals import Arrivals, ArrivalsTable
from dfsrt.trace.token_lengths import RequestLengths, token_lengths

STREAMS = Path(__file__).parent / "token_streams"
FORMAT = 1


class StreamFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file; ``arrivals`` say when requests come.

    ``prompt`` and ``output`` are pairs of a share and a number of tokens: that share of the
    requests has as many at the most.
    """

    format: int
    description: str
    source: str
    prompt: tuple[tuple[float, int], ...]
    output: tuple[tuple[float, int], ...]
    arrivals: ArrivalsTable | None = None


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
        None if file.arrivals is None else file.arrivals.arrivals(where),
    )
