"""Linear models answer by their weights what onnxruntime answers; all others are left to it."""

from __future__ import annotations

import hashlib

import numpy as np
import onnx
import onnxruntime
import pytest

from dfsrt.base import keep as keeping
from dfsrt.power import linear_graph
from dfsrt.power.learn.export import to_onnx_bytes
from dfsrt.power.learn.learner import NpuFitted
from dfsrt.power.linear_graph import linear_weights
from dfsrt.power.models import model_names, open_model


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(keeping, "package_digest", lambda _memory: "this version")


def linear(folder, weights=(0.5, 2.0)):
    path = folder / "model.onnx"
    fitted = NpuFitted(np.array(weights))
    path.write_bytes(to_onnx_bytes(fitted, len(weights), double=True))
    return path


def read(path):
    return linear_weights(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("name", model_names())
def test_every_shipped_model_answers_what_onnxruntime_answers(name):
    bundle = open_model(name)
    features, _ = bundle._golden()
    if bundle.card.kind != "npu":
        assert read(bundle.folder / "model.onnx") is None
        return
    session = onnxruntime.InferenceSession(bundle.folder / "model.onnx")
    (theirs,) = session.run(["power_w"], {"features": features})
    assert bundle.run(features)["power_w"] == pytest.approx(theirs[:, 0], rel=1e-13)


def test_weights_are_read_once_and_kept(tmp_path, monkeypatch):
    path = linear(tmp_path)
    assert read(path).tolist() == [0.5, 2.0]
    monkeypatch.setattr(linear_graph, "_read", lambda _path: pytest.fail("read again"))
    assert read(path).tolist() == [0.5, 2.0]


def test_that_a_model_is_not_linear_is_kept_too(tmp_path, monkeypatch):
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    assert read(tmp_path / "bad.onnx") is None
    monkeypatch.setattr(linear_graph, "_read", lambda _path: pytest.fail("read again"))
    assert read(tmp_path / "bad.onnx") is None


def change_intercept(graph):
    (tensor,) = [t for t in graph.initializer if t.name == "power_w/intercept"]
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.ones(1), tensor.name))


def narrow(graph):
    (tensor,) = [t for t in graph.initializer if t.name == "power_w/coef"]
    values = onnx.numpy_helper.to_array(tensor).astype(np.float32)
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))


def skip_product(graph):
    graph.node[1].input[0] = "features"


def add_node(graph):
    graph.node.append(onnx.helper.make_node("Neg", ["power_w"], ["negative"]))


def other_domain(graph):
    graph.node[0].domain = "mine"


@pytest.mark.parametrize("change", [change_intercept, narrow, skip_product, add_node, other_domain])
def test_any_other_graph_is_left_to_the_runtime(tmp_path, change):
    path = linear(tmp_path)
    model = onnx.load(path)
    change(model.graph)
    path.write_bytes(model.SerializeToString())
    assert read(path) is None
