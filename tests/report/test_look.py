"""The look of figures: colours that colour-blind readers tell apart, and one place for all."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dfsrt
from dfsrt.report.apart import apart
from dfsrt.report.look import COLOURS, FONTS, MARKS

PACKAGE = Path(dfsrt.__file__).parent
# Machado, Oliveira, Fernandes, 2009, severity 1: of linear RGB.
EYES = {
    "all cones": np.eye(3),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                              [-0.011820, 0.042940, 0.968881]]),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                            [-0.003882, -0.048116, 1.051998]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                            [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
NAMES = ("BLUE", "RED", "GREEN", "PINK", "ORANGE", "SKY", "BLACK", "GREY")
JUST_SEEN = 2.3
"""CIELAB distance of two colours that are just told apart, side by side."""


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB under D65, of linear sRGB."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    share = np.array(rows) @ rgb / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
def test_any_two_colours_are_six_times_what_is_just_seen_apart_for_all_eyes(eyes) -> None:
    seen = {c: lab(np.clip(EYES[eyes] @ linear(c), 0, 1)) for c in COLOURS}
    for one, other in combinations(COLOURS, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 6 * JUST_SEEN, (eyes, one, other)


def luminance(colour: str) -> float:
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


@pytest.mark.parametrize("back", ["#ffffff", "#f5f6f8", "#1e2329"])
def test_lines_stand_out_from_light_and_dark(back) -> None:
    for colour in COLOURS[:6]:  # a page draws black and grey in its own text's colour
        light, dark = sorted((luminance(colour), luminance(back)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 2, colour


def test_what_is_drawn_in_one_colour_stands_out_from_paper() -> None:
    pale = {n for n, c in zip(NAMES, COLOURS, strict=True) if luminance(c) > (1.05 / 3) - 0.05}
    assert pale == {"ORANGE", "SKY"}
    fills = {"tree.py", "lanes.py"}  # areas with edges, and names in or beside them
    modules = [path for path in PACKAGE.rglob("*.py") if path.name not in {"look.py", *fills}]
    drawn = re.compile(rf"\b({'|'.join(pale)})\b")
    assert [path.name for path in modules if drawn.search(path.read_text())] == []


def test_the_cards_of_pages_are_the_backgrounds_that_lines_are_checked_on() -> None:
    style = (PACKAGE / "report/page/style.css").read_text()
    assert re.findall(r"--card: (#\w+)", style)[:2] == ["#f5f6f8", "#1e2329"]


def test_colours_of_figures_stand_in_one_place() -> None:
    own = PACKAGE / "report/look.py"
    others = [path for path in PACKAGE.rglob("*.py") if path != own]
    assert [p.name for p in others if re.search(r"[\"']#[0-9a-fA-F]{6}[\"']", p.read_text())] == []


def test_svg_and_page_write_in_the_same_font() -> None:
    import matplotlib

    assert matplotlib.rcParamsDefault["font.sans-serif"][0] == FONTS[0]
    assert len({svg for svg, _ in MARKS}) == len({page for _, page in MARKS}) == len(MARKS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.01, 0.2))
def test_names_keep_their_gap_and_order_and_stay_on_the_axis_where_there_is_room(
    heights, gap
) -> None:
    placed = apart(heights, gap)
    order = np.argsort(heights, kind="stable")
    assert (np.diff(placed[order]) >= gap - 1e-9).all()
    if gap * (len(heights) - 1) <= 1 and heights:
        assert placed.min() >= -1e-9
        assert placed.max() <= 1 + 1e-9


def test_names_that_have_room_stay_at_their_lines() -> None:
    assert apart([0.2, 0.9, 0.5], 0.1).tolist() == pytest.approx([0.2, 0.9, 0.5])
    assert apart([0.5, 0.5], 0.1).tolist() == pytest.approx([0.5, 0.6])
    assert apart([1.0, 1.0], 0.1).tolist() == pytest.approx([0.9, 1.0])
