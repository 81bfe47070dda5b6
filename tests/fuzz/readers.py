"""Every reader of files: how it is called, what its files are called, and sound ones to begin from.

A reader that is new in the package gets a line here.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

from tests.fuzz import seeds

Read = Callable[[Path], object]


def unpacked(data: bytes) -> bytes:
    """Return ``data`` as it is."""
    return data


@dataclass(frozen=True)
class Reader:
    """A reader: called with the file of the name ``file``, whose content is packed by ``pack``."""

    name: str
    file: str
    read: Read
    seeds: Callable[[], list[bytes]]
    pack: Callable[[bytes], bytes] = unpacked


def _function(where: str) -> Callable[..., object]:
    module, name = where.rsplit(".", 1)
    return getattr(import_module(f"dfsrt.{module}"), name)


def by_path(where: str) -> Read:
    """A function that takes a path, imported when it is called."""
    return lambda path: _function(where)(path)


def by_text(where: str, kind: str = "") -> Read:
    """A function that takes a text in which a path stands after ``kind``."""
    return lambda path: _function(where)(f"{kind}{path}")


def by_folder(where: str) -> Read:
    """A function that takes the folder of the file."""
    return lambda path: _function(where)(path.parent)


def recording(kind: str) -> Read:
    """A recording, of the format ``kind``, and what is shown of it."""

    def read(path: Path) -> object:
        from dfsrt.recording import read_recording, summary_of

        return summary_of(read_recording(path, kind))

    return read


def requests(kind: str) -> Read:
    """A log of requests, to its end."""

    def read(path: Path) -> object:
        from dfsrt.trace.requests.formats import read_requests
        from dfsrt.trace.requests.rows import Said

        return list(read_requests(path, kind, Said()))

    return read


def samples(path: Path) -> object:
    """Samples, and readings at rest."""
    from dfsrt.power.measure.store import read_idle, read_samples

    return read_samples(path), read_idle(path)


def samples_journal(path: Path) -> object:
    """The journal of ``measure``."""
    from dfsrt.power.measure.session import _read_journal

    return _read_journal(path, seeds.read_few_samples()[0].bench)


def study_journal(path: Path) -> object:
    """The journal of ``tune``, as Optuna reads it."""
    from dfsrt.study.book import open_book

    study, space = seeds.a_study()
    with open_book(study, space, path) as book:
        return book.entries, book.baseline


def golden(path: Path) -> object:
    """The golden rows beside a shipped model."""
    from dfsrt.power.bundle import Bundle
    from dfsrt.power.card import read_card

    card = path.with_name("card.toml")
    if not card.exists():
        shutil.copy(seeds.REPOSITORY / "powermodels" / "etri-like" / "card.toml", card)
    known = read_card(path.parent)
    return Bundle(path.parent, known, tuple(known.features))._golden()


def network(path: Path) -> object:
    """A network, and its layers' cost on a device."""
    from dfsrt import load_device
    from dfsrt.cost import cost_network
    from dfsrt.network import load_network

    return cost_network(load_network(path), load_device("systolic-128"))


