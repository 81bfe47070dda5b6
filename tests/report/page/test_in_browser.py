"""Pages in a real, headless Chromium: drawn, quiet, and alive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest

from dfsrt.cli.commands import make_app
from dfsrt.report.page import write_page
from dfsrt.report.page.bars import bars
from dfsrt.report.page.page import Section
from dfsrt.report.page.style import si_axis
from tests.helpers.browser import CHROMIUM, Seen, launched, opened
from tests.report.page.test_page import EVIL, page_of

WHY = "no chromium on the path; install Debian's package 'chromium'"
if CHROMIUM is None and os.environ.get("CI"):
    pytest.fail(WHY)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=WHY),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.xdist_group("browser"),
]
pytest.importorskip("playwright", reason="playwright is not installed")

MAX_BYTES = 6_000_000
FIGURES = {
    "run": ["clocks", "layer-power", "power-over-time", "residency", "transitions", "domains",
            "energy", "roofline"],
    "pipeline": ["clocks", "layer-power", "power-over-time", "residency", "transitions", "domains",
                 "energy", "roofline", "stages"],
    "compare": ["speed", "energy-each", "regret", "domains", "clocks", "layer-power", "residency",
                "roofline"],
    "devices": ["speed", "energy-each", "regret", "domains", "actions", "clocks", "layer-power",
                "residency", "transitions"],
    "levers": ["levers", "levers-alone"],
    "replay": ["latencies", "requests-over-time", "latency-spread", "clocks", "layer-power",
               "power-over-time", "residency", "transitions", "domains", "energy", "roofline",
               "stages"],
    "replay-compare": ["tail", "energy-each", "regret", "domains", "clocks", "layer-power",
                       "residency", "transitions", "roofline"],
    "tune": ["trials"],
    "models": ["scatter", "networks", "operators", "coverage"],
    "battery": ["charge", "temperatures", "power", "cell", "domains", "latency-spread", "clocks",
                "layer-power", "idle-time", "idle-energy", "residency", "transitions", "roofline",
                "stages"],
    "battery-compare": ["life", "frames", "tail", "energy-each", "cell-each", "domains", "charges",
                        "skins", "clocks", "layer-power", "idle-time", "idle-energy", "residency",
                        "transitions", "roofline"],
    "samples": ["life-hours", "skin", "joules", "by-ambient"],
    "memory": ["memory-bytes", "memory-lives", "memory-policies"],
    "memory-compare": ["memory-operands", "memory-policies"],
}  # fmt: skip
COMMANDS = {
    "run": "run resnet50 --cap 1W --frames 80",
    "pipeline": "run infinite-zoom:steps=1 --frames 2",
    "compare": "compare resnet50 --cap 1W --governors app-dvfs,dfs,segment-dvfs",
    "devices": "compare digits --device rk3588-npu,systolic-128 --frames 1",
    "levers": "levers digits --frames 2 --lever int8,layer-clocks --workers 1",
    "replay": "replay camera-detection --until 3s",
    "replay-compare": "compare camera-detection --until 1s --governors dfs,performance",
    "tune": "tune {folder}/study.toml --workers 1 --out {folder}/study",
    "models": "models show rk3588-npu",
    "battery": "battery voice-glasses --until 20min",
    "battery-compare": "battery compare voice-glasses --until 10min --governors dfs,performance",
    "samples": "battery voice-glasses --until 2min --samples 3",
    "memory": "memory squeezenet --schedule resident",
    "memory-compare": "memory compare tiny-keywords --buffer 4KiB..32KiB",
}

SHARED = {"run", "battery", "levers"}
COVERED = """[...document.querySelectorAll('.plot')].filter(plot => {
  const bar = plot.querySelector('SAID')?.getBoundingClientRect();
  return bar && [...plot.querySelectorAll('.nsewdrag, .treemaplayer')].some(each => {
    const box = each.getBoundingClientRect();
    const across = box.left < bar.right && bar.left < box.right;
    return across && box.top < bar.bottom && bar.top < box.bottom;
  });
}).map(plot => plot.id)"""
"""Figures whose tool bar, or legend, lies on their data."""
LABELS = """[...document.querySelectorAll('.plot')].flatMap(plot => {
  const frame = plot.getBoundingClientRect();
  const boxes = (which) => [...plot.querySelectorAll(which)].map(t => t.getBoundingClientRect());
  const names = boxes('.ytick text');
  return boxes('.bartext-outside').filter(bar => bar.right > frame.right || names.some(name =>
    bar.left < name.right && bar.top < name.bottom && name.top < bar.bottom)).map(() => plot.id);
})"""
"""Figures with a label beside a bar that is cut off or lies on a name, once for each."""
LINK = """<a href="javascript:alert(3)">b</a><a href="http://192.0.2.1/">c</a>"""
PAPER_PX = 718
"""What A4 leaves between margins of 1 cm, in pixels of CSS."""
IN_COLOUR = ".slicetext, .bartext-inside, .heatmap-label text, .annotation-text"
WRITTEN = f".plot text:not({IN_COLOUR})"
"""Texts of figures; those in slices, bars and cells stand out from them, names are like lines."""
INK = "getComputedStyle(t).fill === 'rgb(0, 0, 0)'"

STUDY = """
name = "two aims"
trials = 10
objectives = ["energy_j", "latency_s"]
[over]
networks = ["squeezenet"]
caps = ["0.16 W"]
frames = 1
[search]
guard = { low = 0.0, high = 0.2 }
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as one:
        yield one


