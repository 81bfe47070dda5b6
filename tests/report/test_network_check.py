"""A check says what a network's file holds and costs, and the command it ends with works."""

from __future__ import annotations

import random
import shlex

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from dfsrt.base.errors import DfsrtError, InputError, NetworkError
from dfsrt.report.api import Job
from dfsrt.report.network_check import check_network
from dfsrt.report.network_check_facts import facts_above, facts_below
from dfsrt.report.schema import to_json
from tests.network.builders import Builder
from tests.network.loops import body, looped, multiply, node, value


def saved(model: onnx.ModelProto, folder) -> str:
    path = folder / "a network.onnx"
    onnx.save(model, str(path))
    return str(path)


def small_model() -> onnx.ModelProto:
    """An open batch; 2 x 3 by 3 x 4, a ReLU, and an operator that nobody knows."""
    b = Builder()
    y = b.op("MatMul", b.input("x", ["batch", 3]), b.weight(3, 4))
    z = b.op("Unheard", b.op("Relu", y), domain="com.example")
    model = b.model(z, imports={"com.example": 1})
    model.graph.output[0].CopyFrom(
        helper.make_tensor_value_info(z, TensorProto.FLOAT, ["batch", 4])
    )
    return model


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    source = saved(small_model(), tmp_path_factory.mktemp("small"))
    return check_network(source, dims={"batch": 2})


def test_costs_by_hand(small):
    by_op = {o.op: o for o in small.operators}
    assert by_op["MatMul"].macs == small.macs == 2 * 3 * 4
    assert by_op["MatMul"].bytes == 4 * (2 * 3 + 3 * 4 + 2 * 4)
    assert by_op["Relu"].bytes == by_op["Unheard"].bytes == 4 * (2 * 4 + 2 * 4)
    assert by_op["MatMul"].mac_share == 1.0
    assert by_op["Unheard"].byte_share == 64 / (104 + 64 + 64)
    assert small.params == 12 and small.weights == {"float32": 48}


def test_what_is_out_of_rule_is_said_with_what_memory_leaves_out(small):
    assert [(o.op, o.nodes) for o in small.out_of_rule] == [("com.example.Unheard", 1)]
    assert small.left_out.as_memory == (("Unheard", 1),) and small.left_out.nodes == 3
    assert small.left_out.memory_bytes / small.left_out.moved_bytes == pytest.approx(64 / 232)
    assert any("1 of 3 nodes (33.3%: 1 Unheard) has no rule" in note for note in small.notes)
    assert small.next.endswith("network.onnx' --dim batch=2 --unknown-ops memory")


def test_the_command_that_it_ends_with_works(small, dfsrt):
    done = dfsrt(*shlex.split(small.next)[1:])
    assert done.returncode == 0, done.stderr


def test_shares_sum_to_one():
    for name in ("squeezenet", "tiny-images", "tiny-keywords"):
        check = check_network(name)
        for part in ("mac_share", "byte_share", "time_share"):
            assert sum(getattr(o, part) or 0 for o in check.operators) == pytest.approx(1)
        assert sum(s.share for s in check.stored) == pytest.approx(1)
        assert check.next == f"dfsrt run {check.network}"


def test_sizes_that_nobody_gives_are_likely_ones_and_part_of_the_command(tmp_path):
    source = saved(small_model(), tmp_path)
    check = check_network(source)
    assert [(s.name, s.size) for s in check.open_sizes] == [("batch", 1)]
    assert "--dim batch=1" in check.next


def test_likely_sizes_are_ones_at_which_windows_fit(tmp_path):
    b = Builder()
    sound = b.op("Unsqueeze", b.input("in", [None, None]), b.const([1]))
    state = b.op("Relu", b.input("state", [2, None, 8]))
    model = b.model(b.op("Conv", sound, b.weight(4, 1, 400), strides=[200]), state)
    check = check_network(saved(model, tmp_path))
    assert {s.name: s.size for s in check.open_sizes} == {"in.0": 1, "in.1": 400, "state.1": 1}
    assert check.macs == 4 * 400 and not check.notes  # one window of 400


