"""What people measured: whole networks in a CSV file, checked, repeated readings joined."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.places import placed_in
from dfsrt.base.tomlfile import read_text
from dfsrt.network.precision import PRECISIONS

RATES = ("fps", "tokens_per_s")
"""Pictures or tokens a second, which stand for a missing latency: a batch takes batch / rate."""
NETWORK_COLUMNS = (
    *("network", "context", "precision", "batch", "cores", "freq_hz", "latency_s", *RATES),
    *("power_w", "energy_j"),
)
"""Columns of a CSV of networks; others are left out. ``context`` are the tokens in the cache of a
language model that decodes, as ``llm:NAME:context=4096`` says them."""
MOST_APART = 1.2
"""Repeated readings of one network, precision, batch, clock and cores lie closer than this factor:
runs on one board repeat within a few per cent, so that more is another setting, not noise."""
_MOST_ROWS = 100_000
_LEAST_S, _MOST_S = 1e-9, 1e6


@dataclass(frozen=True, slots=True)
class Reading:
    """One inference of a network as it was measured; ``batch`` 0 is the network's own.

    ``freq_hz`` None is the highest clock, ``precision`` auto the device's. Power and energy are
    None where nobody measured them. ``where`` names the file and its line; ``overhead_s`` is what
    measuring added to the latency.
    """

    network: str
    latency_s: float
    precision: str = "auto"
    batch: int = 0
    cores: int = 1
    freq_hz: int | None = None
    power_w: float | None = None
    energy_j: float | None = None
    where: str = ""
    overhead_s: float = 0.0

    @property
    def key(self) -> tuple[str, str, int, int, int]:
        """What repeated readings share."""
        return (self.network, self.precision, self.batch, self.cores, self.freq_hz or 0)

    @property
    def joules(self) -> float | None:
        """Energy of one inference, where power or energy was measured."""
        if self.energy_j is not None:
            return self.energy_j
        return None if self.power_w is None else self.power_w * self.latency_s


def read_networks(path: Path) -> tuple[Reading, ...]:
    """Return the rows of a CSV of networks, as they stand; files are sought beside it.

    Raises:
        InputError: no such file, a column that is missing, no row, or a number that does not fit.
    """
    lines = read_text(path, "measurements", "a .csv file of networks").splitlines()
    try:
        return _rows(csv.DictReader(lines), path)
    except csv.Error as error:
        raise InputError(
            f"measurements '{path}' are no table ({error}); is a quote left open?"
        ) from error


def _rows(reader: csv.DictReader[str], path: Path) -> tuple[Reading, ...]:
    columns = [name.strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    if "network" not in columns or not {"latency_s", *RATES} & set(columns):
        lacks = "network" if "network" not in columns else "latency_s"
        raise InputError(
            f"measurements '{path}' have no column '{lacks}'; columns are "
            f"{', '.join(NETWORK_COLUMNS)}, of which network and latency_s are needed"
        )
    rows = [
        _reading(raw, f"measurements '{path}', line {reader.line_num}", path.parent)
        for raw in reader
    ]
    if not rows:
        raise InputError(f"measurements '{path}' hold no row; add one for each network")
    if len(rows) > _MOST_ROWS:
        raise InputError(f"measurements '{path}' hold {len(rows):,} rows; give {_MOST_ROWS:,}")
    return tuple(rows)


def join_repeats(rows: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return one reading for each network and setting: the geometric mean of those repeated.

    Raises:
        InputError: repeated readings that contradict each other.
    """
    ordered = sorted(rows, key=lambda row: row.key)  # stable: repeats keep their order
    joined = [_joined(list(same)) for _, same in groupby(ordered, key=lambda row: row.key)]
    first = {row.key: n for n, row in reversed(list(enumerate(rows)))}
    return tuple(sorted(joined, key=lambda row: first[row.key]))


