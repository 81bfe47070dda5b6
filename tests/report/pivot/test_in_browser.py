"""The page of a sweep in a real, headless Chromium, against oracles; one start for all."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import pytest

from dfsrt.report.pivot import Column, Points, write_pivot
from tests.helpers.browser import CHROMIUM, Seen, launched, opened

if CHROMIUM is None and os.environ.get("CI"):
    pytest.fail("no chromium on the path; install Debian's package 'chromium'")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.xdist_group("browser"),
]
pytest.importorskip("playwright", reason="playwright is not installed")

COUNT = 10_000
MAX_BYTES = 8_000_000
EVIL = """</script><script>alert(1)</script>"'&ü漢"""
ROWS, COLUMNS = ["resnet50", "<b>vgg</b>", EVIL], ["1 W", "2 W"]
BEST = {"high": max, "low": min}


def sweep() -> Points:
    """Integers from few values, so that many tie and sums are exact; every 10th has no FPS."""
    rng = np.random.default_rng(7)
    fps = rng.integers(1, 90, COUNT).astype(float)
    joules = (100 - fps + rng.integers(0, 40, COUNT)).tolist()
    fps[::10] = math.nan
    varied = {
        "network": [ROWS[k] for k in rng.integers(0, 3, COUNT)],
        "cap": [COLUMNS[k] for k in rng.integers(0, 2, COUNT)],
        "governor": ["dfs"] * COUNT,
    }
    columns = {
        "fps": Column("speed", "FPS", "high", fps.tolist()),
        "j": Column("effort", "points", "low", joules),
        "flat": Column("flat", "", "", [3.0] * COUNT),
    }
    return Points("sweep " + EVIL, [], varied, {"network": ROWS, "cap": COLUMNS}, columns)


@pytest.fixture(scope="module")
def points() -> Points:
    return sweep()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as one:
        yield one


