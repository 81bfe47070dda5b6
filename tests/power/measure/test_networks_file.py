"""Files of whole networks: what goes in comes out, layers once, broken files refused."""

from __future__ import annotations

import gzip
import json

import pytest

from dfsrt.base.errors import InputError
from dfsrt.network import load_network
from dfsrt.power.measure.networks_file import NetworksWriter, nameless, read_networks
from dfsrt.power.measure.sample import Bench, Reading
from dfsrt.power.whole import running

READING = Reading(
    power_w=300.0, latency_s=1e-3, clock_hz=1.98e9, temp_c=45.0, limit_w=700.0, held_share=0.0,
    window_s=0.4, runs=400, at="2026-11-26T12:00:00+00:00",
)  # fmt: skip
BENCH = Bench(meter="nvidia", device="Fake", unit="1", digest="", driver="d", seed=0)


@pytest.fixture(scope="module")
def squeezenet():
    return load_network("squeezenet", fuse=False).layers


def written(path, layers, layout="nhwc"):
    writer = NetworksWriter()
    writer.add(("squeezenet", 1, layout), *running(layers, layout), READING, BENCH)
    path.write_bytes(writer.encode())
    return path


def test_layers_come_back_as_they_were_but_for_their_names(tmp_path, squeezenet):
    file = read_networks(written(tmp_path / "n.json.gz", squeezenet))
    back, timed = file.layers_of(file.readings[0]), running(squeezenet, "nhwc")[0]
    assert back == [nameless(a) for a in timed]
    assert [(a.op, a.macs, a.output_bytes) for a in back] == [
        (a.op, a.macs, a.output_bytes) for a in timed
    ]
    assert len(file.layers) == len(set(back)) < len(back)
    assert file.readings[0].reading == READING


def test_the_same_readings_give_the_same_bytes(tmp_path, squeezenet):
    one, two = (written(tmp_path / f"{i}.json.gz", squeezenet) for i in range(2))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_file_that_is_cut_short_is_refused(tmp_path, squeezenet, keep):
    path = written(tmp_path / "n.json.gz", squeezenet)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="holds no readings of networks"):
        read_networks(path)


def test_a_place_beyond_the_layers_is_refused(tmp_path, squeezenet):
    path = written(tmp_path / "n.json.gz", squeezenet)
    raw = json.loads(gzip.decompress(path.read_bytes()))
    raw["readings"][0]["layers"][0] = 10**6
    path.write_bytes(gzip.compress(json.dumps(raw).encode()))
    with pytest.raises(InputError, match="another format or broken"):
        read_networks(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="measure --whole"):
        read_networks(tmp_path / "none.json.gz")


def test_a_damaged_or_deep_file_is_refused_in_one_line(tmp_path, squeezenet):
    path = written(tmp_path / "n.json.gz", squeezenet)
    whole = bytearray(path.read_bytes())
    whole[12:40] = b"\xff" * 28
    for data in (bytes(whole), gzip.compress(b'{"zz":' + b"[" * 200_000), gzip.compress(b"\xff")):
        path.write_bytes(data)
        with pytest.raises(InputError, match="holds no readings of networks"):
            read_networks(path)


def test_a_place_below_zero_is_refused(tmp_path, squeezenet):
    path = written(tmp_path / "n.json.gz", squeezenet)
    raw = json.loads(gzip.decompress(path.read_bytes()))
    raw["readings"][0]["layers"][0] = -1
    path.write_bytes(gzip.compress(json.dumps(raw).encode()))
    with pytest.raises(InputError, match="another format or broken"):
        read_networks(path)
