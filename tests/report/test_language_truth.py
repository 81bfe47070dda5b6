"""Devices that run language models against what was measured: what was fitted, what held out.

Sources: docs.fastflowlm.com, llama3_results, release 0.1.3 (XDNA2); airockchip/rknn-llm @ 878f9361,
benchmark.md (Rockchip). The times of a pass are the sums of its layers'.
"""

from __future__ import annotations

import tomllib
from functools import cache

import pytest

from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.device.truth_file import SHELF
from dfsrt.network import load_network
from dfsrt.power.workload import workload

CONTEXTS = [1024 * 2**n for n in range(8)]
TOKENS_PER_S = {
    "llm:llama-3.2-1b": (36.7, 35.8, 33.2, 29.6, 24.0, 17.7, 11.5, 6.8),
    "llm:llama-3.2-3b": (16.1, 15.4, 14.3, 12.4, 9.9, 7.0, 4.4, 2.6),
    "llm:llama-3.1-8b": (7.6, 7.4, 7.1, 6.5, 5.7, 4.4, 3.1, 2.0),
}
ROCKCHIP = {  # first token in ms, tokens a second: domains sheet, 5.2
    "llm:tinyllama-1.1b:bits=8:block=256": (243.9, 24.43),
    "llm:qwen2.5-1.5b:bits=8:block=256": (378.3, 16.69),
    "llm:phi3-3.8b:bits=8:block=256": (1017.3, 7.45),
}


@cache
def seconds(device, network):
    npu = load_device(device)
    stored = at_device_precision(load_network(network), npu)
    return float(workload(cost_network(stored, npu), npu).duration_ns[:, -1].sum()) * 1e-9


def rows(name):
    measured = tomllib.loads((SHELF / f"{name}.toml").read_text(encoding="utf-8"))["measurement"]
    return [m for m in measured if m["network"].startswith("llm:")]


def test_xdna2_decodes_a_small_model_from_1k_to_128k_tokens_within_3_percent():
    """Its three numbers for decode were fitted on these eight."""
    rates = TOKENS_PER_S["llm:llama-3.2-1b"]
    for at in (0, 1, 3, 5, 7):
        network = f"llm:llama-3.2-1b:context={CONTEXTS[at]}"
        assert seconds("xdna2", network) == pytest.approx(1 / rates[at], rel=0.012)


@pytest.mark.parametrize("name", ["llm:llama-3.2-3b", "llm:llama-3.1-8b"])
def test_larger_models_of_the_same_chip_come_out_near_without_a_fit(name):
    for at in (0, 7):
        predicted = seconds("xdna2", f"{name}:context={CONTEXTS[at]}")
        assert predicted == pytest.approx(1 / TOKENS_PER_S[name][at], rel=0.045)


def test_the_truth_of_xdna2_holds_all_that_was_published_and_was_fitted_on_one_model():
    rates = [m for m in rows("xdna2") if m["unit"] == "tokens/s"]
    assert [m["value"] for m in rates] == [v for values in TOKENS_PER_S.values() for v in values]
    assert {m["network"].split(":")[1] for m in rows("xdna2") if m["used"] == "fitted"} == {
        "llama-3.2-1b"
    }


@pytest.mark.parametrize("name", ROCKCHIP)
def test_rk3588_answers_and_decodes_near_what_was_measured(name):
    """One row of each kind was fitted: Phi3's decode, and TinyLlama's first token."""
    first_ms, rate = ROCKCHIP[name]
    decode = seconds("rk3588-npu:cores=3", f"{name}:context=160")
    first = seconds("rk3588-npu:cores=3", f"{name}:phase=prefill:tokens=128")
    assert decode == pytest.approx(1 / rate, rel=0.15)
    assert first == pytest.approx(first_ms * 1e-3, rel=0.25)


def test_rk3588_decodes_within_the_bound_in_the_default_form_of_int8_too():
    """A scale for each 32 weights are 5 % more bytes than a scale for 256."""
    name, (_, rate) = list(ROCKCHIP.items())[-1]
    decode = seconds("rk3588-npu:cores=3", f"{name.removesuffix(':block=256')}:context=160")
    assert decode == pytest.approx(1 / rate, rel=0.15)


def test_rockchips_numbers_for_language_models_come_from_one_row_each():
    for name, fitted in (("rk3588-npu", 2), ("rk3576-npu", 1)):
        assert [m["used"] for m in rows(name)].count("fitted") == fitted
        assert len(rows(name)) >= 6


def test_three_cores_decode_as_far_as_dram_allows_and_read_a_prompt_three_times_as_fast():
    name = "llm:tinyllama-1.1b:bits=8:block=256"
    npu = load_device("rk3588-npu:cores=3")
    read = npu.memory.bandwidth_bytes_per_s * npu.memory.read_share
    one, three = (seconds(d, f"{name}:context=160") for d in ("rk3588-npu", "rk3588-npu:cores=3"))
    assert one / three == pytest.approx(read / 11.2e9, rel=0.05)
    one, three = (
        seconds(d, f"{name}:phase=prefill:tokens=128") for d in ("rk3588-npu", "rk3588-npu:cores=3")
    )
    assert 2 < one / three < 3