@pytest.fixture(scope="module")
def path(points: Points, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pivot") / "sweep.html"
    write_pivot(points, made)
    return made


@pytest.fixture(scope="module")
def seen(browser: Any, path: Path) -> Iterator[Seen]:
    with opened(browser, path, viewport={"width": 1300, "height": 900}) as one:
        yield one


def cells_of(seen: Seen) -> list[list[str]]:
    return seen.page.evaluate(
        "[...document.querySelectorAll('#pivot tbody tr')].map(r => "
        "[...r.querySelectorAll('td')].map(c => c.firstChild.textContent))"
    )


def test_ten_thousand_points_are_drawn_without_an_error_or_a_request(
    seen: Seen, path: Path
) -> None:
    assert path.stat().st_size < MAX_BYTES
    assert seen.errors == []
    assert seen.requests == [path.as_uri()]
    assert seen.page.locator("#panes canvas").count() == len(ROWS)
    inked = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    for canvas in seen.page.locator("canvas").all():
        assert canvas.evaluate(inked)
    twice = "[...document.querySelectorAll('[id]')].map(e => e.id)"
    ids = seen.page.evaluate(twice)
    assert len(ids) == len(set(ids))
    seen.shoot("sweep", full_page=True)


@pytest.mark.parametrize("aggregate", ["best", "median", "mean"])
@pytest.mark.parametrize("key", ["fps", "j"])
def test_cells_of_the_pivot_are_those_of_a_naive_loop(
    seen: Seen, points: Points, aggregate: str, key: str
) -> None:
    column = points.columns[key]
    of = {"best": BEST[column.better], "median": median, "mean": mean}[aggregate]
    seen.page.select_option("#metric", f"m{list(points.columns).index(key)}")
    seen.page.select_option("#aggregate", aggregate)
    triples = list(zip(points.varied["network"], points.varied["cap"], column.values, strict=True))
    known = [((n, c), value) for n, c, value in triples if not math.isnan(value)]
    wanted = [[of([v for at, v in known if at == (row, cap)]) for cap in COLUMNS] for row in ROWS]
    shown = [[float(text.split()[0]) for text in row] for row in cells_of(seen)]
    assert shown == [[pytest.approx(value, rel=6e-4) for value in row] for row in wanted]
    marked = seen.page.evaluate(
        "[...document.querySelectorAll('#pivot tbody td')].map(c => c.className === 'best')"
    )
    winner = BEST[column.better](value for row in wanted for value in row)
    assert marked == [value == winner for row in wanted for value in row]


def test_nothing_is_best_of_a_metric_without_a_direction(seen: Seen) -> None:
    seen.page.select_option("#aggregate", "best")
    seen.page.select_option("#metric", "m2")
    assert seen.page.input_value("#aggregate") == "median"
    assert seen.page.locator("#pivot .best").count() == 0
    assert cells_of(seen) == [["3", "3"]] * 3


@pytest.mark.parametrize("directions", [("high", "low"), ("low", "high"), ("high", "high")])
def test_the_front_is_that_of_brute_force_with_all_ties(
    seen: Seen, directions: tuple[str, str]
) -> None:
    rng = np.random.default_rng(len(directions[0]))
    for count in (0, 1, 2, 60):
        x = rng.integers(0, 8, count).astype(float)
        y = rng.integers(0, 8, count).astype(float)
        y[::7] = math.nan
        given = [[None if math.isnan(v) else v for v in side] for side in (x.tolist(), y.tolist())]
        front = seen.page.evaluate(
            "([x, y, a, b]) => paretoFront(x.map((_, k) => k), x.map(v => v ?? NaN), "
            "y.map(v => v ?? NaN), a, b)",
            [*given, *directions],
        )
        assert sorted(front) == brute_front(x, y, *directions)


def brute_front(x: Any, y: Any, better_x: str, better_y: str) -> list[int]:
    """Points that no other is at least as good as in both and better than in one."""
    a, b = x * (1 if better_x == "high" else -1), y * (1 if better_y == "high" else -1)
    known = [k for k in range(len(x)) if not math.isnan(y[k])]
    return [
        k for k in known
        if not any(a[j] >= a[k] and b[j] >= b[k] and (a[j] > a[k] or b[j] > b[k]) for j in known)
    ]  # fmt: skip


def test_the_front_is_listed_with_what_was_varied(seen: Seen, points: Points) -> None:
    fps, joules = (np.array(points.columns[key].values) for key in ("fps", "j"))
    front = brute_front_of_few(joules, fps)
    rows = seen.page.evaluate(
        "[...document.querySelectorAll('#front tbody tr')].map(r => "
        "[...r.cells].map(c => c.textContent))"
    )
    network, cap = points.varied["network"], points.varied["cap"]
    wanted = [[network[k], cap[k], f"{joules[k]:g} points", f"{fps[k]:g} FPS"] for k in front]
    assert sorted(rows) == sorted(wanted)


def brute_front_of_few(low: Any, high: Any) -> list[int]:
    """The front of integers: of each ``low``, the highest, where no lower one is as high."""
    known = ~np.isnan(high)
    best = {v: high[known & (low == v)].max() for v in np.unique(low[known])}
    kept = {v for v, h in best.items() if all(best[w] < h for w in best if w < v)}
    return [int(k) for k in np.flatnonzero(known) if low[k] in kept and high[k] == best[low[k]]]


def test_plots_zoom_move_and_tell_a_point_by_keys_and_by_drag(seen: Seen) -> None:
    now = "views.multiples.now"
    whole = seen.page.evaluate(now)
    canvas = seen.page.locator("#panes canvas").first
    canvas.focus()
    seen.page.keyboard.press("+")
    near = seen.page.evaluate(now)
    assert near[1] - near[0] == pytest.approx((whole[1] - whole[0]) / 1.5)
    seen.page.keyboard.press("0")
    assert seen.page.evaluate(now) == whole
    seen.page.keyboard.press("n")
    told = seen.page.inner_text("#tip")
    assert all(name in told for name in ("network", "governor", "dfs", "speed", "effort", "flat"))
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    seen.page.mouse.move(box["x"] + 100, box["y"] + 50)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + 180, box["y"] + 120, steps=3)
    seen.page.mouse.up()
    near = seen.page.evaluate(now)
    assert near[1] - near[0] < whole[1] - whole[0]
    seen.page.click("#multiples-reset")
    assert seen.page.evaluate(now) == whole