def _joined(same: Sequence[Reading]) -> Reading:
    least, most = (f(same, key=lambda row: row.latency_s) for f in (min, max))
    if most.latency_s > MOST_APART * least.latency_s:
        raise InputError(
            f"{most.where}: {most.network} takes {most.latency_s:g} s, and {least.latency_s:g} s "
            f"in {least.where.rpartition(', ')[2]} with the same precision, batch, cores and "
            f"clock; repeats may lie {MOST_APART - 1:.0%} apart: say what differs, or remove one"
        )
    joules = [row.joules for row in same if row.joules is not None]
    if joules and max(joules) > MOST_APART**2 * min(joules):
        raise InputError(
            f"{same[0].where}: {same[0].network} takes {min(joules):g} to {max(joules):g} J in the "
            "same setting; say what differs, or remove one"
        )
    mean_s = _geometric([row.latency_s for row in same])
    mean_j = _geometric(joules) if joules else None
    return replace(same[0], latency_s=mean_s, energy_j=mean_j, power_w=None)


def _geometric(values: Sequence[float]) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def _reading(raw: Mapping[str | None, object], where: str, folder: Path) -> Reading:
    cells = {k: str(v).strip() for k, v in raw.items() if k in NETWORK_COLUMNS and v}
    network = cells.get("network", "")
    if not network:
        raise InputError(f"{where}: the network is missing; name it, or give an .onnx file")
    if network.lower().endswith(".onnx"):
        network = placed_in(folder, network)
    if "context" in cells:
        network = f"{network}:context={_whole(cells, 'context', where, 0)}"
    precision = cells.get("precision", "") or "auto"
    allowed = ("auto", *PRECISIONS)
    if precision not in allowed:
        raise InputError(f"{where}: {unknown_name('precision', precision, allowed)}")
    freq = _number(cells, "freq_hz", where)
    return Reading(
        network=network,
        latency_s=_latency_s(cells, where),
        precision=precision,
        batch=_whole(cells, "batch", where, 0),
        cores=_whole(cells, "cores", where, 1),
        freq_hz=None if freq is None else round(freq),
        power_w=_number(cells, "power_w", where),
        energy_j=_number(cells, "energy_j", where),
        where=where,
    )


def _latency_s(cells: Mapping[str, str], where: str) -> float:
    seconds = _number(cells, "latency_s", where)
    for name in RATES:
        rate = _number(cells, name, where)
        of_rate = None if rate is None else max(_whole(cells, "batch", where, 0), 1) / rate
        if of_rate is not None and seconds is not None:
            _check_agree(seconds, of_rate, name, where)
        seconds = seconds or of_rate
    if seconds is None:
        raise InputError(f"{where}: latency_s is missing; give the seconds of one inference")
    if not _LEAST_S <= seconds <= _MOST_S:
        raise InputError(
            f"{where}: latency_s is {seconds:g}; allowed is {_LEAST_S:g} to {_MOST_S:g}"
        )
    return seconds


def _check_agree(latency_s: float, of_rate_s: float, rate: str, where: str) -> None:
    if not 1 / MOST_APART <= latency_s / of_rate_s <= MOST_APART:
        raise InputError(
            f"{where}: latency_s is {latency_s:g}, and {rate} stand for {of_rate_s:g} s; leave one "
            "out"
        )


def _number(cells: Mapping[str, str], name: str, where: str) -> float | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as reason:
        raise InputError(
            f"{where}: {name} '{text}' is not a number; give a plain one, as in the column's unit"
        ) from reason
    if not 0 < value < math.inf:
        raise InputError(f"{where}: {name} is {text}; allowed is above 0")
    return value


def _whole(cells: Mapping[str, str], name: str, where: str, default: int) -> int:
    value = _number(cells, name, where)
    if value is not None and (value != round(value) or value > 1e6):
        raise InputError(f"{where}: {name} is {cells[name]}; give a whole number")
    return default if value is None else round(value)
