"""Seeds: small sound files of every kind, from the shelves or made by code."""

from __future__ import annotations

import gzip
import io
import json
import struct
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import dfsrt

if TYPE_CHECKING:
    from dfsrt.power.measure.sample import Sample
    from dfsrt.study.plan import Plan, Spanned

PACKAGE = Path(dfsrt.__file__).parent
REPOSITORY = PACKAGE.parent
SMALL = 24_000


def shelf(pattern: str, root: Path = PACKAGE, most: int = 12) -> list[bytes]:
    """Files of a shelf, the smallest first."""
    files = sorted(root.glob(pattern), key=lambda file: (file.stat().st_size, file.name))
    return [file.read_bytes() for file in files if file.stat().st_size <= SMALL][:most]


def devices() -> list[bytes]:
    """Device files: presets, and one upon a base."""
    upon = b'format = 1\nname = "mine"\nbase = "rk3588-npu"\n[memory]\nbandwidth = "10 GB/s"\n'
    return [*shelf("device/presets/*.toml"), upon]


def parquet(columns: dict[str, list[object]]) -> list[bytes]:
    """A Parquet file of ``columns``, and for each column one with it absent or of another kind."""
    import pyarrow as pa

    sound = {name: pa.array(values) for name, values in columns.items()}
    files = [_parquet(sound)]
    for name, values in columns.items():
        files.append(_parquet({other: v for other, v in sound.items() if other != name}))
        files += [_parquet({**sound, name: other}) for other in _kinds(len(values))]
    return files


def _kinds(rows: int) -> list[object]:
    import pyarrow as pa

    values: list[list[object]] = [
        [None] * rows, ["text"] * rows, [[1, 2]] * rows, [{"a": 1}] * rows, [float("nan")] * rows,
        [2**63 - 1] * rows, [-1] * rows, [True] * rows, [b"\xff\0"] * rows, [float("inf")] * rows,
    ]  # fmt: skip
    return [*map(pa.array, values), pa.array(["a"] * rows).dictionary_encode()]


