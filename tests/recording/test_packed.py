"""Recordings packed by gzip and zstd: opened by their first bytes, in bounded pieces."""

from __future__ import annotations

import gzip
import json
import random

import pyarrow as pa
import pytest

from dfsrt.base.errors import InputError
from dfsrt.recording import chrome, format_of, perfetto, read_recording, table, unpacked
from dfsrt.recording.layer_times import read_layer_times
from tests.helpers import profiles
from tests.recording.test_files import a_recording, content

PACKERS = {
    "gzip": gzip.compress,
    "zstd": lambda data: pa.compress(data, "zstd", asbytes=True),
    "two members": lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]) + b"\0\0",
}
LINE = "  k-1-{n}   [000] d.h1. {n}.000000: cpu_frequency: state={n} cpu_id=0\n"
TEXTS = {
    "ftrace": "".join(LINE.format(n=n) for n in range(1, 50)),
    "devlib": "t_time,npu_power\n" + "".join(f"{n},{n / 7}\n" for n in range(50)),
    "tegrastats": "VDD_IN 4000mW/3900mW VDD_GPU 12mW/1mW\n" * 20,
    "power": "time_s;power_mw\n" + "".join(f"{n};{n}\n" for n in range(50)),
    "onnxruntime": profiles.onnxruntime(),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Bytes of a recording in each format."""
    folder = tmp_path_factory.mktemp("plain")
    for name, module in (("chrome", chrome), ("perfetto", perfetto)):
        module.write(a_recording(), folder / name)
    for suffix in (".csv", ".parquet"):
        table.write(a_recording(), folder / f"table{suffix}")
    return {path.name: path.read_bytes() for path in folder.iterdir()} | {
        kind: text.encode() for kind, text in TEXTS.items()
    }


@pytest.mark.parametrize("packer", PACKERS)
def test_every_format_is_read_packed_whatever_the_files_name(files, tmp_path, packer):
    for kind, data in files.items():
        (tmp_path / "plain").write_bytes(data)
        (tmp_path / "packed").write_bytes(PACKERS[packer](data))
        found = read_recording(tmp_path / "packed")
        assert content(found) == content(read_recording(tmp_path / "plain"))
        assert format_of(tmp_path / "packed") == kind.split(".")[0]
        if kind in ("chrome", "perfetto"):
            assert found.about["packed by"] == packer.replace("two members", "gzip")


def test_profiles_of_layers_are_read_packed(tmp_path):
    (tmp_path / "p").write_bytes(gzip.compress(profiles.onnxruntime().encode()))
    rows = read_layer_times(f"onnxruntime:{tmp_path / 'p'}").rows
    (tmp_path / "q").write_text(profiles.onnxruntime())
    assert rows == read_layer_times(f"onnxruntime:{tmp_path / 'q'}").rows


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_packed_file_that_is_cut_short_has_what_is_before_the_cut(tmp_path, packer):
    events = [
        {"ph": "X", "name": str(n), "pid": 1, "tid": 1, "ts": n, "dur": 1,
         "args": {"x": random.Random(n).random()}} for n in range(20_000)
    ]  # fmt: skip
    packed = PACKERS[packer](json.dumps(events).encode())
    (tmp_path / "c").write_bytes(packed[: len(packed) // 2])
    found = read_recording(tmp_path / "c")
    assert 5_000 < len(found.slices) < 15_000
    assert found.slices.start_ns.tolist() == [1000 * n for n in range(len(found.slices))]
    assert "cut short or damaged after" in found.about["packed by"]
    assert found.about["end of the list"] == "missing"


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_file_that_comes_to_more_than_is_read_is_refused(tmp_path, monkeypatch, packer):
    monkeypatch.setattr(unpacked, "MAX_UNPACKED", 100_000)
    path = tmp_path / "t"
    path.write_bytes(PACKERS[packer](TEXTS["ftrace"].encode() * 100))
    with pytest.raises(InputError, match="packed and comes to more than 100,000 bytes"):
        read_recording(path)
    monkeypatch.setattr(chrome, "MAX_BYTES", 1_000)
    path.write_bytes(PACKERS[packer](b"[" + b" " * 2_000 + b"]"))
    with pytest.raises(InputError, match="bytes packed; up to 1,000 are read"):
        read_recording(path, "chrome")


@pytest.mark.parametrize("head", [unpacked.GZIP, unpacked.ZSTD, unpacked.ZSTD[:2]])
def test_what_only_begins_like_a_packed_file_is_refused_in_one_line(tmp_path, head):
    (tmp_path / "t").write_bytes(head + b"\0junk" * 50)
    for kind in ("auto", "chrome", "perfetto", "ftrace", "table", "power", "devlib"):
        with pytest.raises(InputError, match=r"'.*t'") as caught:
            read_recording(tmp_path / "t", kind)
        assert "\n" not in str(caught.value)


def test_logs_in_utf16_are_read(tmp_path):
    for kind, text in TEXTS.items():
        (tmp_path / "t").write_bytes(text.encode("utf-16"))
        (tmp_path / "u").write_text(text)
        assert format_of(tmp_path / "t") == kind
        assert content(read_recording(tmp_path / "t")) == content(read_recording(tmp_path / "u"))
