"""BERT, Whisper's encoder, a small decoder: published parameters, products by hand, real runs."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfsrt.base.errors import InputError
from dfsrt.network import built_names, from_onnx_model, load_network
from dfsrt.network.built import build_network
from dfsrt.network.language import RECIPES
from dfsrt.network.language.bert import build_bert
from dfsrt.network.language.config import BertConfig, DecoderConfig, WhisperConfig
from dfsrt.network.language.smollm import build_smollm2
from dfsrt.network.language.whisper import build_whisper_encoder
from tests.helpers.graphs import params_of, session_of

PARAMETERS = {
    "bert-base": 109_482_240,
    "smollm2-135m": 134_515_008,
    "whisper-tiny-encoder": 8_208_384,
}
"""As published; of Whisper's 37,760,640 those that its decoder's 29,552,256 leave."""

SMALL_BERT = BertConfig(words=50, places=16, width=12, layers=2, heads=3, inner=20)
SMALL_WHISPER = WhisperConfig(mels=5, width=12, layers=2, heads=3, inner=20)
SMALL_DECODER = DecoderConfig(words=50, width=24, layers=2, heads=6, shared=2, inner=20)


def bert_macs(tokens: int, batch: int = 1, c: BertConfig | None = None) -> int:
    c = c or BertConfig()
    layer = tokens * (4 * c.width**2 + 2 * c.width * c.inner) + 2 * tokens**2 * c.width
    return batch * (c.layers * layer + c.width**2)


def whisper_macs(frames: int, batch: int = 1, c: WhisperConfig | None = None) -> int:
    c = c or WhisperConfig()
    n = frames // 2
    stem = frames * 3 * c.mels * c.width + n * 3 * c.width**2
    layer = n * (4 * c.width**2 + 2 * c.width * c.inner) + 2 * n**2 * c.width
    return batch * (stem + c.layers * layer)


def decoder_macs(tokens: int, past: int, batch: int = 1, c: DecoderConfig | None = None) -> int:
    c = c or DecoderConfig()
    keys = c.width // c.shared
    products = 2 * c.width**2 + 2 * c.width * keys + 3 * c.width * c.inner
    layer = tokens * products + 2 * tokens * (past + tokens) * c.width
    return batch * (c.layers * layer + c.width * c.words)


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_are_the_published_ones_in_small_valid_files(name):
    model = build_network(name)
    assert params_of(model) == load_network(name).params == PARAMETERS[name]
    assert name in built_names()
    onnx.checker.check_model(model)
    assert model.ByteSize() < 400_000


def test_products_of_the_defaults_are_those_of_closed_forms():
    assert load_network("bert-base").macs == bert_macs(128)
    assert load_network("whisper-tiny-encoder").macs == whisper_macs(3000) == 18_468_864_000
    assert load_network("smollm2-135m").macs == decoder_macs(128, 0)


def test_a_decode_step_reads_every_weight_once_for_one_token():
    step = load_network("smollm2-135m", dims={"tokens": 1, "past": 128})
    assert step.macs == decoder_macs(1, 128) == 138_938_112
    assert step.params == PARAMETERS["smollm2-135m"]
    assert "mask" not in step.inputs and "past_key.29" in step.inputs


@settings(max_examples=12)
@given(st.integers(1, 9), st.integers(0, 9), st.integers(1, 3))
def test_products_follow_the_sizes(tokens, past, batch):
    bert = build_bert(tokens=tokens, batch=batch, config=SMALL_BERT)
    speech = build_whisper_encoder(frames=2 * tokens, batch=batch, config=SMALL_WHISPER)
    writer = build_smollm2(tokens=tokens, past=past, batch=batch, config=SMALL_DECODER)
    assert from_onnx_model(bert, "b").macs == bert_macs(tokens, batch, SMALL_BERT)
    assert from_onnx_model(speech, "w").macs == whisper_macs(2 * tokens, batch, SMALL_WHISPER)
    assert from_onnx_model(writer, "d").macs == decoder_macs(tokens, past, batch, SMALL_DECODER)


def weights(name: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(sum(name.encode()))
    near = 1.0 if "norm" in name else 0.0
    return near + rng.standard_normal(shape) / math.sqrt(shape[-1])


SMALL = {
    "bert": build_bert(tokens=7, batch=2, config=SMALL_BERT, weights=weights),
    "whisper": build_whisper_encoder(frames=14, batch=2, config=SMALL_WHISPER, weights=weights),
    "prompt": build_smollm2(tokens=5, past=0, batch=2, config=SMALL_DECODER, weights=weights),
    "step": build_smollm2(tokens=1, past=4, batch=2, config=SMALL_DECODER, weights=weights),
    "more": build_smollm2(tokens=3, past=2, batch=2, config=SMALL_DECODER, weights=weights),
}


def fed(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    feeds = {}
    for value in model.graph.input:
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        whole = value.type.tensor_type.elem_type == onnx.TensorProto.INT64
        feeds[value.name] = rng.integers(0, 2, shape) if whole else rng.random(shape, np.float32)
    return feeds


@pytest.mark.parametrize("name", SMALL)
def test_every_tensor_has_the_shape_that_it_has_in_onnxruntime(name):
    model = onnx.ModelProto.FromString(SMALL[name].SerializeToString())
    network = from_onnx_model(SMALL[name], name, fuse=False)
    known = {t.name: t.shape for layer in network.layers for t in layer.outputs}
    declared = {o.name for o in model.graph.output}
    model.graph.output.extend(v for v in model.graph.value_info if v.name not in declared)
    session = session_of(model)
    names = [o.name for o in session.get_outputs()]
    shapes = {n: a.shape for n, a in zip(names, session.run(None, fed(model)), strict=True)}
    assert known and all(shapes[n] == shape for n, shape in known.items() if n in shapes)
    assert declared <= known.keys() & shapes.keys()


def turns(first: int, tokens: int) -> dict[str, np.ndarray]:
    half = SMALL_DECODER.head // 2
    angles = np.outer(np.arange(first, first + tokens), 10.0 ** -np.arange(half))
    return {"cosines": np.cos(angles, dtype=np.float32), "sines": np.sin(angles, dtype=np.float32)}


def written(model: onnx.ModelProto, ids: np.ndarray, cache: dict[str, np.ndarray]):
    """Logits of the last of ``ids``, and the cache with all of them."""
    tokens, past = ids.shape[1], next(iter(cache.values())).shape[2] if cache else 0
    feeds = {"tokens": ids, **turns(past, tokens), **cache}
    if tokens > 1:
        feeds["mask"] = np.triu(np.full((tokens, past + tokens), -1e9, np.float32), past + 1)
    session = session_of(model)
    outs = dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds), strict=True))
    return outs.pop("logits"), {n.replace("present", "past"): a for n, a in outs.items()}


def test_a_step_with_the_cache_says_what_the_whole_prompt_says():
    """Five tokens at once, four and one, two and three: the same logits and the same cache."""
    ids = np.random.default_rng(1).integers(0, 50, (2, 5))
    whole, cache = written(SMALL["prompt"], ids, {})
    for model, first in ((SMALL["step"], 4), (SMALL["more"], 2)):
        before = build_smollm2(tokens=first, past=0, batch=2, config=SMALL_DECODER, weights=weights)
        _, kept = written(before, ids[:, :first], {})
        logits, again = written(model, ids[:, first:], kept)
        np.testing.assert_allclose(logits, whole, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(
            again["past_value.1"], cache["past_value.1"], rtol=1e-3, atol=1e-4
        )


def test_query_heads_that_share_keys_attend_as_by_the_definition():
    """One layer's attention in numpy, head by head, against the graph's grouped products."""
    c = DecoderConfig(words=50, width=24, layers=1, heads=6, shared=2, inner=20)
    model = build_smollm2(tokens=4, past=0, batch=1, config=c, weights=weights)
    ids = np.array([[3, 1, 4, 1]])
    model.graph.output.append(onnx.ValueInfoProto(name="layers.0.attn.out.out"))
    session = session_of(model)
    mask = np.triu(np.full((4, 4), -1e9, np.float32), 1)
    flat = {"cosines": np.ones((4, 2), np.float32), "sines": np.zeros((4, 2), np.float32)}
    found = session.run(
        ["layers.0.attn.out.out"], {"tokens": ids, "mask": mask, **flat}
    )[0][0]  # fmt: skip
    x = weights("words.weight", (50, 24))[ids[0]]
    x = x / np.linalg.norm(x, axis=-1, keepdims=True) * weights("layers.0.norm1.weight", (24,))
    q, k, v = (
        x @ weights(f"layers.0.attn.{n}.weight", (24, w))
        for n, w in (("q", 24), ("k", 12), ("v", 12))
    )
    heads = []
    for head in range(6):
        own, group = slice(4 * head, 4 * head + 4), slice(4 * (head // 2), 4 * (head // 2) + 4)
        scores = q[:, own] @ k[:, group].T + mask
        share = np.exp(scores - scores.max(axis=-1, keepdims=True))
        heads.append(share / share.sum(axis=-1, keepdims=True) @ v[:, group])
    expected = np.concatenate(heads, axis=1) @ weights("layers.0.attn.out.weight", (24, 24))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_sizes_out_of_range_are_refused():
    for name in ("bert-base:tokens=513", "smollm2-135m:past=8192", "whisper-tiny-encoder:frames=7"):
        with pytest.raises(InputError, match="out of range"):
            load_network(name)
