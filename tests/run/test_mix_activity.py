"""Networks that share a device draw their own hidden activity, or have each its measured one."""

from __future__ import annotations

import numpy as np
import pytest

from dfsrt.base.errors import InputError
from dfsrt.network import load_network
from dfsrt.run.deployment import Deployment
from dfsrt.run.source import TRACE, Source
from dfsrt.run.spec import RunSpec


def mix_of(*networks, seed=3, **said):
    spec = RunSpec(load=networks[0], device="rk3588-npu", seed=seed, **said)
    return Deployment(Source(TRACE, networks), spec).mix


def activities(mix):
    tables = [part.table for part in mix.parts]
    return [t.plant.switched_farad / (t.load.dynamic_pj * 1e-12) for t in tables]


def test_each_different_network_of_a_mix_has_its_own_activity():
    mix = mix_of("alexnet", "zfnet512", "alexnet")
    one, two, again = activities(mix)
    (alone,) = activities(mix_of("alexnet"))
    layers = min(len(one), len(two))
    assert not np.allclose(one[:layers], two[:layers])
    assert np.array_equal(one, again)
    assert np.array_equal(one, alone)


def test_another_die_draws_every_network_anew_each_at_its_place():
    mix = mix_of("alexnet", "zfnet512")
    npu = mix.parts[0].table.npu
    for same, other, here in zip(
        activities(mix.on_die(npu, 3)), activities(mix.on_die(npu, 4)), activities(mix), strict=True
    ):
        assert np.array_equal(same, here)
        assert not np.allclose(other, here)


def zeros_of(network, folder, share):
    """A file that gives all products of a network the same share of zero inputs."""
    path = folder / f"{network}.csv"
    rows = [f"{layer.name},{share},0\n" for layer in load_network(network).layers if layer.gemms]
    path.write_text("layer,zero_inputs,zero_weights\n" + "".join(rows))
    return path


def expected(part, hidden, zeros):
    """What each layer switches, by a plain loop: products as measured, the rest as ``hidden``."""
    load, npu = part.table.load, part.table.npu
    unit = 1e-12 / (npu.silicon.ref_uv * 1e-6) ** 2
    saved = npu.silicon.zero_gating * zeros
    farad = []
    for i, was in enumerate(hidden.table.plant.switched_farad):
        products = load.mac_pj[i] + load.register_pj[i]
        rest = load.sram_pj[i] + load.vector_pj[i]
        activity = was / (unit * (products + rest)) if products + rest else 0.0
        known = products * (1 - saved) * npu.hidden.capacitance_scale
        farad.append(unit * (known + rest * activity) if load.macs[i] else was)
    return np.array(farad)


def test_networks_have_their_own_measured_activity_and_the_others_stay_hidden(tmp_path):
    files = {"zfnet512": zeros_of("zfnet512", tmp_path, 0.5)}
    hidden = mix_of("alexnet", "zfnet512")
    told = mix_of("alexnet", "zfnet512", activity=files)
    assert np.array_equal(activities(told)[0], activities(hidden)[0])
    measured = told.parts[1].table.plant.switched_farad
    assert measured == pytest.approx(expected(told.parts[1], hidden.parts[1], 0.5), rel=1e-12)
    (said,) = told.table.activity
    assert said.startswith(f"{files['zfnet512']} (sha256 ")
    assert np.isnan(told.table.nonzero[: len(activities(told)[0])]).all()


def test_measured_activity_goes_with_the_network_to_another_die(tmp_path):
    mix = mix_of("alexnet", activity=str(zeros_of("alexnet", tmp_path, 0.5)))
    npu = mix.parts[0].table.npu
    for seed in (3, 4):
        die, hidden = mix.on_die(npu, seed), mix_of("alexnet", seed=seed)
        farad = die.parts[0].table.plant.switched_farad
        assert farad == pytest.approx(expected(die.parts[0], hidden.parts[0], 0.5), rel=1e-12)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ("{alexnet}", "is of one network, and the load runs alexnet and zfnet512; say whose"),
        ({"squeezenet": "{alexnet}"}, "unknown network with an activity 'squeezenet'"),
        ({"zfnet512": "{alexnet}"}, "is of another network than 'zfnet512'"),
    ],
)
def test_a_file_of_no_network_or_of_several_is_refused(tmp_path, files, says):
    path = str(zeros_of("alexnet", tmp_path, 0.5))
    files = path if isinstance(files, str) else dict.fromkeys(files, path)
    with pytest.raises(InputError, match=says):
        mix_of("alexnet", "zfnet512", activity=files)


def test_a_power_model_cannot_know_what_nobody_measured():
    with pytest.raises(InputError, match="cannot know an activity that nobody measured"):
        mix_of("alexnet", activity_known=True)


def test_only_a_power_model_that_is_told_predicts_otherwise(tmp_path):
    path = str(zeros_of("alexnet", tmp_path, 0.9))
    hidden, untold = mix_of("alexnet").table, mix_of("alexnet", activity=path).table
    told = mix_of("alexnet", activity=path, activity_known=True).table
    assert np.array_equal(hidden.predicted_w, untold.predicted_w)
    assert np.array_equal(told.plant.switched_farad, untold.plant.switched_farad)
    products = told.load.macs > 0
    lower = np.isfinite(hidden.predicted_w)[products]
    assert (told.predicted_w[products][lower] < hidden.predicted_w[products][lower]).all()
    assert np.array_equal(told.predicted_w[~products], hidden.predicted_w[~products])
