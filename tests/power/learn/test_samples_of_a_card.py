"""Samples of a real card that hold little: what is refused, and what a card then leaves out."""

from __future__ import annotations

import msgspec
import pytest

from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.network.probe import make_probe
from dfsrt.power.fit import measure_samples
from dfsrt.power.learn.rows import npu_rows
from dfsrt.power.learn.train import train
from dfsrt.power.measure.sample import Bench, Reading, Sample, Subject

BENCH = Bench(meter="nvidia", device="Some card", unit="u", digest="", driver="d", seed=0)


def sample(index: int, group: str, held: bool) -> Sample:
    probe = make_probe("r", "Relu", [(1000 + 64 * index,)], "float16")
    subject = Subject(probe=probe, source=group, group=group)
    reading = Reading(
        power_w=700.0 if held else 300.0 + index,
        latency_s=1e-5 * (1 + index),
        clock_hz=1.5e9 if held else 2e9,
        temp_c=50.0,
        limit_w=700.0,
        held_share=1.0 if held else 0.0,
        window_s=0.5,
        runs=100,
        gaps=0,
        at="2026-11-23T00:00:00+00:00",
    )
    return Sample(key=subject.key, subject=subject, reading=reading, bench=BENCH)


def test_one_network_is_too_few_to_hold_one_out():
    samples = [sample(i, "one", held=i % 2 == 0) for i in range(80)]
    with pytest.raises(InputError, match="hold 1 networks or shape families"):
        train(samples, [], "m", "")


def test_a_card_has_no_error_of_held_clocks_where_no_network_was_held():
    groups = ("a", "b", "c", "sweep/unary")
    samples = [sample(i, groups[i % 4], held=i % 8 == 3) for i in range(48)]
    card = train(samples, [], "m", "").card
    assert set(card.targets) == {"power_w", "latency_s"}
    assert card.targets["power_w"].overall.samples == 36
    assert card.networks == 3


def test_a_network_whose_name_begins_like_the_sweep_is_a_network():
    npu = load_device("mdla")
    samples = sorted(measure_samples(npu, layers=8), key=lambda s: s.subject.source != "sweep")
    swept = [s.subject.group.startswith("sweep/") for s in samples]
    assert swept[:2] == [True, True]
    assert not all(swept)
    subject = msgspec.structs.replace(samples[0].subject, group="sweepnet", source="sweepnet")
    rows = npu_rows([msgspec.structs.replace(samples[0], subject=subject), *samples[1:]], npu)
    assert rows.of_networks.tolist() == [True] + [not s for s in swept[1:]]
