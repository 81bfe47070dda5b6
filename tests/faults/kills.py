"""Kills at random moments of every long command, read back: ``python -m tests.faults.kills``.

python -m tests.faults.kills [--count N] [--seed S] [--command NAME,NAME]

A command is run once unbroken, then killed with SIGKILL, SIGTERM or SIGINT at moments drawn over
the time that this took. After each kill no result may be half-written, and nothing may be left
beside it but after SIGKILL; at the end the same command must give the results of the unbroken run.
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
from pathlib import Path

from tests.faults.commands import COMMANDS, Command, set_out
from tests.helpers.cli import DFSRT, interruptible

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def results(command: Command, folder: Path) -> dict[str, bytes]:
    """Return the results that are there, by their names."""
    there = [name for name in command.results if (folder / name).exists()]
    return {name: (folder / name).read_bytes() for name in there}


def unbroken(command: Command, folder: Path) -> tuple[dict[str, bytes], float]:
    """Return the results of a run that nobody disturbs, and its seconds."""
    set_out(folder)
    began = time.monotonic()
    subprocess.run([DFSRT, *command.words], cwd=folder, check=True, capture_output=True)
    return results(command, folder), time.monotonic() - began


def killed(command: Command, folder: Path, after_s: float, by: signal.Signals) -> str:
    """Run a command and kill it; returns what it said before."""
    process = interruptible([DFSRT, *command.words], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(by)
    return process.communicate(timeout=120)[1]


def fault(command: Command, folder: Path, whole: dict[str, bytes], by: int, said: str) -> str:
    """Return what a kill has left that should not be there; empty where all is well."""
    if "Traceback" in said:
        return f"a traceback: {said[-300:]}"
    beside = [path.name for path in folder.rglob(".*tmp-*")]
    if beside and by != signal.SIGKILL:
        return f"left behind: {', '.join(beside)}"
    for path in folder.rglob(".*tmp-*"):
        path.unlink()  # so that the next kill answers for its own alone
    torn = [name for name, data in results(command, folder).items() if data != whole[name]]
    return f"half-written: {', '.join(torn)}" if torn else ""


def kills(name: str, count: int, draw: random.Random) -> list[str]:
    """Kill a command ``count`` times; returns what went wrong."""
    command, faults = COMMANDS[name], []
    with tempfile.TemporaryDirectory() as place:
        whole, seconds = unbroken(command, Path(place) / "whole")
        folder = Path(place) / "killed"
        set_out(folder)
        for _ in range(count):
            by, after_s = draw.choice(SIGNALS), draw.uniform(0.05, 1.05) * seconds
            wrong = fault(command, folder, whole, by, killed(command, folder, after_s, by))
            faults += [f"{name}, {by.name} after {after_s:.2f} s: {wrong}"] if wrong else []
            if not command.resumed or set(results(command, folder)) == set(whole):
                shutil.rmtree(folder)
                set_out(folder)
        last, _ = unbroken(command, folder)
        if last != whole:
            faults.append(f"{name}: resumed, its results differ from those of an unbroken run")
    return faults


def main() -> int:
    """Kill the commands asked for; 1 where something was left that should not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills")
    parser.add_argument("--count", type=int, default=100, help="kills in all")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--command", default=",".join(COMMANDS))
    asked = parser.parse_args()
    names = asked.command.split(",")
    draw, wrong = random.Random(asked.seed), 0
    for place, name in enumerate(names):
        count = asked.count // len(names) + (place < asked.count % len(names))
        faults = kills(name, count, draw)
        wrong += len(faults)
        print(f"{name}: {count} kills, {len(faults)} faults", *faults, sep="\n    ", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
