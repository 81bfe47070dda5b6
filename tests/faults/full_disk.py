"""Commands on a disk that is really full: ``python -m tests.faults.full_disk``.

Each writes to a tmpfs of its own, mounted where only it sees it, on which so many bytes are free.
It has to end with exit code 2 and one line, the old file as it was, and nothing left beside.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.commands import set_out
from tests.helpers.cli import DFSRT

SIZE = 256 * 1024
FREE = (0, 4096, 12288)
JOURNALS = ("out", "out/journal.log", "m.parquet.part")
"""What may stay: a study goes on when there is room."""
INSIDE = """
mount -t tmpfs -o size={size} none . && cd "$PWD" || exit 99
head -c {filled} /dev/zero > filling
for name in {old}; do mkdir -p "$(dirname $name)"; : > $name; done
"$@" > /dev/null
echo "code $?" >&2
find . -mindepth 1 -printf '%P %s\\n' | sort >&2
"""


@dataclass(frozen=True)
class Case:
    """Words behind ``dfsrt``, run on a full disk, and files that are there before."""

    words: str
    old: tuple[str, ...] = ()


CASES = {
    "json": Case("run squeezenet -n 1 --detail layer --json r.json", ("r.json",)),
    "log": Case("run squeezenet -n 400 --log r.parquet", ("r.parquet",)),
    "figure": Case("run squeezenet -n 4 --figure r.svg", ("r.svg",)),
    "png": Case("run squeezenet -n 4 --figure r.png", ("r.png",)),
    "page": Case("run squeezenet -n 4 --html r.html", ("r.html",)),
    "perfetto": Case("run squeezenet -n 400 --perfetto r.perfetto-trace", ("r.perfetto-trace",)),
    "chrome": Case("run squeezenet -n 400 --chrome r.json", ("r.json",)),
    "several": Case(
        "run squeezenet -n 400 --log r.parquet --json r.json --html r.html", ("r.json", "r.html")
    ),
    "compare": Case("compare digits -n 1 --json r.json --html r.html", ("r.json",)),
    "replay": Case("replay zoom-30fps --until 1s --json r.json --log r.parquet", ("r.json",)),
    "frontier": Case("frontier squeezenet --csv f.csv --json f.json", ("f.csv", "f.json")),
    "levers": Case("levers digits -n 1 -w 1 --json l.json --html l.html", ("l.json",)),
    "battery": Case("battery voice-glasses --until 2s --json b.json --html b.html", ("b.json",)),
    "measure": Case("measure -o m.parquet --network digits --sweep 20", ("m.parquet",)),
    "tune": Case("tune {files}/tune.toml -o out -w 1"),
    "sweep": Case("sweep {files}/sweep.toml -o out -w 1"),
    "train": Case("train {shelf}/samples.parquet -o out"),
    "capture": Case("capture digits --runs 2 -o new"),
    "generate": Case("trace generate poisson --duration 60s -o new"),
    "device": Case("device new -o d.toml"),
    "export": Case("network export squeezenet -o n.onnx", ("n.onnx",)),
    "memory": Case("memory squeezenet --csv m.csv --json m.json --html m.html", ("m.csv",)),
    "activity": Case("activity {files}/n.onnx --inputs random -o a.csv", ("a.csv",)),
    "optimize": Case("optimize model digits --steps int8 --data random -o n.onnx", ("n.onnx",)),
}


def can_mount() -> bool:
    """Whether a file system can be mounted here where others do not see it."""
    try:
        words = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
        return subprocess.run(words, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def inputs(folder: Path) -> dict[str, str]:
    """Make the files that are read; returns what stands for their folders in words."""
    import dfsrt

    set_out(folder)
    words = [DFSRT, "network", "export", "digits", "-o", "n.onnx"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    shelf = Path(dfsrt.__file__).parent.parent / "powermodels" / "rk3588-npu"
    return {"files": str(folder), "shelf": str(shelf)}


def faults(case: Case, places: dict[str, str], free: int) -> list[str]:
    """Run a case where ``free`` bytes are left; returns what is wrong."""
    script = INSIDE.format(size=SIZE, filled=SIZE - free, old=" ".join(case.old))
    words = [DFSRT, *case.words.format(**places).split()]
    with tempfile.TemporaryDirectory() as disk:
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", *words],
            cwd=disk, capture_output=True, text=True,
        )  # fmt: skip
    said, _, after = done.stderr.rpartition("code ")
    code, *left = after.splitlines()
    if free and code == "0" and not said:
        return []  # it fits
    return [*_said_wrong(code, said), *_left_wrong(case, left)]


def _said_wrong(code: str, said: str) -> list[str]:
    wrong = [] if code == "2" else [f"exit code {code}"]
    return wrong if said.count("\n") == 1 and "cannot write" in said else [*wrong, f"said {said!r}"]


def _left_wrong(case: Case, left: Sequence[str]) -> list[str]:
    sizes = dict(line.rsplit(" ", 1) for line in left)
    known = {"filling", *case.old, *JOURNALS}
    lost = [f"'{name}' changed" for name in case.old if sizes.get(name) != "0"]
    return lost + [f"left '{name}'" for name in sizes if name not in known]


def main() -> int:
    """Run all cases; 1 where something is wrong."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        places = inputs(Path(folder))
        for name in sys.argv[1:] or CASES:
            for free in FREE:
                wrong = faults(CASES[name], places, free)
                bad += bool(wrong)
                print(f"{name}, {free} bytes free: {'; '.join(wrong) or 'as it should be'}")
                sys.stdout.flush()
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
