"""Sparse weights on silicon: what an H100 and an A311D gained, and what the devices here do."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.device.truth_file import SHELF, read_truth
from dfsrt.report.device_check import check_device
from tests.helpers.truth_networks import FILES, write_all


def errors(device, used):
    return [m.error for m in check_device(device).measurements if m.used == used]


def test_the_shipped_files_are_the_ones_that_are_built(tmp_path):
    write_all(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (SHELF / name).read_bytes()


def test_h100_gains_by_two_of_four_as_it_did_within_a_twentieth():
    """1.42 in time and 1.44 in energy under a cap that holds; 2 is what the paper says."""
    rows = [m for m in check_device("h100-sxm").measurements if m.precision == "fp16"]
    dense_ms, dense_mj, _, _, sparse_ms, sparse_mj = (m.predicted for m in rows[:6])
    assert dense_ms / sparse_ms == pytest.approx(1.42, rel=0.05)
    assert dense_mj / sparse_mj == pytest.approx(1.44, rel=0.05)
    assert max(map(abs, errors("h100-sxm", "fitted"))) < 0.07


def test_a_second_h100_at_other_sizes_is_met_in_fp16_and_int8():
    """What was fitted on products of 8,192 holds for 12,288 and 16,384."""
    held_out = errors("h100-sxm", "held out")
    assert len(held_out) > 30
    assert max(map(abs, held_out)) < 0.1


def test_mesa_gained_by_runs_of_zeros_what_a311d_does():
    assert abs(errors("a311d-npu", "fitted")[0]) < 0.01
    assert abs(errors("a311d-npu", "held out")[0]) < 0.1


def test_a_cap_and_a_clock_exclude_each_other(tmp_path):
    text = (SHELF / "h100-sxm.toml").read_text().replace("cap_w = 700.0", "cap_w = 0.0")
    path = tmp_path / "t.toml"
    path.write_text(text.replace("matmul_8192.onnx", "resnet50"))
    with pytest.raises(InputError, match=r"cap_w is 0\.0; give a limit above 0, and no freq_hz"):
        read_truth(path)
