"""Graphs of language models, run by onnxruntime and read by dfsrt: a tiny one with weights."""

import math
from functools import cache

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from dfsrt.network import from_onnx_model
from dfsrt.network.llm import LlmConfig
from dfsrt.network.llm.blocks import Blocks
from dfsrt.network.llm.columns import Columns
from dfsrt.network.llm.graph import Pass, pass_model
from tests.helpers.naive_decoder import angles, naive_logits

TINY = {
    "tied": LlmConfig(
        name="tied", source="made up", layers=2, heads=4, key_value_heads=2, head_width=16,
        width=32, feed_forward=96, vocabulary=40, context=64, tied=True,
    ),
    "biased": LlmConfig(
        name="biased", source="made up", layers=1, heads=2, key_value_heads=2, head_width=16,
        width=64, feed_forward=32, vocabulary=24, context=64, tied=False, qkv_bias=True,
        gated=False,
    ),
}  # fmt: skip
FORMS = {
    "4 bits": Blocks(4, 16, "fp16"),
    "8 bits": Blocks(8, 32, "fp16"),
    "int8": Columns("fp16"),
}
IDS = [3, 17, 4, 1, 20, 9, 2]


def values(name: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(sum(name.encode()))
    if name.endswith("scales"):
        return rng.uniform(0.5, 1, shape) / 40
    if name.endswith(".weight") and "norm" not in name:
        return rng.integers(-20 if len(shape) == 2 else 90, 165 if len(shape) == 3 else 20, shape)
    if name.endswith((".step", ".zero")):
        return np.full(shape, 0.05 if name.endswith(".step") else 0)
    return ("norm" in name) + rng.standard_normal(shape) / 8


def decoded(form, sizes, name: str) -> np.ndarray:
    """A weight of (rows, columns) by what the operators' texts say of its bytes."""
    rows, columns = sizes
    if isinstance(form, Columns):
        scales = values(f"{name}.scales", (columns,))
        return (values(f"{name}.weight", (columns, rows)) * scales[:, None]).T
    blocks = rows // form.block
    data = values(f"{name}.weight", (columns, blocks, form.block * form.bits // 8))
    if form.bits == 4:
        data = np.stack([data % 16, data // 16], -1).reshape(columns, blocks, form.block)
    scales = values(f"{name}.scales", (columns, blocks))
    return ((data - 2 ** (form.bits - 1)) * scales[:, :, None]).reshape(columns, rows).T


def weight_of(config: LlmConfig, form):
    sizes = {"head": (config.width, config.vocabulary), "words": (config.width, config.vocabulary)}
    for i in range(config.layers):
        sizes |= {f"layers.{i}.{name}": (rows, n) for name, rows, n in config.products}

    def weight(name: str) -> np.ndarray:
        if name in sizes:
            return decoded(form, sizes[name], name)
        if name.endswith(".bias"):
            return values(name, (config.qkv_width,))
        return values(f"{name}.weight", (config.width,))

    return weight


@cache
def session(config: str, form: str, sizes: Pass) -> ort.InferenceSession:
    model = pass_model(config, TINY[config], sizes, FORMS[form], "fp32", values)
    options = ort.SessionOptions()  # its optimizer would multiply int8 weights by rows in int8
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(config: str, form: str, ids: np.ndarray, kept: dict[str, np.ndarray], answers: int = 0):
    """Logits of the last of ``ids``, ``(batch, tokens)``, and the cache with all of them."""
    c, (batch, tokens) = TINY[config], ids.shape
    past = next(iter(kept.values())).shape[2] if kept else 0
    own = session(config, form, Pass(batch, tokens, past, answers or batch, "fp16"))
    empty = np.zeros((batch, c.key_value_heads, 0, c.head_width), np.float32)
    names = [i.name for i in own.get_inputs() if i.name.startswith("past")]
    turns = np.array([angles(place, c.head_width // 2) for place in range(c.context)])
    feeds = {"input_ids": ids, **{n: kept.get(n, empty) for n in names}}
    feeds |= {"cos_cache": np.cos(turns, dtype="f4"), "sin_cache": np.sin(turns, dtype="f4")}
    made = dict(zip([o.name for o in own.get_outputs()], own.run(None, feeds), strict=True))
    return made.pop("logits"), {n.replace("present", "past_key_values"): a for n, a in made.items()}


@pytest.mark.parametrize("config", TINY)
@pytest.mark.parametrize("form", FORMS)
def test_a_prompt_at_once_says_what_the_definition_says_and_so_does_token_by_token(config, form):
    expected = naive_logits(TINY[config], weight_of(TINY[config], FORMS[form]), IDS)
    assert np.abs(expected).max() > 0.1
    whole, kept = run(config, form, np.array([IDS]), {})
    np.testing.assert_allclose(whole[0, 0], expected, rtol=2e-3, atol=2e-3)
    cache: dict[str, np.ndarray] = {}
    for token in IDS:
        logits, cache = run(config, form, np.array([[token]]), cache)
    np.testing.assert_allclose(logits, whole, rtol=1e-3, atol=1e-3)
    assert cache.keys() == kept.keys() and len(kept) == 2 * TINY[config].layers
    for name, array in kept.items():
        np.testing.assert_allclose(cache[name], array, rtol=1e-3, atol=1e-3)


def test_a_prompt_in_chunks_says_what_it_says_at_once():
    whole, _ = run("tied", "4 bits", np.array([IDS]), {})
    _, kept = run("tied", "4 bits", np.array([IDS[:4]]), {})
    logits, _ = run("tied", "4 bits", np.array([IDS[4:]]), kept)
    np.testing.assert_allclose(logits, whole, rtol=1e-3, atol=1e-3)


def test_of_several_sequences_those_are_answered_that_are_asked_for():
    ids = np.array([[5], [6], [7]])
    all_three, _ = run("tied", "4 bits", ids, {})
    two, _ = run("tied", "4 bits", ids, {}, answers=2)
    assert two.shape == (2, 1, 40)
    np.testing.assert_allclose(two, all_three[:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("form", [Blocks(4, 16, "int8"), Columns("int8")])
def test_rows_in_int8_are_near_those_that_come_as_they_are(form):
    c = TINY["tied"]
    model = pass_model("t", c, Pass(1, 1, 0, 1, "fp16"), form, "fp32", values)
    own = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    empty = np.zeros((1, 2, 0, 16), np.float32)
    feeds = {i.name: empty for i in own.get_inputs() if i.name.startswith("past")}
    feeds |= {"input_ids": np.array([[7]]), "cos_cache": np.ones((64, 8), "f4")}
    logits = own.run(["logits"], {**feeds, "sin_cache": np.zeros((64, 8), "f4")})[0][0, 0]
    expected = naive_logits(c, weight_of(c, form), [7])
    assert np.corrcoef(logits, expected)[0, 1] > 0.98


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sizes", [Pass(1, 5, 3, 1, "fp16"), Pass(3, 1, 4, 2, "fp16")])
def test_every_tensor_has_the_shape_that_it_has_in_onnxruntime(form, sizes):
    model = pass_model("t", TINY["biased"], sizes, FORMS[form], "fp32", values)
    network = from_onnx_model(model, "t", fuse=False)
    known = {t.name: t.shape for layer in network.layers for t in layer.outputs}
    own = onnx.ModelProto.FromString(model.SerializeToString())
    left = {o.name for o in own.graph.output}
    made = {o for n in own.graph.node for o in n.output if o and o not in left and o in known}
    own.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(made))
    running = ort.InferenceSession(own.SerializeToString(), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(5)
    feeds = {
        i.name: rng.integers(0, 9, i.shape)
        if i.type == "tensor(int64)"
        else rng.random(i.shape, "f4")
        for i in running.get_inputs()
    }
    names = [o.name for o in running.get_outputs()]
    shapes = dict(zip(names, (a.shape for a in running.run(None, feeds)), strict=True))
    assert len(known) > 12 and all(shapes[name] == shape for name, shape in known.items())


def test_graphs_without_values_are_small_and_read_alike():
    c, sizes = TINY["tied"], Pass(1, 1, 8, 1, "fp16")
    bare = pass_model("t", c, sizes, FORMS["4 bits"])
    full = pass_model("t", c, sizes, FORMS["4 bits"], "fp16", values)
    assert from_onnx_model(bare, "t").layers == from_onnx_model(full, "t").layers
    assert math.prod((c.width, c.feed_forward)) < bare.ByteSize() < 20_000
