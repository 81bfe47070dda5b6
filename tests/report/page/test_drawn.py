"""What a page draws of a figure: fitting units, values at bars, names at lines."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dfsrt.report.page.drawn import drawn
from dfsrt.report.page.style import STACKED, axis, bar, line, rows, si_axis


def shown(data, height=400, **layout):
    made = drawn(data, {"xaxis": axis("x (number)"), "yaxis": axis("y (W)"), **layout}, height)
    return made["data"], made["layout"]


def test_amounts_are_drawn_in_the_prefix_of_their_most_and_their_axis_says_so() -> None:
    bars = bar("energy", ["a", "b"], [1.7e-3, 0.4e-3], "@text", hovertemplate="%{x:.4s}J")
    (made,), layout = shown([bars], xaxis=si_axis("energy", "J"))
    assert made["x"].tolist() == pytest.approx([1.7, 0.4])
    assert layout["xaxis"]["title"]["text"] == "energy (mJ)"
    assert made["hovertemplate"] == "%{x:.4g} mJ"
    assert bars["x"] == [1.7e-3, 0.4e-3]  # the figure's own stay joules


def test_a_logarithmic_axis_of_many_prefixes_keeps_its_unit_at_each_mark() -> None:
    dots = line("a", [1e-3, 10.0], [1, 2], "@text")
    (made,), layout = shown([dots], xaxis=si_axis("time", "s", type="log", dtick=1))
    assert made["x"] == [1e-3, 10.0]
    assert layout["xaxis"]["title"]["text"] == "time (s)"
    assert (layout["xaxis"]["tickformat"], layout["xaxis"]["ticksuffix"]) == ("~s", "s")


@pytest.mark.parametrize(
    ("ends", "unit", "texts"),
    [
        ([3e-4, 0.2], "s", ["200 µs", "500 µs", "1 ms", "2 ms", "100 ms", "200 ms", "500 ms"]),
        ([1e-3, 1e3], "s", ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s", "1 ks"]),
        ([40.0, 900.0], "", ["50", "100", "200", "500", "1,000"]),
    ],
)
def test_every_mark_of_a_logarithmic_axis_says_its_number_in_full(ends, unit, texts) -> None:
    made = si_axis("time", unit, type="log") if unit else axis("time (number)", type="log")
    _, layout = shown([line("a", ends, [1, 2], "@text")], xaxis=made)
    at, said = (layout["xaxis"][key] for key in ("tickvals", "ticktext"))
    assert set(texts) <= set(said)
    assert len(at) == len(said)
    assert at == sorted(at)


@pytest.mark.parametrize("values", [[], [0.0], [None, 0.0]])
def test_nothing_at_all_is_drawn_in_the_plain_unit(values) -> None:
    _, layout = shown([bar("a", list("xy")[: len(values)], values, "@text")],
                      xaxis=si_axis("energy", "J"))  # fmt: skip
    assert layout["xaxis"]["title"]["text"] == "energy (J)"


def test_each_bar_says_its_value_beside_it_and_the_axis_has_room_for_it() -> None:
    (made,), layout = shown([bar("a", ["p", "q", "r"], [1234.5, 0.1234, None], "@text")])
    assert made["text"] == ["1,234", "0.123", ""]
    assert (made["textposition"], made["cliponaxis"]) == ("outside", False)
    assert layout["xaxis"]["range"] == [0.0, pytest.approx(1234.5 * 1.24)]


def test_values_of_both_signs_have_room_on_both_sides() -> None:
    (made,), layout = shown([bar("a", ["p", "q"], [-0.2, 0.1], "@text")],
                            xaxis=axis("change", tickformat="+.0%"))  # fmt: skip
    assert made["text"] == ["-20.0%", "+10.0%"]
    low, high = layout["xaxis"]["range"]
    assert low < -0.2
    assert high > 0.1


def test_stacked_bars_say_their_parts_within_and_their_sums_at_their_ends() -> None:
    parts = [bar("a", ["p", "q"], [1e-3, 2e-3], "@text"), bar("b", ["p", "q"], [3e-3, 0], "@text")]
    made, layout = shown(parts, **{**STACKED, "xaxis": si_axis("energy", "J")})
    assert [trace["textposition"] for trace in made] == ["inside", "inside"]
    notes = [(note["y"], note["x"], note["text"]) for note in layout["annotations"]]
    assert notes == [("p", pytest.approx(4.0), "<b>4.00 mJ</b>"), ("q", 2.0, "<b>2.00 mJ</b>")]


def test_lines_are_named_at_their_ends_in_their_colours_and_none_lies_on_another() -> None:
    ends = {"a": 1.0, "b": 1.001, "c": 0.2}
    lines = [line(n, [0, 1], [0.5, end], f"@{n}") for n, end in ends.items()]
    _, layout = shown(lines, meta={"ends": True})
    notes = {note["text"]: note for note in layout["meta"]["ends"]}
    heights = {name: note["y"] * (400 - 90) for name, note in notes.items()}
    assert heights["c"] < heights["a"] < heights["b"]
    assert heights["b"] - heights["a"] >= 14.9
    assert [note["font"]["color"] for note in notes.values()] == ["@a", "@b", "@c"]
    assert layout["meta"]["room"] > 24


def test_lines_on_two_scales_keep_their_legend() -> None:
    lines = [line("a", [0, 1], [0, 1], "@text"), line("b", [0, 1], [0, 1], "@text", yaxis="y2")]
    _, layout = shown(lines, meta={"ends": True}, yaxis2=axis("volts (V)"))
    assert "room" not in layout["meta"]


def test_rows_of_axes_follow_each_other_from_the_top_without_touching() -> None:
    assert rows(1) == [(0.0, 1.0)]
    ends = rows(3)
    assert ends[0][1] == pytest.approx(1.0)
    assert ends[-1][0] == pytest.approx(0.0)
    for (low, _), (_, high) in pairwise(ends):
        assert low > high


def test_values_carry_the_unit_of_their_axis() -> None:
    (made,), _ = shown([bar("a", ["p"], [84.47], "@text")], xaxis=axis("speed (FPS)"))
    assert made["text"] == ["84.5 FPS"]


def test_an_axis_ends_where_its_lines_do_whatever_room_their_names_take() -> None:
    lines = [line("a long name", [3, 4, 9], [1, 2, 3], "@text"), line("b", [2, 8], [0, 1], "@text")]
    _, layout = shown(lines, meta={"ends": True})
    assert layout["xaxis"]["range"] == [2.0, 9.0]
    _, layout = shown(lines, meta={"ends": True}, xaxis=axis("x (s)", range=[0, 10]))
    assert layout["xaxis"]["range"] == [0, 10]
