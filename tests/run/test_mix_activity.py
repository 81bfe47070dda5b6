"""Networks that share a device draw their own hidden activity."""

from __future__ import annotations

import numpy as np

from dfsrt.run.deployment import Deployment
from dfsrt.run.source import TRACE, Source
from dfsrt.run.spec import RunSpec


def mix_of(*networks, seed=3):
    spec = RunSpec(load=networks[0], device="rk3588-npu", seed=seed)
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