@pytest.fixture(scope="module")
def wide(browser: Any, folder: Path) -> Iterator[Callable[[str], AbstractContextManager[Seen]]]:
    """Open a page as a desk shows it; one that several tests look at stays open for all."""
    kept: dict[str, Seen] = {}

    def show(name: str) -> AbstractContextManager[Seen]:
        one = opened(browser, page(folder, name), viewport={"width": 1200, "height": 900})
        if name not in SHARED:
            return one
        if name not in kept:
            kept[name] = stack.enter_context(one)
        return nullcontext(kept[name])

    with ExitStack() as stack:
        yield show


def page(folder: Path, name: str) -> Path:
    """Write a command's page, once."""
    path = folder / f"{name}.html"
    if not path.exists():
        (folder / "study.toml").write_text(STUDY)
        words = COMMANDS[name].format(folder=folder).split()
        make_app(words)([*words, "--html", str(path)], standalone_mode=False)
    return path


def place_of(seen: Seen, figure: str) -> Any:
    """Scroll to a figure and return where its drawing is."""
    drawing = seen.page.locator(f"#plot-{figure} .nsewdrag").first
    drawing.evaluate("each => each.scrollIntoView({ block: 'center', behavior: 'instant' })")
    return drawing.bounding_box()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_is_drawn_without_an_error_or_a_request(wide: Any, folder: Path, name: str) -> None:
    path = page(folder, name)
    assert path.stat().st_size < MAX_BYTES
    with wide(name) as seen:
        assert seen.errors == []
        assert seen.requests == [path.as_uri()]
        drawn = seen.page.evaluate(
            "[...document.querySelectorAll('.plot')].map(p => [p.id.slice(5), p.data.length, "
            "p.querySelectorAll('svg path, svg rect').length])"
        )
        assert [n for n, *_ in drawn] == FIGURES[name]
        for figure, traces, marks in drawn:
            assert traces > 0, figure
            assert marks > 2, figure
        seen.shoot(name, full_page=True)


