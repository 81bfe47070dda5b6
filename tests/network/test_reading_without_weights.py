"""A file's weights are stepped over: what is left is the same model, in little memory."""

from __future__ import annotations

import io
import random
import resource
from pathlib import Path

import numpy as np
import onnx
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from dfsrt.base.errors import NetworkError
from dfsrt.network import load_network
from dfsrt.network.file import reader
from dfsrt.network.file.constants import PAYLOADS, VALUE_LIMIT
from dfsrt.network.file.reader import SMALL_BYTES, read_model, read_whole
from dfsrt.network.file.wire import KEPT_BYTES, WireError, without_payloads
from tests.network.builders import Builder

LARGE = KEPT_BYTES // 4 + 1


@pytest.fixture(autouse=True)
def files_of_any_size_are_walked(monkeypatch):
    monkeypatch.setattr(reader, "SMALL_BYTES", 0)


def shortened(data: bytes) -> onnx.ModelProto:
    return onnx.ModelProto.FromString(without_payloads(io.BytesIO(data), len(data)))


def cut(model: onnx.ModelProto) -> onnx.ModelProto:
    """The slow way: parse all of it, then take every large payload out."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in tensors(copy.graph):
        for field in PAYLOADS:
            part = onnx.TensorProto()
            part.CopyFrom(tensor)
            for other in (f.name for f, _ in part.ListFields() if f.name != field):
                part.ClearField(other)
            if len(part.SerializeToString()) > KEPT_BYTES + 6:
                tensor.ClearField(field)
                tensor.raw_data = b"\0"
    return copy


def tensors(graph: onnx.GraphProto):
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for attribute in (a for node in graph.node for a in node.attribute):
        yield from (attribute.t,) if attribute.HasField("t") else ()
        yield from tensors(attribute.g) if attribute.HasField("g") else ()


def constant(draw, name: str) -> TensorProto:
    size = draw(st.sampled_from([1, 7, VALUE_LIMIT, LARGE, 2 * LARGE]))
    dtype = draw(st.sampled_from(["float32", "int64", "float64", "uint8", "int8", "float16"]))
    array = np.ones(size, dtype)
    if draw(st.booleans()):
        return numpy_helper.from_array(array, name)
    element = helper.np_dtype_to_tensor_dtype(array.dtype)
    return helper.make_tensor(name, element, array.shape, array)


@st.composite
def graphs(draw, depth: int = 0) -> onnx.GraphProto:
    nodes = [helper.make_node("Constant", [], ["c"], value=constant(draw, "value"))]
    if depth < 2 and draw(st.booleans()):
        branch = draw(graphs(depth + 1))
        nodes.append(helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch))
    graph = helper.make_graph(nodes, "g", [], [])
    graph.initializer.extend(constant(draw, f"w{i}") for i in range(draw(st.integers(0, 3))))
    if draw(st.booleans()):
        sparse = graph.sparse_initializer.add()
        sparse.values.CopyFrom(constant(draw, "s"))
        sparse.indices.CopyFrom(constant(draw, "i"))
    return graph


@given(graphs())
def test_what_is_left_is_the_model_without_its_large_payloads(graph):
    model = helper.make_model(graph)
    model.metadata_props.add(key="k", value="v" * 2 * KEPT_BYTES)  # text is no weight
    assert shortened(model.SerializeToString()) == cut(model)


def test_functions_lose_their_large_constants_too():
    node = helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.ones(10**4)))
    function = helper.make_function("own", "f", [], ["c"], [node], [])
    model = helper.make_model(helper.make_graph([], "g", [], []), functions=[function])
    data = model.SerializeToString()
    assert len(shortened(data).SerializeToString()) < 1000 < len(data)


def large_model() -> onnx.ModelProto:
    b = Builder()
    x = b.op("Reshape", b.input("x", [4, 64]), b.const([4, 64]))
    x = b.op("MatMul", x, b.weight(64, 200))
    return b.model(b.op("Relu", b.op("Add", x, b.weight(200))))


def test_layers_are_those_of_the_whole_file(tmp_path):
    path = tmp_path / "large.onnx"
    onnx.save(large_model(), path)
    network = load_network(path)
    assert (network.macs, network.params) == (4 * 64 * 200, 64 * 200 + 200)
    assert read_whole(path) == large_model()


def test_of_a_file_above_a_megabyte_the_weights_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "SMALL_BYTES", SMALL_BYTES)
    b = Builder()
    path = tmp_path / "large.onnx"
    onnx.save(b.model(b.op("MatMul", b.input("x", [1, 600]), b.weight(600, 600))), path)
    assert path.stat().st_size > SMALL_BYTES
    assert len(read_model(path).SerializeToString()) < 1000
    assert load_network(path).weight_bytes == 4 * 600 * 600


def test_reading_a_large_file_takes_little_memory(tmp_path):
    path, size = tmp_path / "large.onnx", 300_000_000
    initializer = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[size // 4])
    tensor = initializer.SerializeToString() + b"\x4a" + varint(size)
    graph = b"\x2a" + varint(len(tensor) + size) + tensor
    with path.open("wb") as file:
        file.write(b"\x08\x08\x3a" + varint(len(graph) + size) + graph)
        file.truncate(file.tell() + size)  # a hole: no byte of it is written, and none is read
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (weight,) = read_model(path).graph.initializer
    assert list(weight.dims) == [size // 4]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KB


def varint(value: int) -> bytes:
    groups = []
    while value > 127:
        groups.append(value % 128 + 128)
        value //= 128
    return bytes([*groups, value])


def test_a_payload_that_does_not_fit_a_small_shape_is_refused(tmp_path):
    model = large_model()
    model.graph.initializer[0].raw_data = bytes(8 * LARGE)
    onnx.save(model, path := tmp_path / "broken.onnx")
    with pytest.raises(NetworkError, match="holds other data than its shape"):
        load_network(path)


def mutated(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        if not changed:
            break
        place = rng.randrange(min(len(changed), rng.choice([40, 400, len(changed)])))
        kind = rng.randrange(4)
        if kind == 0:
            changed[place] = rng.randrange(256)
        elif kind == 1:
            del changed[place : place + rng.randint(1, 40)]
        elif kind == 2:
            changed[place:place] = rng.randbytes(rng.randint(1, 9))
        else:
            del changed[place + 1 :]
    return bytes(changed)


def read_or_none(read, data: bytes) -> onnx.ModelProto | None:
    try:
        return read(data)
    except (WireError, DecodeError):
        return None


def test_damaged_files_are_refused_or_read_as_the_library_reads_them():
    data, rng = large_model().SerializeToString(), random.Random(17)
    outcomes = {"same": 0, "both refuse": 0, "stricter": 0, "laxer": 0}
    for _ in range(600):
        damaged = mutated(data, rng)
        ours = read_or_none(shortened, damaged)
        theirs = read_or_none(onnx.ModelProto.FromString, damaged)
        if ours is None:
            outcomes["both refuse" if theirs is None else "stricter"] += 1
        elif theirs is None:
            outcomes["laxer"] += 1
        else:
            outcomes["same"] += 1
            assert ours == cut(theirs)
    assert min(outcomes["same"], outcomes["both refuse"]) > 50
    assert outcomes["stricter"] + outcomes["laxer"] < 5


def test_damaged_files_end_in_one_line(tmp_path):
    data, rng, path = large_model().SerializeToString(), random.Random(18), tmp_path / "d.onnx"
    for _ in range(200):
        path.write_bytes(mutated(data, rng))
        try:
            load_network(path)
        except NetworkError as error:
            assert "\n" not in str(error)


def test_messages_that_nest_without_end_are_refused():
    data = bytes(KEPT_BYTES)
    for _ in range(300):  # attribute in node in graph in attribute
        for tag in (b"\x32", b"\x2a", b"\x0a"):
            data = tag + varint(len(data)) + data
    with pytest.raises(WireError, match="too deeply"):
        shortened(b"\x3a" + varint(len(data)) + data)


def outside(tmp_path: Path, **options) -> Path:
    """A model all of whose constants lie in a file beside it, a Reshape's target among them."""
    path = tmp_path / "model.onnx"
    onnx.save(
        large_model(),
        path,
        save_as_external_data=True,
        location="w.bin",
        size_threshold=0,
        **options,
    )
    return path


