"""When a command is killed: how far it is by what lies in its folder, not by a clock alone."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.commands import Command
from tests.helpers.cli import DFSRT, interruptible

BEFORE, MIDWAY, WRITING, ENDED = "before the first point", "midway", "outputs", "ended"
PHASES = (BEFORE, MIDWAY, WRITING)
ORDER = (*PHASES, ENDED)
WEIGHTS = (1, 2, 2)
LOOK_S = 0.0005
LONGEST_S = 300


@dataclass(frozen=True)
class Watch:
    """How far a command is in ``folder``; one without a journal is midway after ``begun_s``."""

    command: Command
    folder: Path
    known: frozenset[Path]
    begun_s: float
    since_s: float

    def phase(self) -> str:
        """Return what is going on."""
        if set(self.folder.glob(self.command.written)) - self.known:
            return WRITING
        if not self.command.journal:
            return MIDWAY if time.monotonic() - self.since_s > self.begun_s else BEFORE
        journal = self.folder / self.command.journal
        kept = journal.read_bytes() if journal.exists() else b""
        return MIDWAY if self.command.first in kept else BEFORE


def watch(command: Command, folder: Path, begun_s: float) -> Watch:
    """Watch a command that begins now; what lies in ``folder`` already is not of it."""
    known = frozenset(folder.glob(command.written))
    return Watch(command, folder, known, begun_s, time.monotonic())


def begin_s(folder: Path) -> float:
    """Return the seconds that a command takes which has next to nothing to do."""
    began = time.monotonic()
    subprocess.run([DFSRT, "run", "digits", "-n", "1"], cwd=folder, check=True, capture_output=True)
    return time.monotonic() - began


def lengths(command: Command, folder: Path, begun_s: float) -> dict[str, float]:
    """Return the seconds of each phase of a run that nobody disturbs."""
    watched, took = watch(command, folder, begun_s), dict.fromkeys((*PHASES, ENDED), 0.0)
    process = subprocess.Popen(
        [DFSRT, *command.words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for phase, seconds in steps(process, watched):
        took[phase] += seconds
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command.words)
    return took


def steps(process: subprocess.Popen[str], watched: Watch) -> Iterator[tuple[str, float]]:
    """Yield the phase, and how long it has been so, until the command has ended.

    When outputs are in place it ends, which is no longer midway.
    """
    before, phase = time.monotonic(), BEFORE
    while process.poll() is None:
        wrote, phase = phase in (WRITING, ENDED), watched.phase()
        phase, now = ENDED if wrote and phase != WRITING else phase, time.monotonic()
        yield phase, now - before
        before = now
        time.sleep(LOOK_S)


def kill(
    command: Command, watched: Watch, took: dict[str, float], wanted: str, by: int, draw: float
) -> tuple[str, int, str]:
    """Run a command and kill it in the phase that is ``wanted``, a share ``draw`` of it gone.

    Returns the phase in which it fell, the exit code and what the command said.
    """
    process = interruptible([DFSRT, *command.words], cwd=watched.folder, stdout=subprocess.DEVNULL)
    fell, reached = ENDED, None
    for phase, _ in steps(process, watched):
        if reached is None and ORDER.index(phase) >= ORDER.index(wanted):
            reached = time.monotonic()
        if reached is not None and time.monotonic() - reached >= draw * took[wanted]:
            fell = phase
            process.send_signal(by)
            break
    said = process.communicate(timeout=LONGEST_S)[1]
    return fell, process.returncode, said


def drawn(draw: random.Random) -> str:
    """Return a phase to kill in."""
    return draw.choices(PHASES, WEIGHTS)[0]
