"""Text of ftrace, ``trace-cmd report`` and ``perf script``: counters, marks and running tasks.

A line is ``<task>-<pid> [cpu] flags time: event: fields``, and of ``perf script``
``<task> <pid> [cpu] time: period event: fields``. Times are seconds with a fraction, or whole
nanoseconds where the trace's clock has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.recording import ftrace_marks
from dfsrt.recording.collect import Collector
from dfsrt.recording.ftrace_events import EVENTS, add_line
from dfsrt.recording.ftrace_marks import Marks, mark_of
from dfsrt.recording.ftrace_tasks import Tasks
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import as_text, opened

MAX_LINE = 8192
"""Longest line that is read as one; what goes on is no ftrace line."""
LATEST_NS = 2**62
"""Time, about 146 years, from which on a line is none of ftrace's."""
GIVE_UP_AFTER = 20_000
"""Lines without a single ftrace line after which a file is taken for something else."""
MAX_EMPTY = 1_000_000
"""The same for all lines, empty ones and comments too."""

_LINE = re.compile(
    r"^\s*(?P<task>\S.{0,63}?)-(?P<tid>\d{1,10})\s+(?:\([\s\d-]{1,12}\)\s+)?\[(?P<cpu>\d{1,5})\]\s+"
    r"(?:[^\s\[\]:]{1,8}\s+)?"
    r"(?P<time>\d{1,19}(?:\.\d{1,9})?):\s+(?P<event>\w+):\s*(?P<fields>.*)$"
)
_PERF = re.compile(
    r"^\s*(?P<task>\S.{0,63}?)\s+(?:\d{1,10}/)?(?P<tid>\d{1,10})\s+(?:\[(?P<cpu>\d{1,5})\]\s+)?"
    r"(?P<time>\d{1,10}\.\d{6,9}):\s+(?:(?P<period>\d{1,18})\s+)?"
    r"(?P<event>[A-Za-z][\w./-]{0,63}(?::[\w-]{1,63}){0,2}):(?:\s+(?P<fields>.*))?$"
)
_MODIFIERS = re.compile(r":[ukhGHpPSDWe]{1,8}$")
_LOST = re.compile(r"LOST (\d{1,12}) EVENTS|(\d{1,12}) EVENTS? LOST")


def is_line(line: str) -> bool:
    """Whether ``line`` has the form of an event."""
    return len(line) <= MAX_LINE and _match(line) is not None


def _match(line: str) -> re.Match[str] | None:
    return _LINE.match(line) or _PERF.match(line)


def read(path: Path) -> Recording:
    """Return what the trace at ``path`` holds, line by line, from its earliest event on.

    ``about`` counts what was read as ``samples``, other events, and lines that are none.

    Raises:
        InputError: no line is an ftrace event, or none of them is one that is read.
    """
    lines = _Lines()
    for number, line in enumerate(_lines(path), start=1):
        lines.take(line)
        junk = lines.counts["other lines"] > GIVE_UP_AFTER or number > MAX_EMPTY
        if lines.first_ns is None and junk:
            break
    _check_found(path, lines.first_ns, lines.counts)
    return lines.recording()


class _Lines:
    """Takes lines one by one."""

    def __init__(self) -> None:
        self._collector, self._marks, self._tasks = Collector(), Marks(), Tasks()
        self.counts = {"samples": 0, "other events": 0, "other lines": 0}
        self.first_ns: int | None = None
        self._last_ns = self._lost = 0

    def take(self, line: str) -> None:
        """Take in a line, or count it."""
        match = _match(line)
        if match is None or (time_ns := _time_ns(match["time"])) >= LATEST_NS:
            lost = _LOST.search(line)
            self._lost += int(next(filter(None, lost.groups()))) if lost else 0
            self.counts["other lines"] += bool(line.strip()) and not line.startswith("#")
            return
        self.first_ns = time_ns if self.first_ns is None else min(self.first_ns, time_ns)
        self._last_ns = max(self._last_ns, time_ns)
        added = self._event(match, time_ns)
        self.counts["samples" if added else "other events"] += max(added, 1)

    def _event(self, match: re.Match[str], time_ns: int) -> int:
        """Take in one event and return how many samples, slices' ends or begins it gave."""
        event, text = match["event"], match["fields"] or ""
        if match.re is _PERF:
            event, group, sample = _perf_event(event)
            if not group:
                track = f"cpu{int(match['cpu'])} {sample}" if match["cpu"] else sample
                self._collector.add_sample(track, "", time_ns, float(match["period"] or 1))
                return 1
        if event in ftrace_marks.EVENTS:
            mark = mark_of(text)
            if self._marks.take(mark, match["task"], int(match["tid"]), time_ns):
                return 1
            event, _, text = mark.partition(":")
        if event == "sched_switch":
            return int(self._tasks.switch(self._collector, match["cpu"] or "", text, time_ns))
        return add_line(self._collector, event, text, time_ns)

    def recording(self) -> Recording:
        """Return what was taken in."""
        zero_ns = self.first_ns or 0
        self._tasks.finish(self._collector, self._last_ns)
        about = {"format": "ftrace", **{what: str(n) for what, n in self.counts.items()}}
        about |= {"events lost in recording": str(self._lost)} if self._lost else {}
        about |= {"first event": f"{zero_ns * 1e-9:.6f} s", **self._marks.collect(self._collector)}
        return self._collector.recording(about, zero_ns)


def _lines(path: Path) -> Iterator[str]:
    """Lines of at most ``MAX_LINE`` characters, so that a file without line ends stays small."""
    with opened(path) as packed, as_text(packed, "\n") as file:
        while line := file.readline(MAX_LINE):
            yield line


def _time_ns(text: str) -> int:
    """Seconds with a fraction, or whole nanoseconds."""
    return int(Decimal(text).scaleb(9)) if "." in text else int(text)


def _perf_event(event: str) -> tuple[str, str, str]:
    """Return name and group of a tracepoint; for a sample of a counter no group, but its name."""
    plain = _MODIFIERS.sub("", event)
    group, _, name = plain.partition(":")
    return name, group if name else "", plain


def _check_found(path: Path, first_ns: int | None, counts: dict[str, int]) -> None:
    if first_ns is None:
        raise InputError(
            f"'{path}' has no line like '<task>-<pid> [cpu] flags time: event: fields' among "
            f"{counts['other lines']:,}; give the text of ftrace, 'trace-cmd report' or 'perf "
            "script'"
        )
    if not counts["samples"]:
        raise InputError(
            f"'{path}' has {counts['other events']:,} events, but none of: {', '.join(EVENTS)}; "
            "record some of these"
        )
