"""A campaign on one reader: workers one after the other, crashes counted, failing inputs saved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.readers import READERS
from tests.fuzz.trial import LOADED, REFUSED, input_of

KEPT = 3
"""Failing inputs that are saved of each kind."""
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Tally:
    """What came of a reader's inputs; ``failures`` by kind and place, with numbers of inputs."""

    reader: str
    seed: int
    words: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[int]] = field(default_factory=dict)

    @property
    def inputs(self) -> int:
        return self.words.total()

    @property
    def failed(self) -> int:
        return self.inputs - self.words[LOADED] - self.words[REFUSED]

    def fail(self, kind: str, number: int) -> None:
        """Count a failure of a kind, by the number of its input."""
        self.failures.setdefault(kind, []).append(number)


def campaign(name: str, seed: int, count: int, saved: Path) -> Tally:
    """Try ``count`` inputs of a reader in processes of their own."""
    tally, first = Tally(name, seed), 0
    while first < count:
        with TemporaryDirectory() as folder:
            first = _run(tally, first, count, Path(folder))
    _save(tally, saved)
    return tally


def _run(tally: Tally, first: int, count: int, folder: Path) -> int:
    """Run a worker from input ``first``; return where the next one begins."""
    words = [tally.reader, tally.seed, first, count, folder]
    env = {**os.environ, "XDG_CACHE_HOME": os.devnull, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.worker", *map(str, words)],
        capture_output=True, text=True, env=env, cwd=REPOSITORY,
    )  # fmt: skip
    counted = first
    for line in map(json.loads, done.stdout.splitlines()):
        if "at" in line:
            tally.words.update(line["words"])
            counted = line["at"] + 1
        else:
            tally.fail(f"{line['word']} {line['place']} {line['text']}", line["number"])
    if counted == count:
        return count
    return _crashed(tally, counted, folder, done)


def _crashed(
    tally: Tally, counted: int, folder: Path, done: subprocess.CompletedProcess[str]
) -> int:
    """Count an input that ended its worker, and those before it that nobody has counted."""
    here = folder / "number"
    if not here.exists():
        raise RuntimeError(f"the worker of {tally.reader} did not begin: {done.stderr[-2000:]}")
    number = int(here.read_text())
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit {done.returncode}"
    before = [n for numbers in tally.failures.values() for n in numbers if counted <= n < number]
    tally.words[REFUSED] += number - counted - len(before)  # not told apart from those loaded
    tally.words["failed before a crash"] += len(before)
    tally.words["crash"] += 1
    tally.fail(f"crash, {how}: {first_frame(done.stderr)}", number)
    return number + 1


def first_frame(said: str) -> str:
    """Return where a process was when it ended, by what faulthandler says."""
    ours = [line.strip() for line in said.splitlines() if "/dfsrt/" in line]
    return " ".join((ours or said.split("\n"))[0].rpartition("/dfsrt/")[2].split())[:100]


def _save(tally: Tally, saved: Path) -> None:
    reader = READERS[tally.reader]
    corpus = reader.seeds() if tally.failures else []
    for kind, numbers in tally.failures.items():
        word = "".join(c if c.isalnum() else "_" for c in kind)[:60]
        for number in numbers[:KEPT]:
            saved.mkdir(parents=True, exist_ok=True)
            name = f"{tally.reader}-{tally.seed}-{number}-{word}{Path(reader.file).suffix}"
            (saved / name).write_bytes(input_of(reader, corpus, tally.seed, number))
