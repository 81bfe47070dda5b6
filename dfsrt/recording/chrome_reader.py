"""Reading Chrome's events: what becomes a slice or a sample, and what is only counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal

from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.async_events import AsyncEvents
from dfsrt.recording.chrome_events import Event
from dfsrt.recording.collect import Collector
from dfsrt.recording.left_out import LeftOut
from dfsrt.recording.perfetto_events import SliceEvents
from dfsrt.recording.processes import CounterKey, Pid, Processes, Thread
from dfsrt.recording.recording import Recording
from dfsrt.recording.source import printable

_LATEST_US = Decimal(2**62) / 1000
_DRAWN, _BEGIN, _END = frozenset("XBEbeSF"), ("b", "S"), ("e", "F")
_PASSED_OVER = {
    **dict.fromkeys("iIRnTp", "instants"),
    **dict.fromkeys("stf", "flows"),
    **dict.fromkeys("NOD", "objects"),
}


class ChromeReader:
    """Takes the events of a file; ``recording`` returns what they hold.

    Events may stand in any order: begins and ends are paired in order of time.
    """

    def __init__(self, events: Iterable[Event], left_out: LeftOut) -> None:
        self._collector, self._left_out = Collector(), left_out
        self._no_samples = LeftOut("samples")
        self._slices, self._async = SliceEvents(), AsyncEvents()
        self._threads: Numbering[Thread] = Numbering()
        self._processes, self._others = Processes(), Counter[str]()
        named = [event for n, event in enumerate(events) if self._tried(self._name, n, event)]
        for number, event in enumerate(named):
            self._tried(self._take, number, event)

    def recording(self, about: Mapping[str, str]) -> Recording:
        """Return what was read; ``about`` and what was passed over say where it comes from."""
        threads, processes = list(self._threads), self._processes
        self._slices.collect(self._collector, lambda n: processes.thread(threads[n]))
        self._async.collect(self._collector, processes.owned, processes.lane)
        counts = {
            "slices without an end": self._slices.unclosed + self._async.unclosed,
            "ends without a slice": self._slices.unopened + self._async.unopened,
            "other events passed over": self._others.total(),
        }
        counted = {what: str(count) for what, count in counts.items() if count}
        if known := [f"{n} {what}" for what, n in self._others.items() if what]:
            counted["of these"] = " and ".join(known)
        left_out = self._left_out.about() | self._no_samples.about()
        return self._collector.recording({**about, **left_out, **counted})

    def _tried(self, take: Callable[[Event], None], number: int, event: Event) -> bool:
        """Whether an event is sound; one that is not is left out and counted."""
        try:
            take(event)
        except InputError:
            raise
        except ValueError as reason:
            self._left_out.add(f"event {number}", reason)
            return False
        return True

    def _name(self, event: Event) -> None:
        """Take in what an event says of names. Raises ValueError where it is not sound."""
        if event.ph == "M":
            self._metadata(event)
        elif event.ph == "C":
            self._processes.counts(_counter(event))
        elif event.ph in _DRAWN:
            self._processes.draws(_number(event.pid))

    def _metadata(self, event: Event) -> None:
        args = event.args if isinstance(event.args, dict) else {}
        pid = _number(event.pid)
        if event.name == "thread_name" and "name" in args:
            self._processes.thread_names[pid, _number(event.tid)] = _text(args["name"])
        elif event.name == "process_name":
            self._processes.process_names[pid] = _text(args.get("name"))
        elif event.name == "process_labels":
            self._processes.process_labels[pid] = _text(args.get("labels"))

    def _take(self, event: Event) -> None:
        """Take in a slice, its begin or end, or samples; ValueError where it is not sound."""
        kind = event.ph
        if kind == "X":
            thread = self._processes.thread(_thread(event))
            name, category = _text(event.name), _text(event.cat)
            start_ns, lasts_ns = _ns(event.ts), _ns(event.dur)
            if lasts_ns < 0:
                raise ValueError(f"a slice of {lasts_ns} ns ends before it begins")
            self._collector.add_slice(thread, name, start_ns, lasts_ns, category)
        elif kind == "B":
            number = self._threads[_thread(event)]
            self._slices.begin(number, _ns(event.ts), _text(event.name), _text(event.cat))
        elif kind == "E":
            self._slices.end(self._threads[_thread(event)], _ns(event.ts))
        elif kind == "C":
            self._samples(event)
        elif kind in _BEGIN:
            pid, name = _number(event.pid), _text(event.name)
            self._async.begin(_async_key(event), _ns(event.ts), pid, name, _text(event.cat))
        elif kind in _END:
            self._async.end(_async_key(event), _ns(event.ts))
        elif kind != "M":
            self._others[_PASSED_OVER.get(kind, "")] += 1

    def _samples(self, event: Event) -> None:
        if not isinstance(event.args, dict):
            raise ValueError("a counter without values")
        track, time_ns = self._processes.counter(_counter(event)), _ns(event.ts)
        for unit, value in event.args.items():
            try:
                number = _value(value)
            except ValueError as reason:
                self._no_samples.add(f"of '{printable(track)}'", reason)
            else:
                self._collector.add_sample(track, _text(unit), time_ns, number)


def _counter(event: Event) -> CounterKey:
    number = "" if event.id is None else str(event.id)
    return _number(event.pid), _text(event.name), number


def _thread(event: Event) -> Thread:
    return _number(event.pid), _number(event.tid)


def _number(value: object) -> Pid:
    """A process' or thread's number, or the text that a tool has for one."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 19 else _text(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal | None):
        return str(value)
    raise ValueError("a process or thread that is no number")


def _async_key(event: Event) -> Hashable:
    """What begin and end of an asynchronous slice share; by the id's own rule across processes."""
    where: Hashable = ""
    number: object = event.id
    if isinstance(event.id2, dict):
        number = event.id2.get("global", event.id2.get("local"))
        where = "" if "global" in event.id2 else _number(event.pid)
    name = _text(event.name) if event.ph in "SF" else ""
    return where, _text(event.cat), str(number), name


def _text(value: object) -> str:
    """A name as text that can be written: half of a surrogate pair is no character."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _ns(us: Decimal) -> int:
    if not (us.is_finite() and -_LATEST_US < us < _LATEST_US):
        raise ValueError("a time that is no number, or beyond all clocks")
    return int((us * 1000).to_integral_value())


def _value(value: object) -> float:
    """A counter's value; texts may be what JSON has no number for, ``"Infinity"`` and ``"NaN"``."""
    try:
        number = float(value) if isinstance(value, int | float | str | Decimal) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if math.isnan(number) and value != "NaN":
        raise ValueError(f"'{printable(str(value), 40)}' is no number")
    return number
