"""Read one input again, with its traceback: ``python -m tests.fuzz.again READER SEED NUMBER``."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.readers import READERS
from tests.fuzz.trial import input_of


def main(name: str, seed: int, number: int) -> None:
    """Read input ``number`` of a reader."""
    reader = READERS[name]
    with TemporaryDirectory() as folder:
        path = Path(folder) / reader.file
        path.write_bytes(input_of(reader, reader.seeds(), seed, number))
        print(repr(reader.read(path))[:500])


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
