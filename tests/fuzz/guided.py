"""Inputs guided by coverage, where atheris is installed: ``python -m tests.fuzz.guided READER``.

python -m tests.fuzz.guided READER [--seconds N] [--seed S] [--saved FOLDER]

Ends at the first input that fails; it is left in FOLDER.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.campaign import REPOSITORY
from tests.fuzz.mutators import MOST_BYTES, mutant
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.trial import tried
from tests.fuzz.worker import SECONDS, limit_memory, warm_up

BLIND = 0.2
"""The share of inputs that atheris changes by itself, whatever their format."""


def main() -> None:
    """Run one reader until its time is over, or an input fails."""
    asked = _asked()
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed; pip install atheris, or leave GUIDED out")
    with atheris.instrument_imports(include=["dfsrt"]):
        _import_reader(READERS[asked.reader])
    asked.saved.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        reader = READERS[asked.reader]
        corpus = _corpus(reader, Path(folder) / "corpus")
        words = [sys.argv[0], str(corpus), f"-max_total_time={asked.seconds}"]
        words += [
            f"-seed={asked.seed}",
            f"-max_len={MOST_BYTES}",
            f"-artifact_prefix={asked.saved}/",
        ]
        limit_memory()

        def try_one(data: bytes) -> None:
            path = Path(folder) / reader.file
            path.write_bytes(reader.pack(data))
            with contextlib.redirect_stderr(None):
                outcome = tried(reader, path, SECONDS)
            if outcome.failed:
                raise RuntimeError(f"{outcome.word} {outcome.place} {outcome.text}")

        def change(data: bytes, most: int, seed: int) -> bytes:
            chance = random.Random(seed)
            blind = chance.random() < BLIND
            return atheris.Mutate(data, most) if blind else mutant([data], chance)[:most]

        atheris.Setup(words, try_one, custom_mutator=change)
        atheris.Fuzz()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--saved", type=Path, default=REPOSITORY / "out" / "fuzz")
    return parser.parse_args()


def _import_reader(reader: Reader) -> None:
    """Load what the reader loads: what is imported while atheris looks on is instrumented."""
    with TemporaryDirectory() as folder:
        warm_up(reader.name, reader.seeds(), Path(folder) / reader.file)


def _corpus(reader: Reader, folder: Path) -> Path:
    folder.mkdir()
    for number, seed in enumerate(reader.seeds()):
        (folder / str(number)).write_bytes(seed)
    return folder


if __name__ == "__main__":
    main()
