from __future__ import annotations

import msgspec
import pytest

from dfsrt.device import load_device
from dfsrt.power.fit import measure_samples
from dfsrt.power.learn.repeats import repeats_of


def again(sample, repeat: int, power_w: float):
    subject = msgspec.structs.replace(sample.subject, repeat=repeat)
    reading = msgspec.structs.replace(sample.reading, power_w=power_w)
    return msgspec.structs.replace(sample, subject=subject, reading=reading)


def test_deviation_is_from_the_mean_of_each_layer_that_came_again():
    samples = measure_samples(load_device("mdla"), layers=8)
    one, other = [s for s in samples if not s.subject.repeat][:2]
    found = repeats_of([again(one, 0, 1.0), again(one, 1, 1.2), other])
    assert (found.layers, found.readings) == (1, 2)
    # 1.0 and 1.2 around 1.1
    assert found.power_w == pytest.approx(0.1 / 1.1, rel=1e-3)
    assert found.latency_s == 0.0


def test_samples_without_repeats_say_so():
    samples = [s for s in measure_samples(load_device("mdla"), layers=8) if not s.subject.repeat]
    distinct = {s.key: s for s in samples}
    assert repeats_of(list(distinct.values())).layers == 0
