"""Sources: files of measurements by what they hold, and what was observed in them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import NameSpec
from dfsrt.base.reading import file_digest
from dfsrt.base.tomlfile import read_text
from dfsrt.device.profile import ProfileRow, read_profile
from dfsrt.device.profile_rows import profile_rows
from dfsrt.recording.layer_times import READERS, read_layer_times
from dfsrt.study.calibration.measured import Reading, join_repeats, read_networks
from dfsrt.study.calibration.observed import (
    Observation,
    Settings,
    observe_layers,
    observe_networks,
)

_DIGITS = 12
"""Hex digits of a file's SHA-256 that say which file it was."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of measurements and what was observed in it."""

    path: str
    sha256: str
    observed: tuple[Observation, ...]

    def __str__(self) -> str:
        return f"{Path(self.path).name} (sha256 {self.sha256[:_DIGITS]})"


def read_sources(spec: NameSpec, measured: Sequence[str], said: Settings) -> list[Source]:
    """Return what files of measurements hold, on the device of ``spec``.

    Repeated readings of networks are one observation, in whichever of the files they stand.

    Raises:
        InputError: no file, one that is given twice, or that is neither of networks nor of layers,
            or what does not fit in it.
    """
    if not measured:
        raise InputError("no measurements are given; give a .csv file with --measured")
    if len(set(measured)) < len(measured):
        raise InputError("a file of measurements is given twice; give each once")
    texts = [(text, _kind(text, said)) for text in measured]
    rows = {text: _readings(text, kind, said) for text, kind in texts if kind != "layers"}
    joined = join_repeats([row for own in rows.values() for row in own])
    sources = []
    for text, kind in texts:
        path = text.partition(":")[2] if _is_import(text) else text
        if kind == "layers":
            observed = tuple(observe_layers(spec, _layers(text), path, said))
        else:
            ends = {row.where for row in rows[text]}
            own = [row for row in joined if row.where in ends]
            observed = tuple(observe_networks(spec, own, said.asked))
        sources.append(Source(path, _sha256(Path(path)), observed))
    if said.network and not any(_is_import(text) for text in measured):
        raise InputError(
            f"network '{said.network}' is of an imported profile, and none is given; name networks "
            "in the .csv file"
        )
    return sources


def _is_import(text: str) -> bool:
    return text.partition(":")[0] in READERS


def _readings(text: str, kind: str, said: Settings) -> tuple[Reading, ...]:
    return (_whole(text, said),) if kind == "whole" else read_networks(Path(text))


def _whole(text: str, said: Settings) -> Reading:
    """An imported profile as one reading: the sum of its layers' times.

    Raises:
        InputError: a profile of cycles alone.
    """
    times = read_layer_times(text)
    if not times.total_s:
        raise InputError(
            f"profile '{text}' has no times, but counted cycles; give one of what was measured"
        )
    return Reading(
        network=said.network,
        latency_s=times.total_s,
        precision=said.precision,
        cores=said.cores,
        freq_hz=said.freq_hz,
        where=f"profile '{text}', line 1",
        overhead_s=said.overhead_ns * 1e-9 * len(times.rows),
    )


def _layers(text: str) -> tuple[ProfileRow, ...]:
    if not _is_import(text):
        return read_profile(Path(text))
    profile = profile_rows(read_layer_times(text))
    if not profile.rows:
        raise InputError(
            f"profile '{text}' has no layer in int8 with its shapes and time ({profile.reasons}); "
            "say what it is of with --network, so that the sum of its times counts"
        )
    return profile.rows


def _kind(text: str, said: Settings) -> str:
    """``networks`` or ``layers``, by a file's columns; ``whole`` for a profile of one network."""
    if _is_import(text):
        return "whole" if said.network else "layers"
    path = Path(text)
    lines = read_text(path, "measurements", "a .csv file of networks or layers").splitlines()
    try:
        columns = {name.strip() for name in next(csv.reader(lines), [])}
    except csv.Error as error:
        raise InputError(
            f"measurements '{path}' are no table ({error}); is a quote left open?"
        ) from error
    if "measured_us" in columns:
        return "layers"
    if "network" in columns:
        return "networks"
    raise InputError(
        f"measurements '{path}' are neither of networks (columns network, latency_s) nor of layers "
        "(columns op, measured_us and sizes); give one of these"
    )


def _sha256(path: Path) -> str:
    return file_digest(path)
