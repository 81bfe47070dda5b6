"""Long commands that are killed, each with its output, and what of it an unbroken run leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TUNE = """
format = 1
name = "killed"
trials = 40
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
cap = { low = "0.10 W", high = "0.20 W", step = 0.005 }
[over]
frames = 1
"""


@dataclass(frozen=True)
class Command:
    """Words behind ``dfsrt``; ``results`` are the files of the whole run, the same each time.

    A command that is ``resumed`` keeps a journal: killed as often as one likes, the same command
    goes on. Of any other nothing is there until it has ended. ``journal`` is what is kept, and
    ``first`` what is in it at the first point; without one, ``written`` alone tells how far it is:
    a pattern of what is there while outputs are written.
    """

    words: tuple[str, ...]
    results: tuple[str, ...]
    written: str
    journal: str = ""
    first: bytes = b""

    @property
    def resumed(self) -> bool:
        """Whether a command that was killed goes on where it was."""
        return bool(self.journal)


COMMANDS = {
    "tune": Command(
        ("tune", "tune.toml", "-o", "out", "-w", "2"),
        ("out/result.json", "out/trials.csv", "out/governor.toml"),
        "out/.*.tmp-*",
        "out/journal.log",
        b'"values"',
    ),
    "sweep": Command(
        ("sweep", "sweep.toml", "-o", "out", "-w", "2"),
        ("out/result.json", "out/points.csv", "out/points.parquet"),
        "out/.*.tmp-*",
        "out/journal.log",
        b'"point":',
    ),
    "measure": Command(
        ("measure", "-o", "m.parquet", "--network", "digits", "--sweep", "150"),
        ("m.parquet",),
        ".m.tmp-*",
        "m.parquet.part",
        b"\n",
    ),
    "run": Command(
        ("run", "squeezenet", "-n", "4000", "--log", "r.parquet", "--json", "r.json"),
        ("r.json",),
        ".r.tmp-*.json",
    ),
    "battery": Command(
        (
            *("battery", "voice-glasses", "--until", "20 s", "--samples", "4", "-w", "2"),
            *("--json", "b.json", "--html", "b.html"),
        ),
        ("b.json",),
        ".b.tmp-*",
    ),
    "levers": Command(
        ("levers", "digits", "-n", "2", "--json", "l.json", "--html", "l.html", "-w", "2"),
        ("l.json",),
        ".l.tmp-*",
    ),
}


def set_out(folder: Path) -> None:
    """Put the files that commands read into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tune.toml").write_text(TUNE)
    (folder / "sweep.toml").write_text(SWEEP)