@pytest.mark.parametrize("name", ["run", "battery", "devices", "levers"])
def test_a_page_is_readable_on_a_phone_in_the_dark_and_in_print(
    browser: Any, folder: Path, name: str
) -> None:
    dark = {"viewport": {"width": 400, "height": 800}, "color_scheme": "dark"}
    with opened(browser, page(folder, name), **dark) as seen:
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 400
        back = "getComputedStyle(document.body).backgroundColor"
        assert seen.page.evaluate(back) == "rgb(20, 23, 27)"
        seen.shoot(f"{name}-phone", full_page=True)
        seen.page.set_viewport_size({"width": PAPER_PX, "height": 1000})
        seen.page.emulate_media(media="print")
        assert seen.page.evaluate(back) == "rgb(255, 255, 255)"
        dark_on_white = f"[...document.querySelectorAll('{WRITTEN}')].every(t => {INK})"
        seen.page.wait_for_function(dark_on_white)
        cut = "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth)"
        assert seen.page.evaluate(f"{cut}.map(s => s.ariaLabel)") == []
        assert not seen.page.is_visible("nav")
        assert not seen.page.is_visible("#theme")
        seen.shoot(f"{name}-print", full_page=True)
        seen.page.emulate_media(media="screen")
        seen.page.click("#theme")
        assert seen.page.evaluate(back) == "rgb(255, 255, 255)"
        assert seen.errors == []


@pytest.mark.parametrize("width", [1300, 400])
def test_tool_bar_and_legend_cover_no_data(wide: Any, width: int) -> None:
    with wide("run") as seen:
        seen.page.set_viewport_size({"width": width, "height": 900})
        seen.page.wait_for_timeout(300)  # until figures have followed
        assert seen.page.locator(".modebar").count() > 5
        for said in (".modebar", ".legend"):
            assert seen.page.evaluate(COVERED.replace("SAID", said)) == []
        seen.page.set_viewport_size({"width": 1200, "height": 900})


@pytest.mark.parametrize("name", ["levers", "compare"])
def test_labels_of_bars_are_whole_and_beside_names_on_a_phone(
    browser: Any, folder: Path, name: str
) -> None:
    size = {"viewport": {"width": 400, "height": 900}}
    with opened(browser, page(folder, name), **size) as seen:
        assert seen.page.locator(".bartext-outside").count() > 5
        assert seen.page.evaluate(LABELS) == []


def test_counts_stand_in_fields_that_are_wide_enough_and_are_no_halves_on_a_phone(
    browser: Any, folder: Path
) -> None:
    inside = "document.querySelectorAll('#plot-transitions .heatmap-label').length"
    for width, all_named in ((1300, True), (400, False)):
        size = {"viewport": {"width": width, "height": 900}}
        with opened(browser, page(folder, "battery"), **size) as seen:
            assert (seen.page.evaluate(inside) > 0) is all_named


def test_long_names_of_bars_are_whole_on_a_phone(browser: Any, folder: Path) -> None:
    name = "deep/down/in/governors.py:Patient:slack=0.0527412:haste=2.26332"
    figure = bars("one", "One", "", si_axis("energy (J)", "J"), {"dfs": 1.0, name: 2.0})
    path = folder / "long.html"
    write_page(page_of("x", sections=[Section("x", "", [figure])]), path)
    with opened(browser, path, viewport={"width": 400, "height": 900}) as seen:
        assert seen.page.evaluate(LABELS) == []
        texts = "[...document.querySelectorAll('.ytick text')]"
        box = "t.closest('.plot').getBoundingClientRect().left"
        assert seen.page.evaluate(f"{texts}.map(t => t.textContent)") == ["dfs", name]
        assert seen.page.evaluate(f"{texts}.every(t => t.getBoundingClientRect().left >= {box})")


def test_lines_are_named_at_their_ends_on_a_desk_and_in_a_legend_on_a_phone(
    browser: Any, folder: Path
) -> None:
    notes = "[...document.querySelectorAll('#plot-layer-power .annotation-text')]"
    named = f"{notes}.map(t => t.textContent)"
    legend = "document.querySelectorAll('#plot-layer-power .legendtext').length"
    for width, ends, entries in ((1300, ["true", "predicted", "cap"], 0), (400, [], 3)):
        size = {"viewport": {"width": width, "height": 900}}
        with opened(browser, page(folder, "run"), **size) as seen:
            assert seen.page.evaluate(named) == ends
            assert seen.page.evaluate(legend) == entries