def test_a_filter_holds_for_all_of_the_page(seen: Seen, points: Points) -> None:
    seen.page.locator("#sieves summary").first.press("Enter")
    box = seen.page.locator("#sieves input").first
    box.press("Space")
    left = sum(name != ROWS[0] for name in points.varied["network"])
    assert seen.page.inner_text("#kept").startswith(f"{left:,} of 10,000 points")
    assert len(cells_of(seen)) == seen.page.locator("#panes canvas").count() == len(ROWS) - 1
    seen.page.locator("#sieves button", has_text="None").first.click()
    assert cells_of(seen) == []
    seen.page.locator("#sieves button", has_text="All").first.click()
    assert len(cells_of(seen)) == len(ROWS)
    assert seen.errors == []


def test_one_point_and_a_constant_fit_a_phone_in_the_dark_and_print(
    browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "one.html"
    columns = {"j": Column("energy", "J", "low", [0.002]), "n": Column("none", "", "", [math.nan])}
    write_pivot(Points("one", [], {"network": ["n" * 90]}, {}, columns), path)
    dark = {"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}
    with opened(browser, path, **dark) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 400
        assert cells_of(seen) == [["2 mJ"]]
        assert seen.page.evaluate("views.pareto.plots[0].ids") == [0]
        seen.page.check("#pareto-log")
        seen.page.emulate_media(media="print")
        assert not seen.page.is_visible(".choices >> nth=0")
        assert seen.errors == []


def test_panels_fill_a_small_window_and_grow_back_with_it(browser: Any, path: Path) -> None:
    wide = "document.getElementById('panes').clientWidth"
    with opened(browser, path, viewport={"width": 250, "height": 800}) as seen:
        narrow = seen.page.evaluate(wide)
        for width in (400, 690):
            seen.page.set_viewport_size({"width": width, "height": 800})
            seen.page.wait_for_timeout(200)
            assert seen.page.evaluate(wide) - narrow == width - 250
        assert seen.errors == []


def test_a_plot_that_was_drawn_for_a_window_keeps_its_shape_on_paper(
    browser: Any, path: Path
) -> None:
    shape = """[...document.querySelectorAll('#panes canvas, #front-plot')].map(c => {
      [c.width, c.height] = [600, 200];
      return c.clientWidth / c.clientHeight; })"""
    with opened(browser, path, viewport={"width": 700, "height": 800}) as seen:
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(shape) == pytest.approx([3.0] * (len(ROWS) + 1), rel=0.02)
        assert seen.errors == []


def test_points_at_one_place_stand_around_it_and_others_where_they_are(seen: Seen) -> None:
    plot = """({ canvas: { clientWidth: 600, clientHeight: 400 }, view: { now: [0, 4, 0, 4] },
      ids: [0, 1, 2, 3], xs: [1, 1, 1, 3], ys: [2, 2, 2, 2], groups: [{ size: 3 }] })"""
    spots = seen.page.evaluate(f"spotsOf({plot})")
    first, second, third, alone = zip(spots["px"], spots["py"], strict=True)
    for one, other in ((first, second), (first, third), (second, third)):
        assert math.dist(one, other) > 3  # the radius of a mark: each is seen
    assert math.dist(first, second) < 25
    whole = seen.page.evaluate(f"pixelOf({plot})[0](3)")
    assert alone[0] == pytest.approx(whole)
