"""The page of a sweep as it is written: small, safe, and clear about what it cannot draw."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from dfsrt.base.errors import InputError
from dfsrt.report.pivot import Column, Points, write_pivot
from dfsrt.report.pivot.page import pivot_html

EVIL = """</script><script>alert(1)</script>"'&ü漢\u2028"""


def points_of(
    varied: dict[str, list[str]], order: dict[str, list[str]] | None = None, **values: list[float]
) -> Points:
    columns = {name: Column(name, "J", "low", numbers) for name, numbers in values.items()}
    return Points("a sweep", ["a note"], varied, order or {}, columns)


def data_of(points: Points) -> Any:
    found = re.search(r'id="points">(.*?)</script>', pivot_html(points), re.S)
    assert found
    return json.loads(found[1])


def test_texts_stand_once_in_the_order_asked_for_and_points_name_them_by_number() -> None:
    data = data_of(
        points_of({"cap": ["1 W", "2 W", "1 W", "9 W"]}, {"cap": ["2 W", "1 W"]}, j=[1.0] * 4)
    )
    assert data["dimensions"] == [
        {"name": "cap", "values": ["2 W", "1 W", "9 W"], "codes": [1, 0, 1, 2]}
    ]


def test_numbers_have_six_digits_and_none_is_null() -> None:
    data = data_of(points_of({"a": ["x"] * 3}, j=[1.23456789, math.nan, math.inf]))
    assert data["metrics"][0]["values"] == [1.23457, None, None]


def test_a_metric_that_no_point_has_is_left_out() -> None:
    data = data_of(points_of({"a": ["x"] * 2}, none=[math.nan] * 2, j=[1.0, 2.0]))
    assert [m["label"] for m in data["metrics"]] == ["j"]


@pytest.mark.parametrize(("most", "log"), [(99.0, ""), (101.0, "log")])
def test_plots_open_on_log_scales_where_linear_ones_hide_points(most: float, log: str) -> None:
    data = data_of(points_of({"a": ["x", "y", "z"]}, j=[1.0, most, math.nan]))
    assert data["opening"]["log"] == log


@pytest.mark.parametrize("numbers", [[], [math.nan, math.nan]])
def test_without_a_number_there_is_no_page(tmp_path: Path, numbers: list[float]) -> None:
    path = tmp_path / "a.html"
    with pytest.raises(InputError, match="has a number to draw"):
        write_pivot(points_of({"a": ["x"] * len(numbers)}, j=numbers), path)
    assert not path.exists()


def test_a_page_is_called_html(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no \.html file"):
        write_pivot(points_of({"a": ["x"]}, j=[1.0]), tmp_path / "a.txt")


def test_first_shown_are_what_was_varied_and_metrics_with_a_direction() -> None:
    columns = {"n": Column("n", "", "", [1.0] * 4), "j": Column("j", "J", "low", [1.0] * 4)}
    varied = {"one": ["x"] * 4, "cap": list("abab"), "governor": list("ccdd")}
    opening = data_of(Points("t", [], varied, {}, columns))["opening"]
    assert (opening["rows"], opening["columns"], opening["metric"]) == ("d1", "d2", "m1")


@pytest.mark.parametrize("varied", [{}, {"cap": ["1 W"]}])
def test_one_point_is_a_page_without_a_split(varied: dict[str, list[str]]) -> None:
    opening = data_of(points_of(varied, j=[1.0]))["opening"]
    assert {opening[name] for name in ("rows", "columns", "panels", "colour")} == {"none"}


def test_hostile_names_stay_text() -> None:
    html = pivot_html(
        Points(EVIL, [EVIL], {EVIL: [EVIL]}, {}, {EVIL: Column(EVIL, EVIL, "", [1.0])})
    )
    assert "<script>alert" not in html
    assert not re.search(r"(?:src|href)=\"?(?:https?:)?//", html)
