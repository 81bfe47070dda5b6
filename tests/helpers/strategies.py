"""Hypothesis strategies: devices, layers, caps and plans of every odd size."""

from __future__ import annotations

from hypothesis import strategies as st

from dfsrt.device.npu import LeakageTerm
from dfsrt.device.rail import Rail
from tests.helpers.tiny import tiny_npu, tiny_table


@st.composite
def points(draw):
    """One to six operating points with rising clocks and voltages that never fall."""
    freqs = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True))
    steps = draw(st.lists(st.integers(0, 8), min_size=len(freqs), max_size=len(freqs)))
    uv, table = 500_000, []
    for freq, step in zip(sorted(freqs), steps, strict=True):
        uv += step * 12_500
        table.append((freq * 25_000_000, uv))
    return table


rails = st.builds(
    Rail,
    name=st.just("r"),
    command_ns=st.sampled_from([0, 1, 2_000, 68_000]),
    slew_uv_per_us=st.sampled_from([2_300.0, 12_500.0, 5e7]),
    settle_ns=st.sampled_from([0, 1_000, 30_000]),
    efficiency=st.sampled_from([0.7, 0.9, 1.0]),
)

leakages = st.lists(
    st.builds(LeakageTerm, st.floats(0, 0.3), st.sampled_from([1.0, 2.0, 3.0, 4.0])),
    min_size=0,
    max_size=2,
).map(tuple)


switches_ns = st.sampled_from([0, 1, 1_000, 20_000])


@st.composite
def npus(draw, freq_switch_ns=switches_ns):
    """A tiny device with any operating points, rail and leakage."""
    return tiny_npu(
        draw(points()),
        freq_switch_ns=draw(freq_switch_ns),
        rail=draw(rails),
        leakage=draw(leakages),
        clock_farad=draw(st.sampled_from([0.0, 1e-10, 1e-9])),
        fixed_w=draw(st.sampled_from([0.0, 0.02])),
        clock_stall_share=draw(st.sampled_from([1.0, 0.3, 0.0])),
    )


@st.composite
def tables(draw, npu=None, max_layers=6):
    """A layer table on such a device; every layer takes some time."""
    device = draw(npus()) if npu is None else npu
    n = draw(st.integers(1, max_layers))

    def column(values):
        return draw(st.lists(values, min_size=n, max_size=n))

    return tiny_table(
        device,
        column(st.integers(1, 60_000)),
        column(st.integers(1, 300_000)),
        column(st.floats(0, 20)),
    )


@st.composite
def plans(draw, table):
    """Levels and set points for every layer, in range but in no way wise."""
    n = len(table.duration_ns)
    levels = st.integers(0, len(table.npu.opps) - 1)
    rail = st.sampled_from(table.npu.opps.set_points_uv)
    return (
        draw(st.lists(levels, min_size=n, max_size=n)),
        draw(st.lists(rail, min_size=n, max_size=n)),
    )


caps_w = st.floats(0.01, 5.0)