_SHELVES: Mapping[str, tuple[str, str]] = {
    "battery": ("world.battery.load.load_battery", "world/battery/shelf/*.toml"),
    "component": ("world.components.load.load_component", "world/components/shelf/*.toml"),
    "heat": ("world.heat.load.load_heat", "world/heat/shelf/*.toml"),
    "day": ("trace.day_file.load_day", "trace/days/*.toml"),
    "token-stream": ("trace.token_stream.load_stream", "trace/token_streams/*.toml"),
    "pipeline": ("network.pipeline.load.load_pipeline", "network/pipeline/shelf/*.toml"),
    "scenario": ("run.scenario_load.load_scenario", "run/shelf/*.toml"),
    "dram": ("device.dram.load.load_dram", "device/dram/parts/*.toml"),
}
_CSV_PROFILE = (
    b"op,in_channels,in_h,in_w,out_channels,kernel,groups,out_h,out_w,measured_us,power_w\n"
    b"conv+relu,3,64,64,16,3,1,32,32,55,1.5\nconv,16,32,32,16,3,16,32,32,9,\nadd,16,32,32,16,0,1,32,32,9,1\n"
)
_CSV_NETWORKS = (
    b"network,precision,freq,latency_s,power_w\nresnet50,int8,1 GHz,0.02,1.5\n"
    b"squeezenet,int8,600 MHz,0.004,1\n"
)
_ZEROS = b"layer,zero_inputs,zero_weights\nn0,0.5,0.1\nn4,,0\n"
_GOVERNOR = b'format = 1\ngovernor = "dfs"\nguard = 0.1\n[parameters]\nrail = "declared"\n'
_LLM = (
    b'{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 64, '
    b'"intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, '
    b'"num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 512, '
    b'"tie_word_embeddings": true, "rms_norm_eps": 1e-5, "rope_theta": 10000.0}'
)
_AZURE = (
    b"TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
    b"2023-11-16 18:15:50.9951690,396,109\n"
)
_BURST = (
    b"Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    b"5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,230,1317,API log\n"
)
_MOONCAKE = (
    b'{"timestamp": 0, "input_length": 6758, "output_length": 500, "hash_ids": [0, 1, 2]}\n'
    b'{"timestamp": 3000, "input_length": 7322, "output_length": 490, "hash_ids": [0, 9]}\n'
)


def _fixed(*data: bytes) -> Callable[[], list[bytes]]:
    return lambda: list(data)


def _toml() -> list[Reader]:
    shelves = [
        Reader(name, f"{name}.toml", by_text(where), partial(seeds.shelf, pattern))
        for name, (where, pattern) in _SHELVES.items()
    ]
    examples = partial(seeds.shelf, root=seeds.REPOSITORY)
    return [
        *shelves,
        Reader("device", "d.toml", by_text("device.load.load_device"), seeds.devices),
        Reader("truth", "t.toml", by_path("device.truth_file.read_truth"),
               partial(seeds.shelf, "device/truth/*.toml")),
        Reader("llm", "m.toml", by_text("network.llm.shelf.load_config", "llm:"),
               partial(seeds.shelf, "network/llm/shelf/*.toml")),
        Reader("llm-json", "config.json", by_text("network.llm.shelf.load_config", "llm:"),
               _fixed(_LLM)),
        Reader("levers", "l.toml", by_path("study.levers.file.read_levers"),
               partial(seeds.shelf, "study/levers/*.toml")),
        Reader("governor", "g.toml", by_path("governor.file.read_governor_file"),
               _fixed(_GOVERNOR)),
        Reader("study", "s.toml", by_path("study.study.read_study"),
               partial(examples, "docs/examples/[dh]*_*.toml")),
        Reader("sweep", "s.toml", by_path("study.sweep.study.read_sweep"),
               partial(examples, "docs/examples/sweep_*.toml")),
        Reader("trace-card", "card.toml", by_path("trace.card.read_card"),
               partial(examples, "traces/*/card.toml")),
        Reader("power-card", "card.toml", by_folder("power.card.read_card"),
               partial(examples, "powermodels/*/card.toml")),
    ]  # fmt: skip


def _tables() -> list[Reader]:
    return [
        Reader("profile", "p.csv", by_path("device.profile.read_profile"), _fixed(_CSV_PROFILE)),
        Reader("calibration", "n.csv", by_path("study.calibration.measured.read_networks"),
               _fixed(_CSV_NETWORKS)),
        Reader("activity", "z.csv", by_path("power.zeros_file.read_zeros"), _fixed(_ZEROS)),
        Reader("golden", "golden.csv", golden,
               partial(seeds.shelf, "powermodels/etri-like/golden.csv", seeds.REPOSITORY)),
        Reader("trace-csv", "t.csv", by_path("trace.load.load_trace"), seeds.traces),
        Reader("trace-parquet", "t.parquet", by_path("trace.load.load_trace"),
               seeds.traces_parquet),
        Reader("capture", "layers.parquet", by_text("cost.times.captured.captured_times"),
               seeds.kernels),
        Reader("samples", "s.parquet", samples, seeds.samples),
        Reader("samples-journal", "s.journal", samples_journal, seeds.samples_journal),
        Reader("study-journal", "journal.log", study_journal, seeds.study_journal),
        Reader("whole-networks", "n.json.gz", by_path("power.measure.networks_file.read_networks"),
               seeds.whole_networks, gzip.compress),
        Reader("whole-networks-packed", "n.json.gz",
               by_path("power.measure.networks_file.read_networks"),
               lambda: [gzip.compress(data, mtime=0) for data in seeds.whole_networks()]),
        *(Reader(f"requests-{kind}", "r.csv", requests(kind), _fixed(seed))
          for kind, seed in (("azure", _AZURE), ("burstgpt", _BURST), ("mooncake", _MOONCAKE))),
    ]  # fmt: skip


