"""Long commands that are killed, each with its output, and what of it an unbroken run leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TUNE = """
format = 1
name = "killed"
trials = 96
batch = 8
objectives = ["energy_j"]
[over]
networks = ["digits"]
frames = 1
[search]
guard = { low = 0.0, high = 0.2 }
"""
SWEEP = """
format = 1
name = "killed"
[vary]
network = ["digits", "squeezenet"]
cap = { low = "0.10 W", high = "0.20 W", step = 0.002 }
[over]
frames = 1
"""


@dataclass(frozen=True)
class Command:
    """Words behind ``dfsrt``; ``results`` are the files of the whole run, the same each time.

    A command that is ``resumed`` keeps a journal: killed as often as one likes, the same command
    goes on. Of any other nothing is there until it has ended.
    """

    words: tuple[str, ...]
    results: tuple[str, ...]
    resumed: bool = True


COMMANDS = {
    "tune": Command(
        ("tune", "tune.toml", "-o", "out", "-w", "2"),
        ("out/result.json", "out/trials.csv", "out/governor.toml"),
    ),
    "sweep": Command(
        ("sweep", "sweep.toml", "-o", "out", "-w", "2"),
        ("out/result.json", "out/points.csv", "out/points.parquet"),
    ),
    "measure": Command(
        ("measure", "-o", "m.parquet", "--network", "digits", "--sweep", "150"), ("m.parquet",)
    ),
    "run": Command(
        ("run", "squeezenet", "-n", "4000", "--log", "r.parquet", "--json", "r.json"),
        ("r.json",),
        resumed=False,
    ),
    "battery": Command(
        ("battery", "voice-glasses", "--until", "20 s", "--samples", "40", "--json", "b.json"),
        ("b.json",),
        resumed=False,
    ),
    "levers": Command(
        ("levers", "digits", "-n", "2", "--json", "l.json", "--html", "l.html", "-w", "2"),
        ("l.json",),
        resumed=False,
    ),
}


def set_out(folder: Path) -> None:
    """Put the files that commands read into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tune.toml").write_text(TUNE)
    (folder / "sweep.toml").write_text(SWEEP)
