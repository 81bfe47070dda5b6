"""Samples as rows of a file: what comes back, from files of today and from early ones."""

from __future__ import annotations

import json

import pytest

from dfsrt.network.probe import make_probe
from dfsrt.power.measure.sample import Bench, Reading, Sample, Subject, from_row, to_row

BENCH = Bench(meter="nvidia", device="Some card", unit="u", digest="", driver="d", seed=0)
READING = Reading(
    power_w=300.0,
    latency_s=1e-5,
    clock_hz=1.5e9,
    temp_c=50.0,
    limit_w=None,
    held_share=None,
    window_s=0.5,
    runs=100,
    at="2026-11-23T00:00:00+00:00",
)


def sample_of(probe):
    subject = Subject(probe=probe, source="n", group="n")
    return Sample(key=subject.key, subject=subject, reading=READING, bench=BENCH)


PROBES = {
    "product": make_probe("m", "MatMul", [(3, 4), (4, 5)], "float16"),
    "with a bias": make_probe("g", "Gemm", [(3, 4), (4, 5), (5,)], "float16"),
    "chain": make_probe("e", "Einsum", [(2, 3), (3, 4), (4, 5)], "float16", equation="ab,bc,cd"),
    "no product": make_probe("r", "Relu", [(9,)], "float16"),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_a_sample_comes_back_from_its_row(probe):
    sample = sample_of(probe)
    assert from_row(to_row(sample)) == sample


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_an_early_row_without_operands_names_those_of_its_first_product(probe):
    row = to_row(sample_of(probe))
    layer = json.loads(row["layer"])
    del layer["operands"]
    row["layer"] = json.dumps(layer)
    back = from_row(row).layer
    assert len(back.operands) == len(back.gemms)
    for got, wanted in zip(back.operands[:1], probe.layer.operands[:1], strict=True):
        assert (got.a, got.b) == (wanted.a, wanted.b)
    assert back.precision == probe.layer.precision == "fp16"
