"""Which task ran on which processor: a slice from each switch to the next."""

from __future__ import annotations

import re

from dfsrt.recording.collect import Collector

_NEXT = re.compile(r"next_comm=(.{0,64}?) next_pid=(\d{1,10})\b|==> (.{0,64}?):(\d{1,10}) \[")


class Tasks:
    """Takes the switches of each processor in order of time."""

    def __init__(self) -> None:
        self._running: dict[str, tuple[int, str]] = {}

    def switch(self, collector: Collector, cpu: str, text: str, time_ns: int) -> bool:
        """Take in a ``sched_switch``; return whether it names the next task."""
        match = _NEXT.search(text)
        if match is None or not cpu:
            return False
        self._close(collector, cpu, time_ns)
        name, tid = match[1] or match[3] or "", match[2] or match[4]
        if int(tid):
            self._running[cpu] = (time_ns, f"{name}-{tid}")
        return True

    def finish(self, collector: Collector, end_ns: int) -> None:
        """Close what runs at the trace's end."""
        for cpu in list(self._running):
            self._close(collector, cpu, end_ns)

    def _close(self, collector: Collector, cpu: str, time_ns: int) -> None:
        start_ns, name = self._running.pop(cpu, (time_ns, ""))
        if name and time_ns >= start_ns:
            collector.add_slice(f"cpu{int(cpu)}", name, start_ns, time_ns - start_ns, "task")
