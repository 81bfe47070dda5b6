"""The notebooks under examples/: each runs to its end in a fresh kernel, and its claims hold."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nbformat import NotebookNode

jupytext = pytest.importorskip("jupytext", reason="pip install 'dfsrt[notebook]'")

NOTEBOOKS = Path(__file__).resolve().parents[1] / "examples" / "notebooks"
QUICK = {
    "battery_day": {"SCENARIO": "camera-detection-phone", "UNTIL": "2 min"},
    "calibrate_a_board": {"BOARD": "few.csv"},
    "infinite_zoom": {
        "LOAD": "squeezenet",
        "SURROUNDINGS": "none",
        "LEVERS": ["int8", "layer-clocks"],
        "MORE": {"frames": 1, "workers": 1},
    },
}
"""Values of parameters with which a notebook ends soon; the others are run as they are stored."""
SMALL_ZOOM = QUICK["infinite_zoom"] | {"LOAD": "infinite-zoom:image=64"}
HELPERS = {"ceiling"}
"""Files beside the notebooks that are none."""


def names() -> list[str]:
    return sorted({path.stem for path in NOTEBOOKS.glob("*.py")} - HELPERS)


def read(name: str) -> NotebookNode:
    notebook: NotebookNode = jupytext.read(NOTEBOOKS / f"{name}.py")
    return notebook


def with_values(notebook: NotebookNode, values: dict[str, object]) -> NotebookNode:
    """Put other values behind the cell that is tagged ``parameters``."""
    from nbformat.v4 import new_code_cell

    place = next(k for k, c in enumerate(notebook.cells) if "parameters" in tags(c))
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    notebook.cells.insert(place + 1, new_code_cell("\n".join(lines)))
    return notebook


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run all cells in a kernel of its own, in a copy of the notebooks' folder."""
    from nbclient import NotebookClient

    shutil.copytree(NOTEBOOKS, folder, dirs_exist_ok=True)
    rows = (folder / "board.csv").read_text().splitlines(keepends=True)
    (folder / "few.csv").write_text("".join(row for row in rows if "retinanet" not in row))
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=900, resources=where).execute()
    return notebook


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def check(notebook: NotebookNode) -> None:
    """A notebook shows tables, figures and words with numbers, and nothing complains."""
    assert [o.text for o in outputs(notebook) if o.output_type == "stream"] == []
    shown = [o for o in outputs(notebook) if "data" in o]
    assert any("<table>" in o.data.get("text/html", "") for o in shown)
    assert any({"image/svg+xml", "image/png"} & set(o.data) for o in shown)
    assert any("text/markdown" in o.data for o in shown)


@pytest.mark.parametrize("name", names())
def test_a_notebook_runs_in_a_fresh_kernel_and_its_claims_hold(name, tmp_path):
    notebook = read(name)
    if name in QUICK:
        notebook = with_values(notebook, QUICK[name])
    check(execute(notebook, tmp_path))


@pytest.mark.deep
def test_the_zoom_runs_on_small_pictures(tmp_path):
    check(execute(with_values(read("infinite_zoom"), SMALL_ZOOM), tmp_path))


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(QUICK))
def test_a_notebook_runs_as_it_is_stored(name, tmp_path):
    check(execute(read(name), tmp_path))


def test_a_notebook_whose_claim_fails_is_a_failure(tmp_path):
    from nbclient.exceptions import CellExecutionError
    from nbformat.v4 import new_code_cell, new_notebook

    with pytest.raises(CellExecutionError, match="no such luck"):
        execute(new_notebook(cells=[new_code_cell("assert False, 'no such luck'")]), tmp_path)
