"""The figure of a device against its measurements: what is drawn, and that names can be read."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from dfsrt.base.errors import InputError
from dfsrt.report.device_check import CheckedEntry, CheckedLayer, CheckedProfile, DeviceCheck
from dfsrt.report.device_check_figure import check_points, draw, write_check_figure


def entry(network, measured, error=0.1, unit="ms", used="held out", cores=1, precision="int8"):
    return CheckedEntry(
        network=network, precision=precision, cores=cores, freq_hz=10**9,
        predicted=measured * (1 + error), measured=measured, unit=unit, error=error, used=used,
        source="a test", conditions="none",
    )  # fmt: skip


def profile(*pairs, used="fitted"):
    layers = [CheckedLayer(op="conv", predicted_s=p, measured_s=m) for m, p in pairs]
    return CheckedProfile(
        profile="p", cores=1, freq_hz=10**9, layers=len(layers), mean_error=0.1,
        rank_correlation=1.0, predicted_s=1.0, measured_s=1.0, overhead_s=0.0, used=used,
        source="a test", conditions="none", by_layer=layers,
    )  # fmt: skip


def check(*measurements, profiles=()):
    return DeviceCheck(
        device="chip", measured=True, what="a test",
        measurements=list(measurements), profiles=list(profiles),
    )  # fmt: skip


def words_box(text, renderer):
    from matplotlib.text import Text

    return Text.get_window_extent(text, renderer)


def assert_readable(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    for axes in figure.axes:
        boxes = [words_box(text, canvas.get_renderer()) for text in axes.texts]
        for one, other in itertools.combinations(boxes, 2):
            assert not one.overlaps(other)
        around = axes.bbox
        for box in boxes:
            assert around.x0 <= box.x0 and box.x1 <= around.x1
            assert around.y0 <= box.y0 and box.y1 <= around.y1
        if axes.texts:
            legend = axes.get_legend().get_window_extent()
            assert not any(box.overlaps(legend) for box in boxes)


@pytest.mark.parametrize(
    ("unit", "measured", "quantity", "value"),
    [
        ("s", 2.0, "time", 2.0),
        ("ms", 20.0, "time", 0.02),
        ("us", 20.0, "time", 2e-5),
        ("fps", 40.0, "time", 0.025),
        ("J", 3.0, "energy", 3.0),
        ("mJ", 3.0, "energy", 0.003),
        ("W", 0.3, "power", 0.3),
    ],
)
def test_every_unit_is_drawn_as_its_quantity(unit, measured, quantity, value):
    (point,) = check_points(check(entry("alexnet", measured, unit=unit)))
    assert (point.quantity, point.measured) == (quantity, pytest.approx(value))
    ratio = 1 / 1.1 if unit == "fps" else 1.1
    assert point.predicted / point.measured == pytest.approx(ratio)


def test_networks_and_layers_have_axes_of_their_own_with_square_log_scales():
    figure = draw(
        check(entry("alexnet", 20.0), entry("alexnet", 0.3, unit="W"), profiles=[profile((1, 2))])
    )
    titles = [axes.get_xlabel() for axes in figure.axes]
    assert titles == [
        "measured time of networks (s)", "measured power of networks (W)",
        "measured time of layers (s)",
    ]  # fmt: skip
    for axes in figure.axes:
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        assert axes.get_xlim() == axes.get_ylim()
        diagonal = axes.lines[0]
        assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())


def test_bands_are_15_and_30_percent_wide():
    (axes,) = draw(check(entry("alexnet", 20.0))).axes
    named = [handle.get_label() for handle in axes.collections]
    assert named == ["within 30%", "within 15%"]
    for band, share in zip(axes.collections, (0.30, 0.15), strict=True):
        for x, y in band.get_paths()[0].vertices:
            assert y / x == pytest.approx(1 + share) or y / x == pytest.approx(1 - share)


def test_fitted_and_held_out_are_told_apart_by_marker_and_fill_and_counted():
    several = [entry(f"n{k}", 10.0 * k, used="fitted" if k == 1 else "held out") for k in (1, 2, 3)]
    (axes,) = draw(check(*several)).axes
    fitted, held = (line for line in axes.lines if line.get_marker() not in (None, "None"))
    assert fitted.get_marker() != held.get_marker()
    assert (fitted.get_markerfacecolor(), held.get_markerfacecolor() == "none") == ("none", False)
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts[-2:] == ["fitted, 1 measurement", "held out, 2 measurements"]
    assert list(held.get_xdata()) == pytest.approx([0.02, 0.03])


def test_a_name_says_what_tells_measurements_apart_and_no_more():
    one = check(entry("alexnet", 20.0), entry("resnet18", 30.0, cores=3))
    assert [p.name for p in check_points(one)] == ["alexnet", "resnet18, 3 cores"]
    two = check(entry("alexnet", 20.0), entry("alexnet", 40.0, precision="fp16"))
    assert [p.name for p in check_points(two)] == ["alexnet int8", "alexnet fp16"]
    own = check(entry("/boards/x/mine.onnx", 20.0))
    assert [p.name for p in check_points(own)] == ["mine.onnx"]


def test_names_of_measurements_that_are_all_alike_can_be_read():
    assert_readable(draw(check(*(entry(f"network-number-{k}", 20.0) for k in range(24)))))


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.floats(-0.6, 1.5), st.integers(3, 18)),
        min_size=1, max_size=25,
    )
)  # fmt: skip
def test_names_lie_beside_each_other_inside_the_axes_and_off_the_legend(points):
    several = [entry("n" * size, 10**place, error) for place, error, size in points]
    assert_readable(draw(check(*several, profiles=[profile((1e-3, 2e-3), (1e-2, 1e-2))])))


def test_the_same_figure_is_the_same_bytes(tmp_path):
    report = check(entry("alexnet", 20.0), profiles=[profile((1e-3, 2e-3))])
    for name in ("a.svg", "b.svg", "c.png"):
        write_check_figure(report, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert "alexnet" in (tmp_path / "a.svg").read_text()


def test_what_cannot_be_drawn_is_said(tmp_path):
    with pytest.raises(InputError, match=r"neither \.svg nor \.png"):
        write_check_figure(check(entry("alexnet", 20.0)), tmp_path / "x.pdf")
    with pytest.raises(InputError, match="nothing to draw; give measurements of yours"):
        write_check_figure(DeviceCheck(device="chip", measured=False), tmp_path / "x.svg")
    assert list(tmp_path.iterdir()) == []
    assert math.isfinite(check_points(check(entry("alexnet", 1e-9)))[0].measured)


def test_names_of_language_models_say_what_they_do_and_differ_where_the_models_do() -> None:
    long = "llm:qwen2.5-1.5b:bits=8:block=256:phase=prefill:tokens=128"
    decode, other = "llm:phi3-3.8b:bits=8:context=160", "llm:phi3-3.8b:bits=4:context=160"
    said = [point.name for point in check_points(check(entry(long, 9.0), entry(decode, 4.0)))]
    assert said == ["qwen2.5-1.5b prefill 128 tokens", "phi3-3.8b context 160"]
    said = [point.name for point in check_points(check(entry(decode, 9.0), entry(other, 4.0)))]
    assert said == [decode, other]


def test_rings_of_fitted_networks_lie_over_marks_at_the_same_place() -> None:
    (axes,) = draw(check(entry("a", 9.0), entry("a", 9.0, used="fitted"))).axes
    by_name = {str(line.get_label()).partition(",")[0]: line.get_zorder() for line in axes.lines}
    assert by_name["fitted"] > by_name["held out"]
