"""A worker: many inputs of one reader, under limits of memory and time, and what came of each.

    python -m tests.fuzz.worker READER SEED FIRST END FOLDER

The input at hand lies in FOLDER, and its number in FOLDER/number: a crash leaves both behind.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import sys
from collections import Counter
from pathlib import Path

from tests.fuzz.readers import READERS
from tests.fuzz.trial import input_of, tried

SECONDS = 10.0
"""An input may take so long: a slow machine's share of two cores included."""
MEMORY_BYTES = 2 << 30
"""What the inputs may add to what the process has at its first."""
_RECYCLED = 2


def limit_memory() -> None:
    """Let the process have no more than it has now, and so much."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(name: str, seed: int, first: int, end: int, folder: Path) -> None:
    """Try inputs ``first`` to ``end`` of a reader; print the outcomes in JSON."""
    reader = READERS[name]
    corpus = reader.seeds()
    path = folder / reader.file
    warm_up(name, corpus, path)
    limit_memory()
    words: Counter[str] = Counter()
    parent = os.getppid()
    for number in range(first, end):
        if os.getppid() != parent:  # which was killed
            break
        (folder / "number").write_text(str(number))
        path.write_bytes(input_of(reader, corpus, seed, number))
        faulthandler.dump_traceback_later(3 * SECONDS, exit=True)  # where no alarm is heard
        with contextlib.redirect_stderr(None):
            outcome = tried(reader, path, SECONDS)
        words[outcome.word] += 1
        if outcome.failed:
            said = {"number": number, "word": outcome.word, "place": outcome.place}
            print(json.dumps({**said, "text": outcome.text}), flush=True)
        if number % 100 == 99 or number == end - 1:
            print(json.dumps({"at": number, "words": words}), flush=True)
            words.clear()
    faulthandler.cancel_dump_traceback_later()


def warm_up(name: str, corpus: list[bytes], path: Path) -> None:
    """Load what the reader loads, so that the limit does not count it; seeds should be read."""
    reader = READERS[name]
    for seed in corpus[:_RECYCLED]:
        path.write_bytes(reader.pack(seed))
        tried(reader, path, 6 * SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), Path(sys.argv[5]))