def test_a_window_wider_than_all_likely_sizes_asks_for_its_own(tmp_path):
    b = Builder()
    sound, kernels = b.input("in", [1, 1, "odd"]), b.weight(4, 1, 5000)
    check = check_network(saved(b.model(b.op("Conv", sound, kernels, strides=[3000])), tmp_path))
    assert [s.size for s in check.open_sizes] == [5000]
    assert check.macs == 4 * 5000


def test_where_no_size_lets_a_pool_fit_the_likely_ones_stand(tmp_path):
    b = Builder()
    pooled = b.op("MaxPool", b.input("in", [1, 1, "odd"]), kernel_shape=[5000], strides=[3000])
    check = check_network(saved(b.model(pooled), tmp_path))
    assert any("makes nothing" in note for note in check.notes)
    assert [s.size for s in check.open_sizes] == [1]


def test_a_loop_that_data_count_is_counted_and_part_of_the_command(tmp_path):
    inputs = [value("times", ["n"], TensorProto.INT64)]
    model = looped(body([multiply()]), "n", inputs=inputs)
    model.graph.node.insert(0, node("ReduceSum", "times", "n", keepdims=0))
    check = check_network(saved(model, tmp_path))
    assert check.macs == 10 * 8 * 8  # what the refusal offers
    assert check.next.endswith("--dim n=1 --trips L=10")
    assert dict(facts_above(check))["on data"] == ["--trips NODE=N says how often Loop 'L' runs"]


def test_the_command_has_every_choice_that_was_said(tmp_path):
    source = saved(small_model(), tmp_path)
    check = check_network(source, branch="else", kv_cache="copy")
    assert check.next.endswith("--branch else --unknown-ops memory --kv-cache copy")


def test_a_size_that_the_network_does_not_have_is_refused(tmp_path):
    with pytest.raises(InputError, match="unknown dimension 'bath'; did you mean 'batch'"):
        check_network(saved(small_model(), tmp_path), dims={"bath": 2})


def test_a_file_without_its_weights_is_told_by_its_size(tmp_path):
    model = small_model()
    assert not check_network(saved(model, tmp_path)).stripped
    stripped = Builder()
    y = stripped.op("MatMul", stripped.input("x", [1, 999]), "w")
    stripped.constants.append(TensorProto(name="w", dims=[999, 999], data_type=TensorProto.FLOAT))
    check = check_network(saved(stripped.model(y), tmp_path))
    assert check.stripped and check.macs == 999**2


def test_small_constants_beside_a_file_that_is_cut_short_are_said_not_refused(tmp_path):
    b = Builder()
    shape = TensorProto(name="shape", dims=[2], data_type=TensorProto.INT64)
    shape.data_location = TensorProto.EXTERNAL
    shape.external_data.add(key="location", value="beside.bin")
    b.constants.append(shape)
    source = saved(b.model(b.op("Reshape", b.input("x", [2, 6]), "shape")), tmp_path)
    (tmp_path / "beside.bin").write_bytes(np.array([3], np.int64).tobytes())
    short = check_network(source)
    assert [(f.location, f.state) for f in short.outside] == [("beside.bin", "too short")]
    assert short.next is None and "beside.bin" in short.problems[0]
    (tmp_path / "beside.bin").write_bytes(np.array([3, 4], np.int64).tobytes())
    assert check_network(source).outside[0].state == "present"


def test_a_built_network_says_which_sizes_may_be_set_and_takes_them():
    check = check_network("tiny-images", dims={"image": 64})
    assert check.inputs == ["picture float32 [1, 3, 64, 64]"]
    assert check.may_set == ["batch", "classes", "image"] and check.open_sizes == []
    assert check.next == "dfsrt run tiny-images --dim image=64"
    assert check.file_bytes is None


