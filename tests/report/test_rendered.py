"""Results show themselves: the same tables as HTML, as text, and one line of them as a name."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

import dfsrt
from dfsrt.report.drawing import FITS
from dfsrt.report.rendered import Drawn, Rendered
from dfsrt.report.run_table import run_table
from dfsrt.report.tables import Grid, grids_html, grids_text, make_console
from dfsrt.study.calibration import Calibrated
from dfsrt.study.levers import Pulled
from dfsrt.study.session import Tuned
from dfsrt.study.sweep import Swept

HOSTILE = '<script>alert("1")</script> & \x1b[31m\u202e'


class Reader(HTMLParser):
    """Collects tags and the texts of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def run():
    return dfsrt.run("alexnet", frames=1)


@pytest.mark.parametrize("where", ["line", "head", "cell"])
def test_names_of_others_are_text_and_steer_nothing(where):
    texts = dict.fromkeys(("line", "head", "cell"), "plain") | {where: HOSTILE}
    grid = Grid((texts["head"],), [(texts["cell"],)], [texts["line"]])
    read = Reader(grids_html([grid]))
    assert read.tags == {"p", "div", "table", "thead", "tbody", "tr", "th", "td"}
    assert sum("alert" in text for text in read.texts) == 1
    for shown in (grids_html([grid]), grids_text([grid])):
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_a_head_that_begins_with_the_mark_is_left_aligned_and_loses_it():
    html = grids_html([Grid(("<what", "n"), [("a", "1")])])
    left, right = html.split("<th ")[1:3]
    assert "text-align:left" in left and "text-align:right" in right
    assert Reader(html).texts == ["what", "n", "a", "1"]


def test_tables_have_no_colours_of_their_own(run):
    assert not {"color", "background", "#"} & set(run._repr_html_().replace(":", " ").split())


def test_print_shows_what_the_command_line_prints(run, capsys):
    run_table(make_console(), run.report)
    assert str(run) + "\n" == capsys.readouterr().out


def test_the_name_of_a_result_is_one_line(run):
    assert repr(run).startswith("<Result alexnet on rk3588-npu")
    assert "\n" not in repr(run)


def test_jupyter_gets_html_and_text(run):
    bundle = run._repr_mimebundle_()
    assert bundle == {"text/html": run._repr_html_(), "text/plain": str(run)}


def test_a_figure_is_what_is_saved(run, tmp_path):
    run.save_figure(tmp_path / "figure.svg")
    shown = run.figure()._repr_svg_()
    assert FITS in shown  # a page that is narrower cuts nothing off
    assert shown.replace(f"{FITS} ", "") == Path(tmp_path, "figure.svg").read_text()
    assert len(repr(run.figure())) < 80


@pytest.mark.parametrize(
    "kind",
    [
        *(dfsrt.Result, dfsrt.Comparison, dfsrt.Memory, dfsrt.MemoryComparison, dfsrt.Optimized),
        *(Pulled, Tuned, Calibrated, Swept),
    ],
)
def test_every_result_shows_itself_from_that_one_place(kind):
    assert issubclass(kind, Rendered)
    assert "_repr_html_" not in vars(kind)
    assert issubclass(kind, Drawn) == hasattr(kind, "save_figure")
