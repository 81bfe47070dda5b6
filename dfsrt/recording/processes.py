"""Processes and threads of a recording: what their tracks and counters are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from dfsrt.recording.lanes import Lanes

Pid = int | str
"""A process' or a thread's number or, in files of some tools, a text."""
Thread = tuple[Pid, Pid]
CounterKey = tuple[Pid, str, str]
"""A counter: its process, its name, and its id, which is empty for most."""


class Processes:
    """Names tracks, so that two threads, two counters of two processes, never share a name.

    Everything that is drawn is said first (``draws``, ``counts``); names come from then on. Where a
    single process draws, its threads and counters have their own names alone.
    """

    def __init__(self) -> None:
        self.process_names: dict[Pid, str] = {}
        self.process_labels: dict[Pid, str] = {}
        self.thread_names: dict[Thread, str] = {}
        self._pids: dict[Pid, None] = {}
        self._counted_by: defaultdict[str, dict[Pid, None]] = defaultdict(dict)
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        self._lanes = Lanes()
        self._given: dict[Hashable, str] = {}

    def draws(self, pid: Pid) -> None:
        """Say that the process ``pid`` has slices."""
        self._pids.setdefault(pid)

    def counts(self, counter: CounterKey) -> None:
        """Say that there is such a counter."""
        pid, name, number = counter
        self._counted_by[name].setdefault(pid)
        self._ids[name].add(number)

    def thread(self, thread: Thread) -> str:
        """Return the track's name of a thread."""
        pid, tid = thread
        name = self.thread_names.get(thread)
        if name is None or len(self._pids) > 1:
            name = f"{self._process(pid)}/{tid if name is None else name}"
        return self._unique(("thread", thread), name)

    def owned(self, pid: Pid, name: str) -> str:
        """Return what something called ``name`` of the process ``pid`` is called."""
        return name if len(self._pids) <= 1 else f"{self._process(pid)}/{name}"

    def counter(self, counter: CounterKey) -> str:
        """Return the track's name of a counter."""
        pid, name, number = counter
        full = f"{name}[{number}]" if number and len(self._ids[name]) > 1 else name
        if len(self._counted_by[name]) > 1:
            full = f"{self._process(pid)}/{full}"
        return self._unique(("counter", counter), full, "counter")

    def lane(self, name: str) -> str:
        """Return ``name`` for a track of its own, or the next lane of that name."""
        return self._lanes.next(name)

    def _process(self, pid: Pid) -> str:
        name, label = self.process_names.get(pid, ""), self.process_labels.get(pid, "")
        return f"{name} ({label})" if name and label else name or label or str(pid)

    def _unique(self, key: Hashable, name: str, kind: Hashable = None) -> str:
        if key not in self._given:
            self._given[key] = self._lanes.next(name, kind)
        return self._given[key]
