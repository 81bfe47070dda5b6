"""All files of a finished search, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.files import write_atomically

if TYPE_CHECKING:
    from dfsrt.study.layers.result import Searched

RESULT, TRIALS, FIGURE, CHOSEN = "result.json", "trials.csv", "pareto.svg", "chosen.onnx"
FILES = (RESULT, TRIALS, FIGURE, CHOSEN)
"""All that a finished search leaves in its folder beside the journal."""


def write_all(done: Searched, out: Path) -> None:
    """Write report, trials, figure and the chosen model into the folder ``out``.

    Raises:
        OutputError: ``out`` cannot be written.
    """
    write_atomically(out / RESULT, lambda beside: beside.write_bytes(done.to_json()))
    write_atomically(out / TRIALS, lambda beside: beside.write_bytes(done.to_csv()))
    done.save_figure(out / FIGURE)
    done.save(out / CHOSEN)