@pytest.mark.parametrize("together", [True, False])
def test_target_shapes_are_read_from_the_file_beside_the_model(tmp_path, together):
    path = outside(tmp_path, all_tensors_to_one_file=together)
    assert load_network(path).macs == 4 * 64 * 200


def test_weights_beside_the_model_are_never_read(tmp_path):
    path = outside(tmp_path)
    sizes = [t.data_location for t in read_model(path).graph.initializer]
    assert sizes == [TensorProto.DEFAULT, TensorProto.EXTERNAL, TensorProto.DEFAULT]


def test_a_missing_file_is_named_where_its_values_are_needed(tmp_path):
    path = outside(tmp_path)
    (tmp_path / "w.bin").unlink()
    with pytest.raises(NetworkError, match=r"'c_1', whose data lie in 'w\.bin': put that file"):
        load_network(path)


def test_data_that_end_too_early_are_refused(tmp_path):
    path = outside(tmp_path)
    (tmp_path / "w.bin").write_bytes(b"12")
    with pytest.raises(NetworkError, match="ends before them"):
        load_network(path)


@pytest.mark.parametrize("offset", ["-8", "x", "9" * 30, "1e3"])
def test_a_place_that_is_none_is_refused(tmp_path, offset):
    path = outside(tmp_path)
    model = onnx.load(path, load_external_data=False)
    next(e for e in model.graph.initializer[0].external_data if e.key == "offset").value = offset
    path.write_bytes(model.SerializeToString())
    with pytest.raises(NetworkError, match=r"no whole number|ends before them"):
        load_network(path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    path = outside(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "w.bin").symlink_to((tmp_path / "w.bin").rename(tmp_path / "elsewhere" / "w.bin"))
    path = path.rename(inner / "model.onnx")
    with pytest.raises(NetworkError, match="a link that leads out"):
        load_network(path)


def test_a_model_and_data_that_are_links_into_one_store_are_read(tmp_path):
    path = outside(tmp_path)
    view = tmp_path / "view"
    view.mkdir()
    for name in ("model.onnx", "w.bin"):
        (view / name).symlink_to(tmp_path / name)
    assert load_network(view / path.name).macs == 4 * 64 * 200
