"""ftrace text and ``trace-cmd report``: clocks, voltages, temperatures and power as counters.

A line is ``<task>-<pid> [cpu] flags time: event: fields``. Times are seconds with a fraction, or
whole nanoseconds where the trace's clock has none. Fields are the kernel's own formats
(include/trace/events/{devfreq,power,thermal,regulator}.h).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import check_file

MAX_LINE = 8192
"""Longest line that is read as one; what goes on is no ftrace line."""
LATEST_NS = 2**62
"""Time, about 146 years, from which on a line is none of ftrace's."""
GIVE_UP_AFTER = 20_000
"""Lines without a single ftrace line after which a file is taken for something else."""

_LINE = re.compile(
    r"^\s*\S.{0,63}?-\d{1,10}\s+(?:\([\s\d-]{1,12}\)\s+)?\[\d{1,5}\]\s+(?:[^\s\[\]:]{1,8}\s+)?"
    r"(?P<time>\d{1,19}(?:\.\d{1,9})?):\s+(?P<event>\w+):\s*(?P<fields>.*)$"
)
_WHOLE = re.compile(r"-?[0-9]{1,19}")
_RANGE = re.compile(r"\((\d+)-(\d+)\)")

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Counter:
    """How one value of an event becomes a sample: the track's name, its unit and scale to SI."""

    track: str
    unit: str
    value: str
    scale: float


_KHZ, _MILLI, _MICRO = 1e3, 1e-3, 1e-6
_EVENTS: dict[str, tuple[_Counter, ...]] = {
    "devfreq_frequency": (
        _Counter("{dev_name} frequency", "Hz", "freq", 1.0),
        _Counter("{dev_name} load", "%", "load", 1.0),
    ),
    "devfreq_monitor": (
        _Counter("{dev_name} frequency", "Hz", "freq", 1.0),
        _Counter("{dev_name} load", "%", "load", 1.0),
    ),
    "cpu_frequency": (_Counter("cpu{cpu_id} frequency", "Hz", "state", _KHZ),),
    "gpu_frequency": (_Counter("gpu{gpu_id} frequency", "Hz", "state", _KHZ),),
    "clock_set_rate": (_Counter("{name} frequency", "Hz", "state", 1.0),),
    "thermal_temperature": (_Counter("{thermal_zone} temperature", "degC", "temp", _MILLI),),
    "thermal_power_devfreq_get_power": (
        _Counter("{type} power asked", "W", "power", _MILLI),
        _Counter("{type} load", "%", "load", 1.0),
    ),
    "thermal_power_devfreq_limit": (
        _Counter("{type} power limit", "W", "power", _MILLI),
        _Counter("{type} cooling state", "", "cdev_state", 1.0),
    ),
    "regulator_set_voltage": (_Counter("{name} voltage asked", "V", "min", _MICRO),),
    "regulator_set_voltage_complete": (_Counter("{name} voltage", "V", "val", _MICRO),),
}
"""Events that are read. Clocks of devfreq and of the clock framework are in Hz, those of cpufreq
in kHz, temperatures in thousandths of a degree, thermal power in mW, voltages in µV."""


def _named_first(fields: Fields, text: str) -> None:
    """``clock_set_rate`` begins with the clock's name, without a key in most kernels."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    fields["name"] = first.removeprefix("clk=").removeprefix("name=")


def _voltage_range(fields: Fields, text: str) -> None:
    """``regulator_set_voltage`` ends with (lowest-highest)."""
    range_uv = _RANGE.search(text)
    if range_uv:
        fields["min"] = range_uv[1]


_FIXES: dict[str, Callable[[Fields, str], None]] = {
    "clock_set_rate": _named_first,
    "regulator_set_voltage": _voltage_range,
}


def is_line(line: str) -> bool:
    """Whether ``line`` has the form of an ftrace event."""
    return len(line) <= MAX_LINE and _LINE.match(line) is not None


def read(path: Path) -> Recording:
    """Return the counters of the trace at ``path``, line by line, from its earliest event on.

    ``about`` counts the events that became samples, other events, and lines that are none.

    Raises:
        InputError: no line is an ftrace event, or none of them is one that is read.
    """
    check_file(path)
    collector, counts = Collector(), {"samples": 0, "other events": 0, "other lines": 0}
    first_ns: int | None = None
    for line in _lines(path):
        match = _LINE.match(line)
        if match is None or _time_ns(match["time"]) >= LATEST_NS:
            counts["other lines"] += bool(line.strip()) and not line.startswith("#")
            if first_ns is None and counts["other lines"] > GIVE_UP_AFTER:
                break
            continue
        time_ns = _time_ns(match["time"])
        first_ns = time_ns if first_ns is None else min(first_ns, time_ns)
        added = _add(collector, match["event"], match["fields"], time_ns)
        counts["samples" if added else "other events"] += max(added, 1)
    _check_found(path, first_ns, counts)
    about = {"format": "ftrace", **{name: str(count) for name, count in counts.items()}}
    zero_ns = first_ns or 0
    return collector.recording({**about, "first event": f"{zero_ns * 1e-9:.6f} s"}, zero_ns)


def _lines(path: Path) -> Iterator[str]:
    """Lines of at most ``MAX_LINE`` characters, so that a file without line ends stays small."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            while line := file.readline(MAX_LINE):
                yield line
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}; give a readable file") from error


def _time_ns(text: str) -> int:
    """Seconds with a fraction, or whole nanoseconds."""
    return int(Decimal(text).scaleb(9)) if "." in text else int(text)


def _add(collector: Collector, event: str, text: str, time_ns: int) -> int:
    """Add the samples of one event and return how many there were."""
    if event not in _EVENTS:
        return 0
    fields = _fields(text)
    fix = _FIXES.get(event)
    if fix is not None:
        fix(fields, text)
    return add_samples(collector, event, fields, time_ns)


def _fields(text: str) -> Fields:
    """Return the ``key=value`` words of an event, in time that grows with its length alone."""
    pairs = (word.lstrip("(").partition("=") for word in text.replace(",", " ").split())
    return {key: value for key, _, value in pairs if value}


def add_samples(collector: Collector, event: str, fields: Fields, time_ns: int) -> int:
    """Add the samples of one event by its fields; return how many there were, 0 if none is known.

    ``fields`` are texts: a field that is no whole number of 64 bits gives no sample.
    """
    added = 0
    for counter in _EVENTS.get(event, ()):
        number = fields.get(counter.value, "")
        if _WHOLE.fullmatch(number):
            track = counter.track.format_map(_Names(fields))
            collector.add_sample(track, counter.unit, time_ns, int(number) * counter.scale)
            added += 1
    return added


class _Names(dict[str, str]):
    """Fields for a track's name; one that a line lacks shows as ``?``."""

    def __missing__(self, key: str) -> str:
        return "?"


def _check_found(path: Path, first_ns: int | None, counts: dict[str, int]) -> None:
    if first_ns is None:
        raise InputError(
            f"'{path}' has no line like '<task>-<pid> [cpu] flags time: event: fields' among "
            f"{counts['other lines']:,}; give the text of ftrace or of 'trace-cmd report'"
        )
    if not counts["samples"]:
        raise InputError(
            f"'{path}' has {counts['other events']:,} events, but none of: {', '.join(_EVENTS)}; "
            "record some of these"
        )
