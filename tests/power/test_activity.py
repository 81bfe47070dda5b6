"""Activity that was measured: what it does to true and to predicted power, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.device.npu import Hidden, LeakageTerm
from dfsrt.network import Network
from dfsrt.network.layer import Gemm, Kind, Layer, Operands
from dfsrt.network.tensor import Tensor
from dfsrt.power.activity import Activity, average_activity, known_load, match_activity
from dfsrt.power.choose import choose_model
from dfsrt.power.linear import datasheet_model
from dfsrt.power.plant import build_plant, true_npu_w
from dfsrt.power.workload import Workload
from dfsrt.power.zeros_file import Share, ZerosFile, read_zeros, zeros_text
from tests.helpers.tiny import tiny_npu

SHARES = st.floats(0.0, 1.0)


def load_of(mac, register=0.0, sram=0.0, vector=0.0, ns=1_000):
    """A workload of layers whose products take ``mac`` pJ each."""
    layers = len(mac)
    full = np.ones(layers)
    return Workload(
        names=tuple(f"layer{i}" for i in range(layers)),
        kinds=("matrix",) * layers,
        duration_ns=np.full((layers, 3), ns),
        waits_for_memory=np.zeros((layers, 3), dtype=bool),
        clock_share=np.ones((layers, 3)),
        dram_bytes=np.zeros(layers, dtype=np.int64),
        dram_j_per_byte=np.zeros((layers, 3)),
        mac_pj=np.array(mac, dtype=float),
        register_pj=full * register,
        sram_pj=full * sram,
        vector_pj=full * vector,
        macs=np.ones(layers, dtype=np.int64),
    )


def device(gating=0.5, mean=0.5, sigma=0.0):
    npu = tiny_npu()
    hidden = Hidden(mean, sigma, 25.0, 1.0, 1.0)
    return replace(npu, silicon=replace(npu.silicon, zero_gating=gating), hidden=hidden)


def test_a_layers_energy_worked_by_hand():
    """40 % of inputs and 50 % of weights are zero: 0.6 x 0.5 = 30 % of products have none.

    The other 70 % save half of their energy each, 35 % of all: of 1,000 + 500 pJ 975 flow. The
    buffer's 200 and the vector unit's 100 keep their hidden half: 150. Together 1,125 pJ at 1 V.
    """
    plant = build_plant(
        device(), load_of([1_000.0], 500.0, 200.0, 100.0), 0, nonzero=np.array([0.6 * 0.5])
    )
    assert plant.switched_farad == pytest.approx([1.125e-9], rel=1e-12)


def test_layers_that_nobody_measured_keep_their_hidden_activity():
    npu, load = device(sigma=0.3), load_of([1_000.0, 2_000.0, 500.0], 10.0, 20.0, 30.0)
    hidden = build_plant(npu, load, 4).switched_farad
    some = build_plant(npu, load, 4, nonzero=np.array([math.nan, 0.2, math.nan])).switched_farad
    assert some[[0, 2]].tolist() == hidden[[0, 2]].tolist()
    assert some[1] != hidden[1]


@given(SHARES, SHARES, SHARES, st.integers(0, 99))
def test_less_is_switched_the_more_is_zero_and_only_by_products(gating, one, other, seed):
    npu, load = device(gating, sigma=0.2), load_of([1_000.0], 500.0, 200.0, 100.0)
    less, more = (
        build_plant(npu, load, seed, nonzero=np.array([n])).switched_farad[0]
        for n in sorted((one, other))
    )
    assert less <= more
    # The plain law, by another way: what a product without a zero takes, and one with a zero.
    saved = 1.5e-9 * gating * abs(one - other)
    assert more - less == pytest.approx(saved, abs=1e-21)


@given(SHARES)
def test_clock_and_leakage_do_not_know_of_zeros(nonzero):
    npu = device()
    leaky = replace(npu, silicon=replace(npu.silicon, leakage=(LeakageTerm(0.1, 2.0),)))
    plant = build_plant(leaky, load_of([1_000.0]), 0, nonzero=np.array([nonzero]))
    still = build_plant(leaky, load_of([1_000.0]), 0)
    assert (plant.clock_farad, plant.leakage, plant.rates) == (
        still.clock_farad,
        still.leakage,
        still.rates,
    )


def test_published_power_of_a_gating_array_follows_zeros_where_a_constant_does_not():
    """Eyeriss on AlexNet, five layers at 200 MHz, 1.0 V: a constant, and what MACs take.

    Source: Chen et al., JSSC 2017, table V. The two numbers are fitted on these five rows, so
    this shows that the law has the right form, and no more.
    """
    watts = np.array([0.332, 0.288, 0.266, 0.235, 0.236])
    seconds = np.array([20.9, 41.9, 23.6, 18.4, 10.5]) * 1e-3
    macs = np.array([0.42, 0.90, 0.60, 0.45, 0.30]) * 1e9
    zeros = np.array([0.0001, 0.387, 0.725, 0.793, 0.776])

    def law(constant_w, pj):
        npu = tiny_npu(leakage=(LeakageTerm(constant_w, 2.0),), clock_farad=0.0)
        npu = replace(npu, silicon=replace(npu.silicon, zero_gating=1.0))
        npu = replace(npu, rail=replace(npu.rail, efficiency=1.0))
        load = replace(
            load_of(macs * pj),
            duration_ns=np.repeat(np.round(seconds * 1e9).astype(int)[:, None], 3, axis=1),
        )
        plant = build_plant(npu, load, 0, nonzero=1 - zeros)
        freqs = np.array(npu.opps.freqs_hz, dtype=float)
        return true_npu_w(plant, load, freqs, np.ones(3))[:, 0]

    parts = np.stack([law(1.0, 0.0), law(0.0, 1.0)], axis=1) / watts[:, None]
    fitted = np.linalg.lstsq(parts, np.ones(5), rcond=None)[0]
    assert np.abs(law(*fitted) / watts - 1).mean() < 0.03
    assert np.abs(watts.mean() / watts - 1).mean() > 0.11


def product(name="conv"):
    a, w, out = Tensor("x", (4, 4), "int8"), Tensor("w", (4, 4), "int8"), Tensor("y", (4,), "int8")
    gemms, operands = (Gemm(4, 4, 4),), (Operands(("x",), ("w",), "y"),)
    return Layer(name, "Conv", Kind.MATRIX, (name,), (a,), (w,), (out,), gemms, operands)


def other(name="relu"):
    x = Tensor("y", (4,), "int8")
    return Layer(name, "Relu", Kind.VECTOR, (name,), (x,), (), (x,), vector_ops=4)


def network(*layers):
    return Network("net", layers or (product(), other()), 16)


def zeros(**shares):
    return ZerosFile("zeros.csv", "0" * 64, {n: Share(*pair) for n, pair in shares.items()})


def test_a_files_rows_go_to_layers_by_name_and_those_without_products_stay_hidden():
    told = match_activity(zeros(relu=(0.9, None), conv=(0.25, 0.5)), network())
    assert told.nonzero[0] == 0.75 * 0.5
    assert math.isnan(told.nonzero[1])
    only = match_activity(zeros(conv=(0.25, 0.5)), network())
    assert only.nonzero[0] == told.nonzero[0]


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ({"conv": (0.1, 0.0), "cnov": (0.1, 0.0)}, "has no layer 'cnov'; write one"),
        ({"a": (0.1, 0.0), "b": (0.1, 0.0)}, "has no layer 'a' and 1 more; write one"),
        ({"relu": (0.1, 0.0)}, "no shares of zeros for 'conv' of 'net'; give both"),
        ({"conv": (0.1, None)}, "no shares of zeros for 'conv' of 'net'; give both"),
        ({}, "no shares of zeros for 'conv' of 'net'; give both"),
    ],
)
def test_a_file_of_another_network_is_refused(shares, says):
    with pytest.raises(InputError, match=says):
        match_activity(zeros(**shares), network())


def test_a_note_says_which_file_and_how_much_is_idle():
    (note,) = match_activity(zeros(conv=(0.25, 0.5)), network()).notes(network(), device(0.4))
    assert "zeros.csv (sha256 000000000000); 62.5% of multiply-accumulates" in note
    assert "saves 40% of such a one's energy" in note
    assert note.endswith("the power model does not know")


def written(tmp_path, text):
    path = tmp_path / "zeros.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@given(st.dictionaries(st.text("ab/,\"' é", min_size=1).map(str.strip).filter(bool), SHARES))
def test_what_is_written_is_read_again(tmp_path_factory, shares):
    told = {name: Share(share, None) for name, share in shares.items()}
    path = written(tmp_path_factory.mktemp("zeros"), zeros_text(told))
    read = read_zeros(path).shares
    assert list(read) == list(told)
    for name, share in shares.items():
        assert read[name].zero_inputs == pytest.approx(share, rel=1e-5, abs=1e-12)
        assert read[name].zero_weights is None


HEAD = "layer,zero_inputs,zero_weights\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no file of zeros: its first line is layer,zero_inputs,zero_weights"),
        ("layer,zeros\na,0.1\n", "is no file of zeros"),
        ("\x89PNG\r\n\x1a\n", "is no file of zeros"),
        (b"\xff\xfe\x00", "is not a text file; give a CSV file"),
        (HEAD + "a,0.1\n", "line 2 has 2 cells instead of 3"),
        (HEAD + "a,1.1,0\n", "line 2: zero_inputs is '1.1'; allowed is a share from 0 to 1"),
        (HEAD + "a,0,-0.1\n", "line 2: zero_weights is '-0.1'; allowed"),
        (HEAD + "a,nan,0\n", "line 2: zero_inputs is 'nan'; allowed"),
        (HEAD + "a,inf,0\n", "line 2: zero_inputs is 'inf'; allowed"),
        (HEAD + "a,much,0\n", "line 2: zero_inputs is 'much'; allowed"),
        (HEAD + "a,0,0\n\na,0,0\n", "line 4 has layer 'a' again; give each layer once"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(tmp_path, text, says):
    with pytest.raises(InputError, match=says) as refused:
        read_zeros(written(tmp_path, text))
    assert str(refused.value).count("\n") == 0


def test_no_file_at_all_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"cannot read activity .*nowhere\.csv"):
        read_zeros(tmp_path / "nowhere.csv")


def test_columns_may_come_in_any_order(tmp_path):
    text = "zero_weights,layer,zero_inputs\n0.5,conv,0.25\n"
    assert read_zeros(written(tmp_path, text)).shares == {"conv": Share(0.25, 0.5)}


def test_a_data_sheet_that_is_told_predicts_the_plant_where_only_products_switch():
    npu, load = device(0.8, mean=1.0), load_of([1_000.0, 3_000.0], 400.0)
    nonzero = np.array([0.3, 0.9])
    freqs, volts = np.array(npu.opps.freqs_hz, dtype=float), np.full(3, 0.9)
    seen = known_load(load, npu, datasheet_model(npu), nonzero)
    predicted = datasheet_model(npu).predict_w(seen, npu, freqs, volts)
    true = true_npu_w(build_plant(npu, load, 0, nonzero=nonzero), load, freqs, volts)
    assert predicted == pytest.approx(true, rel=1e-12)


def test_a_learned_model_is_told_how_a_layer_differs_from_the_average():
    npu, load = device(0.5, mean=0.5), load_of([1_000.0, 1_000.0])
    seen = known_load(load, npu, choose_model("fitted", npu), np.array([0.0, math.nan]))
    assert seen.mac_pj == pytest.approx([1_000.0 * 0.5 / 0.5, 1_000.0])
    assert seen.sram_pj.tolist() == load.sram_pj.tolist()


@pytest.mark.parametrize(("mean", "sigma"), [(0.75, 0.08), (0.6, 0.3), (1.0, 0.2), (0.3, 0.0)])
def test_the_average_of_hidden_activity_is_that_of_many_draws(mean, sigma):
    draws = np.random.default_rng(1).standard_normal(400_000)
    drawn = np.minimum(mean * np.exp(sigma * draws), 1.0).mean()
    assert average_activity(Hidden(mean, sigma, 25.0, 1.0, 1.0)) == pytest.approx(drawn, rel=2e-3)


def test_what_was_measured_cannot_be_written_to():
    told = Activity(zeros(conv=(0.0, 0.0)), np.array([0.5]))
    with pytest.raises(ValueError, match="read-only"):
        told.nonzero[0] = 1.0
