"""Make the shelf's power models again: ``python -m dfsrt.power.ship FOLDER [NAME ...]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from dfsrt.device import device_names
from dfsrt.power.learn.train import train_files
from dfsrt.power.measure.choose import make_bench
from dfsrt.power.measure.session import measure_all
from dfsrt.power.measure.wanted import Wanted

SEED = 20261123


def make_model(device: str, folder: Path) -> None:
    """Measure a preset on its virtual bench and train its model into ``folder``."""
    bench = make_bench(Wanted(device=device, per_network=60, sweep=400, seed=SEED))
    with tempfile.TemporaryDirectory() as scratch:
        samples = Path(scratch) / "samples.parquet"
        measure_all(bench.subjects(), bench.open_meter(), samples)
        train_files([samples], folder, SEED)


def main(shelf: Path, names: list[str]) -> None:
    """Make the models of all presets, or of those named, below ``shelf``."""
    for name in names or device_names():
        make_model(name, shelf / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
