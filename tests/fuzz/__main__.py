"""``make fuzz``: inputs for every reader, failures on the screen, figures into the documents.

python -m tests.fuzz [--count N] [--seed S] [--reader NAME,NAME] [--saved FOLDER] [--write]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import REPOSITORY, Tally, campaign
from tests.fuzz.figures import write_figures
from tests.fuzz.readers import READERS


def main() -> int:
    """Run the campaigns asked for; 1 where an input failed."""
    asked = _asked()
    failed = False
    for name in asked.reader.split(",") if asked.reader else READERS:
        began = time.monotonic()
        tally = campaign(name, asked.seed, asked.count, asked.saved)
        _show(tally, time.monotonic() - began)
        failed |= tally.failed > 0
        if asked.write:
            write_figures(tally)
    return int(failed)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--reader", default="", help=f"of {', '.join(READERS)}; else all")
    parser.add_argument("--saved", type=Path, default=REPOSITORY / "out" / "fuzz")
    parser.add_argument("--write", action="store_true", help="figures into docs/fuzzing.md")
    return parser.parse_args()


def _show(tally: Tally, seconds: float) -> None:
    words = ", ".join(f"{count} {word}" for word, count in sorted(tally.words.items()))
    print(f"{tally.reader}: {tally.inputs} inputs in {seconds:.0f} s: {words}", flush=True)
    for kind, numbers in tally.failures.items():
        print(f"    {len(numbers)} x {kind} (input {numbers[0]})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
