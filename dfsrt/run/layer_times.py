"""Which measured layer times are which network's, and at which clock they hold."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.base.errors import InputError
from dfsrt.base.reading import file_digest
from dfsrt.base.units import parse_freq_hz
from dfsrt.cost.times import MatchedTimes, MeasuredTimes, load_times, match_times
from dfsrt.device import Npu
from dfsrt.network import Network, network_file
from dfsrt.run.of_networks import Files, OfNetworks


class LayerTimesOf:
    """What was measured of the networks of a load, whose names are learned as they are asked for.

    ``at`` is the clock of the device at which the times hold; without one it is what a source
    states, else the device's highest.

    Raises:
        InputError: ``at`` without a source.
    """

    def __init__(self, sources: Files, at: str | float | None = None) -> None:
        self._sources = OfNetworks(sources, "layer times", "network with layer times")
        self._at = at
        if at is not None and not self._sources:
            raise InputError(
                f"no layer times hold at '{at}', for none are given; give --layer-times with "
                "--layer-times-at"
            )

    def of(self, network: Network, npu: Npu, name: str = "") -> MatchedTimes | None:
        """Return what was measured of ``network``, which a load calls ``name``; None if nothing.

        Raises:
            InputError: a source that cannot be read or is of another network, one source and
                several networks, or a clock that the device does not have.
        """
        source = self._sources.of(network, name)
        if source is None:
            return None
        times = _of_model(load_times(str(source)), network, name or network.name)
        return match_times(times, network, self._clock_hz(npu, times))

    def _clock_hz(self, npu: Npu, times: MeasuredTimes) -> int:
        """The clock that is said, or that the source states, or the highest."""
        clocks = npu.opps.freqs_hz
        at_hz = times.freq_hz or max(clocks)
        if self._at is not None:
            at_hz = parse_freq_hz(self._at, "layer times at")
        if at_hz not in clocks:
            known = ", ".join(map(_clock, clocks))
            raise InputError(
                f"layer times at {_clock(at_hz)}: {npu.name} has no such clock; give "
                f"--layer-times-at with one of {known}"
            )
        return at_hz

    def check_used(self) -> None:
        """Check that every source is of a network that was asked for.

        Raises:
            InputError: a name that no network of the load has.
        """
        self._sources.check_used()


def _clock(freq_hz: int) -> str:
    return f"{freq_hz / 1e6:.12g} MHz"


def _of_model(times: MeasuredTimes, network: Network, name: str) -> MeasuredTimes:
    """Return the times, with a note where another file of the same name was captured.

    Nodes of different networks may be called alike, so that names alone do not tell.

    Raises:
        InputError: a capture of another network, by its name and its file.
    """
    file = network_file(name) if times.model_sha256 else None
    digest = None if file is None else file_digest(file)
    if digest in (None, times.model_sha256):
        return times
    if times.model != network.name:
        raise InputError(
            f"layer times '{times}' were captured of '{times.model}', not of '{network.name}'; "
            f"capture this network: dfsrt capture {name}"
        )
    note = f"{times} was captured of another file than the '{network.name}' that runs"
    return replace(times, notes=(*times.notes, note))
