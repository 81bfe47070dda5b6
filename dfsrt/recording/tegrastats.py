"""Logs of NVIDIA's ``tegrastats``: a line a sample, with the watts of the board's rails.

Source: lines of JetPack 4 to 7: ``VDD_GPU_SOC 1234mW/1200mW``, now and mean so far, on Orin and
later, ``POM_5V_GPU 1234/1200`` in milliwatts without the unit on older boards; some versions begin
a line with its time, ``11-26-2026 12:00:00``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording.collect import Collector
from dfsrt.recording.lines import BadLines, text_lines
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import printable

INTERVAL_NS, _LARGEST_W, _YEAR_S = 10**9, 1e6, 366 * 86_400
"""Time between two lines where a log has no times: tegrastats' own default."""
_STAMP = re.compile(r"^(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d)\s")
_STAMP_FORM = "%m-%d-%Y %H:%M:%S"
_RAIL = re.compile(
    r"(?<!\S)([A-Za-z]\w*) (-?\d+(?:\.\d+)?)([A-Za-zµμ]*)/-?\d+(?:\.\d+)?[A-Za-zµμ]*(?:/\S+)?(?!\S)"
)
_OLD_RAIL = re.compile("VDD|VIN|POM")
_MEMORY_USED = re.compile(r"(?<!\S)RAM \d+/\d+MB")
_MEMORY = ("RAM", "SWAP", "IRAM")
_HEAT = re.compile(r"(?<!\S)(\w+)@(-?\d+(?:\.\d+)?)C(?:/\S+)?(?!\S)")
_NS, _LARGEST_W = 10**9, 1e6


@dataclass(slots=True)
class _Line:
    """What line ``number`` says; ``stamp_s`` is its time in seconds, where it has one."""

    number: int
    stamp_s: int | None
    rails: list[tuple[str, float]]
    heat: list[tuple[str, float]]
    cut: str = ""


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is such a log, with rails, or memory and CPUs."""
    for line in head.decode("utf-8", "replace").splitlines()[:5]:
        rails = [match for match in _RAIL.finditer(line) if match[1] not in _MEMORY]
        if any(rail[3] == "mW" or _OLD_RAIL.match(rail[1]) for rail in rails):
            return True
        if _MEMORY_USED.search(line) and "CPU [" in line:
            return True
    return False


def read(path: Path, interval_ns: int | None = None) -> Recording:
    """Return the log at ``path`` as counters: a rail's watts, and temperatures.

    Lines of one second are spread over it. ``interval_ns`` lies between two lines where the log
    has no times.

    Raises:
        InputError: more lines that are broken, without a rail or in another unit than mW than
            others, times on half of the lines, or an interval for a log that has times.
    """
    bad = BadLines(path, "tegrastats")
    lines = list(_lines(path, bad))
    stamped = [line for line in lines if line.stamp_s is not None]
    if stamped and len(stamped) < len(lines):
        lines = _of_one_form(path, lines, stamped, bad)
    if stamped:
        lines = _of_one_year(lines, bad)
    bad.check(len(lines))
    about = {"format": "tegrastats"} | bad.about()
    if stamped and interval_ns is not None:
        raise InputError(f"'{path}' has times of its own; leave --interval out")
    if stamped:
        times = _spread([line.stamp_s or 0 for line in lines])
    else:
        about["interval"] = "as given" if interval_ns else "1 s, assumed: the log has no times"
        times = [n * (interval_ns or INTERVAL_NS) for n in range(len(lines))]
    collector = Collector()
    for time_ns, line in zip(times, lines, strict=True):
        for rail, power_w in line.rails:
            collector.add_sample(rail, "W", time_ns, power_w)
        for part, celsius in line.heat:
            collector.add_sample(f"{part} temperature", "degC", time_ns, celsius)
    return collector.recording(about)


def _lines(path: Path, bad: BadLines) -> Iterator[_Line]:
    """Yield the lines that are whole; a last one with fewer rails than the one before is not."""
    before: _Line | None = None
    good = 0
    for number, text in text_lines(path):
        if not text.strip():
            continue
        try:
            line = _line(text, number)
        except ValueError as reason:
            bad.lost(number, reason, good)
            continue
        good += 1
        if before is not None:
            yield before
            if len(line.rails) < len(before.rails):
                line.cut = f"cut short: {len(line.rails)} of {len(before.rails)} rails"
        before = line
    if before is not None and before.cut:
        bad.on(before.number, before.cut)
    elif before is not None:
        yield before


def _of_one_year(lines: list[_Line], bad: BadLines) -> list[_Line]:
    """Leave out lines whose times are more than a year from most of the others'."""
    stamps = sorted(line.stamp_s or 0 for line in lines)
    near = [abs((line.stamp_s or 0) - stamps[len(stamps) // 2]) <= _YEAR_S for line in lines]
    for line, is_near in zip(lines, near, strict=True):
        if not is_near:
            bad.on(line.number, "a time more than a year from the others'")
    return [line for line, is_near in zip(lines, near, strict=True) if is_near]


def _line(text: str, number: int) -> _Line:
    rails = [_watts(match) for match in _RAIL.finditer(text) if match[1] not in _MEMORY]
    if not rails:
        raise ValueError("no rail's power, like 'VDD_IN 4968mW/4968mW'")
    heat = [(match[1], float(match[2])) for match in _HEAT.finditer(text)]
    return _Line(number, _stamp_s(text), rails, heat)


def _watts(match: re.Match[str]) -> tuple[str, float]:
    if match[3] not in ("", "mW"):
        raise ValueError(
            f"'{printable(match[0])}' is in {printable(match[3])}; tegrastats' rails are in mW"
        )
    power_w = float(match[2]) / 1000
    if not power_w <= _LARGEST_W:
        raise ValueError(f"'{printable(match[0])}' is more than {_LARGEST_W:g} W")
    return match[1], power_w


def _of_one_form(
    path: Path, lines: list[_Line], stamped: list[_Line], bad: BadLines
) -> list[_Line]:
    """Leave out the lines without a time where most have one."""
    if len(stamped) <= len(lines) - len(stamped):
        raise InputError(f"'{path}' has times on some lines alone; give one log")
    for line in lines:
        if line.stamp_s is None:
            bad.on(line.number, "no time, as the others have")
    return stamped


def _stamp_s(text: str) -> int | None:
    match = _STAMP.match(text)
    if match is None:
        return None
    try:
        when = datetime.strptime(match[1], _STAMP_FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(when.timestamp())


def _spread(stamps_s: list[int]) -> list[int]:
    """Nanoseconds from the earliest line; those of one second lie in it at equal distances."""
    lines, seen, first = Counter(stamps_s), Counter[int](), min(stamps_s)
    times = []
    for stamp in stamps_s:
        times.append((stamp - first) * _NS + seen[stamp] * _NS // lines[stamp])
        seen[stamp] += 1
    return times
