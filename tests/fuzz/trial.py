"""One input: read under an alarm; what comes of it in a word, and where a failure stands."""

from __future__ import annotations

import random
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dfsrt.base.errors import DfsrtError
from tests.fuzz.mutators import mutant
from tests.fuzz.readers import Reader

LOADED, REFUSED = "loaded", "refused"


class Hang(BaseException):
    """A reader took longer than an input may take."""


@dataclass(frozen=True)
class Outcome:
    """What came of an input: loaded, refused, or else the kind of a failure, and its place."""

    word: str
    place: str = ""
    text: str = ""

    @property
    def failed(self) -> bool:
        return self.word not in (LOADED, REFUSED)


def input_of(reader: Reader, corpus: list[bytes], seed: int, number: int) -> bytes:
    """Return input ``number`` of a reader: the same for the same seed."""
    chance = random.Random(f"{seed} {reader.name} {number}")
    return reader.pack(mutant(corpus, chance))


def tried(reader: Reader, path: Path, seconds: float) -> Outcome:
    """Read the file at ``path``; anything but success and a refusal is a failure."""
    try:
        with _alarm(seconds):
            reader.read(path)
    except DfsrtError as error:
        lines = str(error).splitlines()
        return Outcome(REFUSED) if len(lines) else Outcome("refused without a word")
    except Hang as error:
        return _failure(error)
    except Exception as error:
        return _failure(error)
    return Outcome(LOADED)


def _failure(error: BaseException) -> Outcome:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/dfsrt/" in f.filename and "/tests/" not in f.filename]
    frame = (ours or list(frames))[-1]
    place = f"{frame.filename.rpartition('/dfsrt/')[2]}:{frame.lineno}"
    return Outcome(type(error).__name__, place, " ".join(str(error).split())[:200])


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_signal: int, _frame: object) -> None:
        raise Hang(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
