"""Tables on a terminal of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dfsrt.report.tables import show

HEADS = ("<governor", "FPS", "", "mJ/inference", "", "all domains", "max W", "time regret", "<why")
ROW = ("app-dvfs", "284.38", "-5.3%", "2.074", "-10.3%", "6.405", "0.856", "8.2%", "held by a cap")


def shown(width: int) -> list[str]:
    file = io.StringIO()
    show(Console(file=file, force_terminal=True, width=width, color_system=None), HEADS, [ROW])
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 79, 80, 81, 97, 103, 120, 200])
def test_no_cell_is_cut_at_any_width(width):
    text = "\n".join(shown(width))
    for cell in (*HEADS[1:-1], *ROW[:-1]):
        assert cell in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_window(width):
    assert max(map(len, shown(width))) <= width


def test_a_table_that_is_too_wide_goes_on_below_with_its_first_column():
    assert sum("app-dvfs" in line for line in shown(200)) == 1
    assert sum("app-dvfs" in line for line in shown(80)) == 2