def test_a_graph_that_cannot_be_read_still_says_what_it_holds(tmp_path):
    b = Builder(opset=3)
    b.op("ReduceSum", b.input("x", None), name="odd")
    check = check_network(saved(b.model(b.op("Relu", "x")), tmp_path))
    assert check.next is None and check.operators == [] and check.nodes == 2
    assert any("operator set 3" in text for text in check.problems)
    assert b"operator set 3" in to_json(check)


def test_what_a_device_cannot_cost_goes_on_to_layers(tmp_path, monkeypatch):
    def refuse(*_):
        raise InputError("no such precision")

    monkeypatch.setattr("dfsrt.report.network_check.job_of", refuse)
    check = check_network(saved(small_model(), tmp_path))
    assert check.next.startswith("dfsrt layers ") and check.problems == ["no such precision"]


def test_damaged_files_are_refused_in_one_line_or_looked_through(tmp_path, monkeypatch):
    """Every answer is a check or one line; the device's part has mutated networks of its own."""
    monkeypatch.setattr("dfsrt.report.network_check.job_of", refuse_table)
    rng, data = random.Random(7), bytearray(small_model().SerializeToString())
    path, checked = tmp_path / "m.onnx", 0
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path.write_bytes(broken[: rng.randint(len(broken) // 2, 3 * len(broken))])
        try:
            check = check_network(str(path))
            texts = [t for block in (*facts_above(check), *facts_below(check)) for t in block[1]]
            assert all(isinstance(text, str) for text in texts)
            to_json(check)
            checked += 1
        except NetworkError as error:
            assert "\n" not in str(error)
    assert checked > 30


def refuse_table(*_):
    raise DfsrtError("left out here")


def test_the_page_ends_with_the_command(dfsrt, tmp_path):
    b = Builder()
    model = b.model(b.op("Relu", b.input("x", ["n", 4])))
    model.producer_name = "nobody"
    onnx.save(model, str(tmp_path / "m.onnx"))
    done = dfsrt("network", "check", "m.onnx")
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and lines[-1] == "next      dfsrt run m.onnx --dim n=1"
    assert "by nobody; ONNX IR 8, operator sets: ai.onnx 17; 1 node" in lines[1]
    (tmp_path / "broken.onnx").write_bytes(b"\xff" * 20)
    refused = dfsrt("network", "check", "broken.onnx")
    assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1


def test_a_job_reads_what_was_checked(small):
    """The command's own sizes and way of reading make the layer table that ``run`` runs."""
    job = Job(small.network, dims={"batch": 2}, unknown_ops="memory")
    time_s = float(np.sum(job.table.duration_ns[:, -1])) * 1e-9
    assert small.on_device.latency_s == pytest.approx(time_s)


def test_a_loop_on_data_is_said_to_take_trips_and_no_branch(tmp_path):
    b = Builder()
    x = b.input("x", [64, 64])
    count = b.op("Cast", b.op("ReduceMax", x, keepdims=0), to=TensorProto.INT64)
    state = helper.make_tensor_value_info("s", TensorProto.FLOAT, [64, 64])
    scalars = [
        helper.make_tensor_value_info(n, t, [])
        for n, t in (("i", TensorProto.INT64), ("c", TensorProto.BOOL), ("c_out", TensorProto.BOOL))
    ]
    after = helper.make_tensor_value_info("s_out", TensorProto.FLOAT, [64, 64])
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c_out"]),
         helper.make_node("MatMul", ["s", "s"], ["s_out"])],
        "body", [*scalars[:2], state], [scalars[2], after],
    )  # fmt: skip
    y = b.op("Loop", count, "", x, body=body, name="again")
    lines = dict(facts_above(check_network(saved(b.model(y), tmp_path))))
    assert lines["on data"] == ["--trips NODE=N says how often Loop 'again' runs"]
