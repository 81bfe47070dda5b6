"""What programs write into a trace: Android's marks of slices, asynchronous slices and counters.

``B|pid|name`` begins a slice of the thread that writes it and ``E`` ends it; ``C|pid|name|value``
is a counter; ``S|pid|name|cookie`` and ``F`` are asynchronous, and so are ``H`` and
``G|pid|track|name|cookie``, on a track of their own.

Source: Android's system/core/libcutils/include/cutils/trace.h and its trace-dev.inc.
"""

from __future__ import annotations

import re
from array import array

from dfsrt.base.numbering import Numbering
from dfsrt.recording.async_events import AsyncEvents
from dfsrt.recording.collect import Collector
from dfsrt.recording.perfetto_events import SliceEvents
from dfsrt.recording.processes import CounterKey, Processes

EVENTS = ("tracing_mark_write", "print")
_BEFORE = re.compile(r"(?:(?:tracing_mark_write|0x[0-9a-f]{1,16}s?|[0-9a-f]{8,16}): *){0,2}")
_PID = re.compile("[0-9]{1,10}")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")


class Marks:
    """Takes marks line by line; ``collect`` adds what they hold."""

    def __init__(self) -> None:
        self._slices, self._async, self._processes = SliceEvents(), AsyncEvents(), Processes()
        self._tasks: dict[int, str] = {}
        self._counters: Numbering[CounterKey] = Numbering()
        self._counter, self._time, self._value = array("q"), array("q"), array("d")

    def take(self, text: str, task: str, tid: int, time_ns: int) -> bool:
        """Take in a mark that ``task`` wrote; return whether it is one that is read."""
        kind, *parts = text.strip().split("|")
        if kind == "B" and len(parts) >= 2:
            self._tasks.setdefault(tid, f"{task}-{tid}")
            self._slices.begin(tid, time_ns, "|".join(parts[1:]), "")
        elif kind == "E":
            self._tasks.setdefault(tid, f"{task}-{tid}")
            self._slices.end(tid, time_ns)
        elif parts and _PID.fullmatch(parts[0]):
            return self._of_process(kind, int(parts[0]), parts[1:], time_ns)
        else:
            return False
        if parts and parts[0] == str(tid):
            self._processes.process_names.setdefault(tid, f"{task}-{tid}")
        return True

    def _of_process(self, kind: str, pid: int, parts: list[str], time_ns: int) -> bool:
        if kind != "C":
            return self._asynchronous(kind, pid, parts, time_ns)
        if len(parts) < 2 or not _NUMBER.fullmatch(parts[1]):
            return False
        self._sample((pid, parts[0], ""), time_ns, float(parts[1]))
        return True

    def _sample(self, key: CounterKey, time_ns: int, value: float) -> None:
        self._processes.counts(key)
        self._counter.append(self._counters[key])
        self._time.append(time_ns)
        self._value.append(value)

    def _asynchronous(self, kind: str, pid: int, parts: list[str], time_ns: int) -> bool:
        if kind in "SF" and len(parts) >= 2:
            key, name, category = ("S", pid, *parts[:2]), parts[0], ""
        elif kind == "G" and len(parts) >= 3:
            key, name, category = ("G", pid, parts[0], parts[2]), parts[1], parts[0]
        elif kind == "H" and len(parts) >= 2:
            key, name, category = ("G", pid, parts[0], parts[-1]), "", ""
        else:
            return False
        if kind in "SG":
            self._processes.draws(pid)
            self._async.begin(key, time_ns, pid, name, category)
        else:
            self._async.end(key, time_ns)
        return True

    def collect(self, collector: Collector) -> dict[str, str]:
        """Add slices and samples to ``collector``; return what was left without an end or begin."""
        self._slices.collect(collector, lambda tid: self._processes.lane(self._tasks[tid]))
        self._async.collect(collector, self._processes.owned, self._processes.lane)
        names = [self._processes.counter(key) for key in self._counters]
        for number, time_ns, value in zip(self._counter, self._time, self._value, strict=True):
            collector.add_sample(names[number], "", time_ns, value)
        counts = {
            "slices without an end": self._slices.unclosed + self._async.unclosed,
            "ends without a slice": self._slices.unopened + self._async.unopened,
        }
        return {what: str(count) for what, count in counts.items() if count}


def mark_of(text: str) -> str:
    """Return a mark without the function or address that trace-cmd and ftrace put before it."""
    before = _BEFORE.match(text)
    return text[before.end() :] if before else text