def live_state(path: Path) -> object:
    """What a live command has kept of a board."""
    from dfsrt.live import States

    return States(path.parent, path.parent).load(path.stem)


def live_board(path: Path) -> object:
    """A board each of whose attributes is the file."""
    from dfsrt.live import Devfreq, Sysfs

    class OneFile(Sysfs):
        def read(self, _attribute: str) -> str:
            return super().read(path.name)

    board = Devfreq(OneFile(path.parent), "x.npu")
    return board.points(), board.settings(), board.read(), board.method


_BOARD_STATE = (
    b'{"format":1,"board":"devfreq:x","settings":{"governor":"simple_ondemand","min_freq_hz":'
    b'300000000,"max_freq_hz":1000000000,"set_freq_hz":null},"pid":1,"began_s":1,"boot":""}\n'
)


def _tools() -> list[Reader]:
    ends = {"table": "csv", "table-parquet": "parquet"}

    def recorded(kind: str) -> Callable[[], list[bytes]]:
        return lambda: seeds.recordings()[kind]

    kinds = (
        "perfetto", "chrome", "ftrace", "devlib", "tegrastats", "power", "onnxruntime", "table",
        "table-parquet",
    )  # fmt: skip
    return [
        Reader("live-state", "b.json", live_state, lambda: [_BOARD_STATE]),
        Reader("live-board", "attribute", live_board,
               lambda: [b"800000000\n", b"300000000 400000000\n", b"45@800000000Hz\n"]),
        *(Reader(f"recording-{kind}", f"r.{ends.get(kind, 'txt')}",
                 recording(kind.removesuffix("-parquet")), recorded(kind)) for kind in kinds),
        Reader("recording-any", "r", recording("auto"),
               lambda: [seed for found in seeds.recordings().values() for seed in found]),
        Reader("recording-packed", "r.gz", recording("ftrace"), recorded("ftrace"), gzip.compress),
        *(Reader(f"layer-times-{tool}", "p.txt",
                 by_text("recording.layer_times.kinds.read_layer_times", f"{tool}:"),
                 partial(seeds.profiles_of, tool))
          for tool in ("rknn", "vela", "tensorrt", "openvino", "onnxruntime")),
        *(Reader(f"cycles-{tool}", "c.json" if tool == "zigzag" else "c.csv",
                 by_text("cost.cycles.report.load_cycles", f"{tool}:"),
                 partial(seeds.cycles_of, tool))
          for tool in ("scalesim", "zigzag", "maestro", "rknn", "vela")),
    ]  # fmt: skip


def _binaries() -> list[Reader]:
    return [
        Reader("network", "n.onnx", network, seeds.networks),
        Reader("samples-npy", "x.npy", by_path("network.samples.files.read_arrays"), seeds.arrays),
        Reader("samples-npz", "x.npz", by_path("network.samples.files.read_arrays"),
               seeds.archives),
        Reader("device-tree", "b.dts", by_path("device.devicetree.files.read_device_tree"),
               partial(seeds.shelf, "tests/device/boards/*.dts", seeds.REPOSITORY)),
        Reader("device-tree-compiled", "b.dtb",
               by_path("device.devicetree.files.read_device_tree"), seeds.blob),
    ]  # fmt: skip


READERS = {reader.name: reader for reader in (*_toml(), *_tables(), *_tools(), *_binaries())}
