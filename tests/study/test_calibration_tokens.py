"""Calibration on tokens a second by context: from a user's table to a device file."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import load_device
from dfsrt.network import load_network
from dfsrt.power.workload import workload
from dfsrt.study.calibration import calibrate
from dfsrt.study.calibration.measured import read_networks
from dfsrt.study.calibration.times import Timer, numbers_of
from dfsrt.study.calibration.work import work_of
from tests.study.boards import device_file, seconds

ROUGH = {"run.launch_ns": 40_000, "memory.bandwidth_bytes_per_s": 45e9}
MEASURED = {1024: 36.7, 8192: 29.6, 32768: 17.7, 131072: 6.8}
HELD = {4096: 33.2, 65536: 11.5}


def token_csv(path, rates):
    lines = [f"llm:llama-3.2-1b,{context},{rate}" for context, rate in rates.items()]
    path.write_text("\n".join(["network,context,tokens_per_s", *lines]) + "\n")
    return path


def test_a_rough_base_decodes_as_was_measured_and_so_at_contexts_that_it_has_not_seen(tmp_path):
    """Tokens a second of a published table (docs.fastflowlm.com); a base a tenth and more off."""
    base = str(device_file(tmp_path, ROUGH, "xdna2"))
    assert seconds(base, "llm:llama-3.2-1b:context=4096") > 1.07 / HELD[4096]
    mine, table = tmp_path / "mine.toml", token_csv(tmp_path / "tokens.csv", MEASURED)
    done = calibrate(base, [str(table)], out=str(mine))
    mine.write_text(done.text)
    for context, rate in ({131072: MEASURED[131072]} | HELD).items():
        predicted = seconds(str(mine), f"llm:llama-3.2-1b:context={context}")
        assert predicted == pytest.approx(1 / rate, rel=0.03)
    assert {n.number for n in done.report.numbers if n.status == "fitted"} == set(ROUGH)


@pytest.mark.parametrize(
    "planted",
    [
        {"memory.cache_row_ns": 9.0, "weights.decoded_per_cycle": 12.0},
        {"run.operator_launch_ns": {"GatherBlockQuantized": 7_000_000}, "run.launch_ns": 9_000},
        {"engine.channel.operator_mac_efficiency": {"MatMulNBits": 0.002}},
        {
            "memory.read_bandwidth_bytes_per_s": 20e9,
            "memory.write_bandwidth_bytes_per_s": 5e9,
            "memory.cache_row_ns": 0.5,
        },
    ],
)
def test_numbers_of_language_models_predict_what_the_product_does(tmp_path, planted):
    npu = load_device(str(device_file(tmp_path, planted, "xdna2")))
    stored = at_device_precision(load_network("llm:tinyllama-1.1b:context=900"), npu)
    freqs = np.array([float(npu.opps.freqs_hz[-1])])
    ours = Timer(work_of([(stored, npu)]), freqs, npu, np.zeros(1)).seconds(numbers_of(npu))
    product = workload(cost_network(stored, npu), npu).duration_ns[:, -1].sum() * 1e-9
    assert ours == pytest.approx(product, rel=5e-4)


def test_a_context_goes_into_the_name_and_tokens_a_second_count_a_batch(tmp_path):
    path = tmp_path / "board.csv"
    path.write_text("network,context,batch,tokens_per_s\nllm:tinyllama-1.1b,512,4,40\n")
    (row,) = read_networks(path)
    assert (row.network, row.latency_s) == ("llm:tinyllama-1.1b:context=512", 0.1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("llm:tinyllama-1.1b,many,20", "context 'many' is not a number"),
        ("llm:tinyllama-1.1b,12.5,20", "context is 12.5; give a whole number"),
        ("llm:tinyllama-1.1b,1024,0", "tokens_per_s is 0; allowed is above 0"),
        ("llm:tinyllama-1.1b,1024,", "latency_s is missing"),
    ],
)
def test_rows_without_a_context_or_a_rate_that_can_be_are_refused(tmp_path, row, message):
    path = tmp_path / "board.csv"
    path.write_text(f"network,context,tokens_per_s\n{row}\n")
    with pytest.raises(InputError, match=message):
        read_networks(path)
