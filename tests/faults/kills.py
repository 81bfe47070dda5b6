"""Kills at random moments of every long command, read back: ``python -m tests.faults.kills``.

python -m tests.faults.kills [--count N] [--seed S] [--command NAME,NAME] [--signal SIGTERM]
                             [--phase outputs]

A command is run once unbroken, then killed with SIGKILL, SIGTERM or SIGINT in a phase that is
drawn, at a moment drawn over its length. After each kill no result may be half-written; after any
but SIGKILL nothing may be left beside it, a set of outputs is all there or not at all, and the exit
code says what has happened. At the end the same command must give the results of the unbroken run,
and remove what SIGKILL has left.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.commands import COMMANDS, Command, set_out
from tests.faults.moments import (
    BEFORE,
    ENDED,
    PHASES,
    WRITING,
    begin_s,
    drawn,
    kill,
    lengths,
    watch,
)
from tests.helpers.cli import DFSRT

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@dataclass
class Room:
    """A command, what its unbroken run left in which time, and what kills have left."""

    name: str
    place: Path
    begun_s: float
    fell: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    left: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.command: Command = COMMANDS[self.name]
        self.folder = self.place / "killed"
        set_out(self.place / "whole")
        self.took = lengths(self.command, self.place / "whole", self.begun_s)
        self.whole = results(self.command, self.place / "whole")
        self.begin_anew()

    def begin_anew(self) -> None:
        """Leave nothing of what was done."""
        shutil.rmtree(self.folder, ignore_errors=True)
        set_out(self.folder)
        self.left = set()

    def kill_once(self, by: signal.Signals, wanted: str, share: float) -> None:
        """Kill the command in the phase ``wanted``."""
        if wanted == BEFORE:
            self.begin_anew()  # one that goes on has its first points
        watched = watch(self.command, self.folder, self.begun_s)
        phase, code, said = kill(self.command, watched, self.took, wanted, by, share)
        self.fell[by.name if phase != ENDED else "none", phase] += 1
        wrong = self.fault(by if phase != ENDED else signal.SIGTERM, said)
        if code not in (-by, 128 + by) and (code or phase not in (WRITING, ENDED)):
            wrong = wrong or f"exit code {code}"
        self.faults += [f"{self.name}, {by.name} in '{phase}': {wrong}"] if wrong else []
        if wrong or not self.command.resumed or results(self.command, self.folder):
            self.begin_anew()

    def fault(self, by: int, said: str) -> str:
        """Return what a kill has left that should not be there; empty where all is well."""
        if "Traceback" in said:
            return f"a traceback: {said[-300:]}"
        beside = set(self.folder.rglob(".*tmp-*"))
        there = results(self.command, self.folder)
        if by == signal.SIGKILL:
            self.left |= beside
        elif beside - self.left:
            return f"left behind: {', '.join(path.name for path in beside - self.left)}"
        elif there and set(there) != set(self.whole):
            return f"some of the outputs alone: {', '.join(there)}"
        torn = [name for name, data in there.items() if data != self.whole[name]]
        return f"half-written: {', '.join(torn)}" if torn else ""

    def go_on(self) -> None:
        """Let the command end."""
        subprocess.run(
            [DFSRT, *self.command.words], cwd=self.folder, check=True, capture_output=True
        )
        if results(self.command, self.folder) != self.whole:
            self.faults.append(f"{self.name}: resumed, its results differ from an unbroken run's")
        if beside := list(self.folder.rglob(".*tmp-*")):
            self.faults.append(f"{self.name}: still there after it ended: {beside}")


def results(command: Command, folder: Path) -> dict[str, bytes]:
    """Return the results that are there, by their names."""
    there = [name for name in command.results if (folder / name).exists()]
    return {name: (folder / name).read_bytes() for name in there}


def kills(
    name: str,
    count: int,
    draw: random.Random,
    signals: tuple[signal.Signals, ...] = SIGNALS,
    phase: str | None = None,
) -> tuple[list[str], Counter[tuple[str, str]]]:
    """Kill a command ``count`` times; returns what went wrong, and how many fell where."""
    with tempfile.TemporaryDirectory() as place:
        room = Room(name, Path(place), begin_s(Path(place)))
        for _ in range(count):
            room.kill_once(draw.choice(signals), phase or drawn(draw), draw.uniform(0.0, 1.0))
        room.go_on()
        return room.faults, room.fell


def shares(fell: Counter[tuple[str, str]]) -> str:
    """Return how many kills fell in which phase, and how many there were of each signal."""
    phases, signals = Counter[str](), Counter[str]()
    for (by, phase), number in fell.items():
        phases[phase] += number
        signals[by] += number
    parts = [f"{phases[phase]} {phase}" for phase in (*PHASES, ENDED)]
    return ", ".join([*parts, *(f"{by} {number}" for by, number in sorted(signals.items()))])


def main() -> int:
    """Kill the commands asked for; 1 where something was left that should not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills")
    parser.add_argument("--count", type=int, default=100, help="kills in all")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--command", default=",".join(COMMANDS))
    parser.add_argument("--signal", default=",".join(by.name for by in SIGNALS))
    parser.add_argument("--phase", choices=PHASES)
    asked = parser.parse_args()
    names, draw, began = asked.command.split(","), random.Random(asked.seed), time.monotonic()
    signals = tuple(signal.Signals[name] for name in asked.signal.split(","))
    wrong, all_fell = 0, Counter[tuple[str, str]]()
    for place, name in enumerate(names):
        count = asked.count // len(names) + (place < asked.count % len(names))
        faults, fell = kills(name, count, draw, signals, asked.phase)
        wrong, all_fell = wrong + len(faults), all_fell + fell
        print(f"{name}: {count} kills, {len(faults)} faults; {shares(fell)}", flush=True)
        print(*(f"    {fault}\n" for fault in faults), sep="", end="", flush=True)
    print(f"all: {asked.count} kills, {wrong} faults; {shares(all_fell)}")
    print(f"{time.monotonic() - began:.0f} s", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