def _parquet(columns: dict[str, object]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def traces() -> list[bytes]:
    """Traces in CSV."""
    return [
        b"arrival_ns,workload,deadline_ns,priority\n0,squeezenet,5000000,1\n9000,resnet50,,0\n",
        b"arrival_ns,workload\n" + b"".join(b"%d,squeezenet\n" % (n * 1000) for n in range(40)),
        b"arrival_ns,workload,session,prompt_tokens,output_tokens\n0,llm:llama-3.2-1b,1,100,20\n",
    ]


def traces_parquet() -> list[bytes]:
    """Traces in Parquet, with a wrong column each."""
    return parquet(
        {
            "arrival_ns": [0, 1000, 2000],
            "workload": ["squeezenet", "resnet50", "squeezenet"],
            "deadline_ns": [1000, 2000, 3000],
            "priority": [0, 1, 0],
        }
    )


def kernels() -> list[bytes]:
    """Layers of a capture, with a wrong column each."""
    return parquet(
        {
            "run": [0, 0, 1, 1],
            "node": ["n0", "n1", "n0", "n1"],
            "op": ["Conv", "Relu", "Conv", "Relu"],
            "start_ns": [0, 500, 0, 600],
            "duration_ns": [400, 90, 500, 80],
            "nodes": [["n0"], ["n1"], ["n0"], ["n1"]],
        }
    )


@cache
def few_samples() -> bytes:
    """The first rows of a shipped model's samples."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    path = REPOSITORY / "powermodels" / "etri-like" / "samples.parquet"
    pq.write_table(pq.read_table(path).slice(0, 4), sink)
    return sink.getvalue()


@cache
def read_few_samples() -> list[Sample]:
    """Those rows as samples."""
    from dfsrt.power.measure.store import read_samples

    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.parquet"
        path.write_bytes(few_samples())
        return read_samples(path)


def samples() -> list[bytes]:
    """Samples of layers, sound, and with a wrong column each."""
    import pyarrow.parquet as pq

    return [few_samples(), *parquet(pq.read_table(io.BytesIO(few_samples())).to_pydict())]


def samples_journal() -> list[bytes]:
    """A journal of ``measure``, line by line."""
    import msgspec

    return [b"".join(msgspec.json.encode(sample) + b"\n" for sample in read_few_samples())]


def whole_networks() -> list[bytes]:
    """Readings of whole networks, as they stand in the packed file."""
    from dfsrt.power.measure.networks_file import NetworksWriter

    writer = NetworksWriter()
    for sample in read_few_samples():
        writer.add(("net", 1, "NCHW"), [sample.layer], [""], sample.reading, sample.bench)
    return [gzip.decompress(writer.encode())]


@cache
def recordings() -> dict[str, list[bytes]]:
    """What other tools record, by the name of the format."""
    from dfsrt.recording import perfetto, table
    from tests.helpers import profiles
    from tests.recording.test_damaged_chrome import WHOLE, listed
    from tests.recording.test_files import a_recording
    from tests.recording.test_mutations import MARKS, STAMP

    with TemporaryDirectory() as folder:
        name = Path(folder) / "p"
        perfetto.write(a_recording(), name)
        table.write(a_recording(), name.with_suffix(".csv"))
        table.write(a_recording(), name.with_suffix(".parquet"))
        made = [name.with_suffix(end).read_bytes() for end in ("", ".csv", ".parquet")]
    power = "time_ms,bus_voltage_v,current_ma\n" + "".join(f"{n},5.0,{n}\n" for n in range(9))
    devlib = b"t_time,npu_power,npu_voltage\n" + b"1.5,2,0.8\n1.6,3,0.9\n" * 4
    counter = {"ph": "C", "name": "c", "ts": 1, "args": {"W": 1.5}}
    return {
        "perfetto": [made[0]],
        "table": [made[1]],
        "table-parquet": [made[2]],
        "chrome": [listed([*WHOLE, counter]).encode()],
        "ftrace": [MARKS.encode()],
        "devlib": [devlib],
        "tegrastats": ["".join(STAMP.format(n) for n in range(9)).encode()],
        "power": [power.encode()],
        "onnxruntime": [profiles.onnxruntime().encode()],
    }


def profiles_of(tool: str) -> list[bytes]:
    """Profiles of layers that ``tool`` writes."""
    from tests.helpers import profiles as p

    made = {
        "rknn": (p.rknn_13(), p.rknn_15(), p.rknn_20(), p.rknn_csv()),
        "vela": (p.vela_3(), p.vela_5()),
        "tensorrt": (p.tensorrt(), p.tensorrt(median=False)),
        "openvino": (p.openvino(), p.openvino(unit="us", delimiter=",")),
        "onnxruntime": (p.onnxruntime(),),
    }
    return [text.encode() for text in made[tool]]


def cycles_of(tool: str) -> list[bytes]:
    """Reports of cycles that ``tool`` writes."""
    if tool in ("rknn", "vela"):
        return profiles_of(tool)
    latency = {"data_onloading": 1.0, "computation": 90.0, "data_offloading": 2.0}
    layer = {
        "outputs": {"energy": {"energy_total": 1.0}, "latency": latency, "spatial": {}},
        "inputs": {"accelerator": {"name": "a"}, "layer": {"name": "c1", "type": "Conv"}},
    }
    return {
        "scalesim": [b"LayerID, Total Cycles, Stall Cycles,\n0, 500, 20,\n1, 600.5, 0,\n"],
        "maestro": [
            b"Neural Network Name, Layer Number, NumPEs, Runtime (Cycles)\nn,CONV1,256,5\n"
        ],
        "zigzag": [json.dumps(layer).encode()],
    }[tool]


def networks() -> list[bytes]:
    """Networks in ONNX."""
    from tests.helpers.small_nets import conv_net, only_relu, without_weights

    models = (conv_net(), only_relu(), without_weights(conv_net()))
    return [model.SerializeToString() for model in models]


def arrays() -> list[bytes]:
    """Arrays in numpy's format."""
    import numpy as np

    files = []
    for array in (np.arange(6.0).reshape(2, 3), np.array(["a"]), np.zeros(0), np.array(3)):
        sink = io.BytesIO()
        np.save(sink, array)
        files.append(sink.getvalue())
    return files


def archives() -> list[bytes]:
    """Several arrays in one archive."""
    import numpy as np

    files = []
    for save in (np.savez, np.savez_compressed):
        sink = io.BytesIO()
        save(sink, x=np.arange(6.0), y=np.zeros((2, 2), np.int8))
        files.append(sink.getvalue())
    return files


def blob() -> list[bytes]:
    """A compiled device tree."""

    def word(*numbers: int) -> bytes:
        return struct.pack(f">{len(numbers)}I", *numbers)

    strings = b"compatible\0opp-hz\0opp-microvolt\0"
    nodes = word(1, 0) + word(1) + b"opp-table\0\0\0" + word(3, 20, 0) + b"operating-points-v2\0"
    nodes += word(1) + b"opp-1\0\0\0" + word(3, 8, 11, 0, 600_000_000)
    nodes += word(3, 4, 18, 800_000) + word(2, 2, 2, 9)
    begin, size = 40 + 16, len(nodes)
    whole = begin + size + len(strings)
    head = word(0xD00DFEED, whole, begin, begin + size, 40, 17, 16, 0, len(strings), size)
    return [head + bytes(16) + nodes + strings]


@cache
def a_study() -> tuple[Plan, Spanned]:
    """A study, and where it searches."""
    from dfsrt.study.session import space_of
    from dfsrt.study.study import read_study

    study = read_study(REPOSITORY / "docs" / "examples" / "dfs_resnet50.toml")
    return study, space_of(study)


def study_journal() -> list[bytes]:
    """A journal of ``tune`` that has asked for a batch."""
    from dfsrt.study.book import open_book

    study, space = a_study()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.log"
        with open_book(study, space, path) as book:
            book.ask()
        return [path.read_bytes()]