def test_the_keyboard_reaches_the_switch_and_the_numbers(wide: Any) -> None:
    with wide("run") as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.className") == "skip"
        seen.page.focus("#theme")
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.documentElement.dataset.theme") == "dark"
        seen.page.focus("summary >> nth=0")
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("details >> nth=0").get_attribute("open") is not None


def test_the_keyboard_reaches_the_tables_of_levers_and_scrolls_them(wide: Any) -> None:
    with wide("levers") as seen:
        reached = set()
        seen.page.focus("#theme")
        for _ in range(40):
            seen.page.keyboard.press("Tab")
            reached.add(seen.page.evaluate("document.activeElement.ariaLabel"))
        captions = {"The ladder", "Each lever alone, and all but it", "On top of all"}
        assert captions <= reached
        assert seen.errors == []


def test_zooming_shows_single_layers_and_hovering_names_them(wide: Any) -> None:
    with wide("run") as seen:
        place = "document.getElementById('plot-power-over-time')"
        traces = f"{place}.data.map(t => [t.name, t.visible])"
        before = dict(seen.page.evaluate(traces))
        assert before["each layer, true"] is False
        whole = seen.page.evaluate(f"{place}.layout.xaxis.range")
        seen.page.click("#plot-power-over-time .updatemenu-button:has-text('single layers')")
        seen.page.wait_for_function(
            f"{place}.data.some(t => t.name.startsWith('each') && t.visible)"
        )
        near = seen.page.evaluate(f"{place}.layout.xaxis.range")
        assert near[1] - near[0] < whole[1] - whole[0]
        assert dict(seen.page.evaluate(traces))["highest layer"] is False
        box = place_of(seen, "clocks")
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        layer = "document.querySelector('#plot-clocks .hoverlayer').textContent"
        seen.page.wait_for_function(f"{layer}.includes('held by')")
        assert seen.errors == []


def test_dragging_zooms_and_a_double_click_goes_back(wide: Any) -> None:
    with wide("battery") as seen:
        spot = "document.getElementById('plot-temperatures').layout.xaxis.range"
        box = place_of(seen, "temperatures")
        whole = seen.page.evaluate(spot)
        middle = box["y"] + box["height"] / 2
        seen.page.mouse.move(box["x"] + 0.3 * box["width"], middle)
        seen.page.mouse.down()
        seen.page.mouse.move(box["x"] + 0.6 * box["width"], middle, steps=5)
        seen.page.mouse.up()
        near = seen.page.evaluate(spot)
        assert near[1] - near[0] < 0.5 * (whole[1] - whole[0])
        seen.page.mouse.dblclick(box["x"] + 0.5 * box["width"], middle)
        seen.page.wait_for_function(f"{spot}[1] > {near[1]} * 1.2")


def test_hostile_names_run_nothing_ask_nobody_and_lead_nowhere(browser: Any, folder: Path) -> None:
    path = folder / "hostile.html"
    write_page(page_of(EVIL + LINK), path)
    with opened(browser, path) as seen:
        dialogs: list[str] = []
        seen.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        seen.page.reload()
        seen.page.wait_for_selector("html[data-drawn=yes]", state="attached")
        assert seen.errors == [] and dialogs == []
        assert set(seen.requests) == {path.as_uri()}
        assert seen.page.evaluate("document.images.length") == 0
        links = "[...document.querySelectorAll('a')].map(a => a.getAttribute('href') ?? "
        links += "a.getAttribute('xlink:href')).filter(h => h && !h.startsWith('#'))"
        assert seen.page.evaluate(links) == []
        assert seen.page.evaluate("document.title").startswith(EVIL)
