"""Stable Diffusion v2: exact counts, valid files, and graphs that compute what they should."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.network import from_onnx_model, load_network
from dfsrt.network.built import build_network
from dfsrt.network.sd2 import RECIPES
from dfsrt.network.sd2.config import TextConfig, UnetConfig, VaeConfig
from dfsrt.network.sd2.text import build_text_encoder
from dfsrt.network.sd2.unet import build_unet
from dfsrt.network.sd2.vae import build_decoder, build_encoder
from tests.helpers.graphs import session_of, shapes_of

# Parameters and MACs at 512 x 512; MACs at 768 x 768 in 10^9. Source: counted by operator on the
# public configurations, instantiated in PyTorch; agrees with the exported graphs.
PUBLISHED = {
    "sd2-unet": (865_925_124, 402_187_714_560, 1074.7),
    "sd2-vae-encoder": (34_163_664, 558_329_233_408, 1304.6),
    "sd2-vae-decoder": (49_490_199, 1_257_259_466_752, 2877.2),
    "sd2-text-encoder": (340_387_840, 22_563_616_768, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_and_macs_are_the_published_ones(name):
    network = load_network(name)
    assert (network.params, network.macs) == PUBLISHED[name][:2]


@pytest.mark.parametrize("name", [n for n in PUBLISHED if PUBLISHED[n][2]])
def test_macs_at_768_pixels_are_the_published_ones(name):
    macs = load_network(f"{name}:image=768").macs
    assert round(macs / 1e9, 1) == PUBLISHED[name][2]


def counted_from_the_graph(model):
    """Parameters and MACs by kind, from the file alone."""
    shapes = shapes_of(model)
    params = sum(math.prod(shapes[n.output[0]]) for n in model.graph.node
                 if n.op_type == "ConstantOfShape")  # fmt: skip
    weights = {n.output[0] for n in model.graph.node if n.op_type == "ConstantOfShape"}
    macs = dict.fromkeys(("conv", "linear", "attention"), 0)
    for node in model.graph.node:
        if node.op_type == "Conv":
            _, per_group, *kernel = shapes[node.input[1]]
            macs["conv"] += math.prod(shapes[node.output[0]]) * per_group * math.prod(kernel)
        if node.op_type == "MatMul":
            kind = "linear" if node.input[1] in weights else "attention"
            macs[kind] += math.prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return params, macs


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_independent_count_of_the_file_gives_the_same(name):
    params, macs = counted_from_the_graph(build_network(name))
    assert (params, sum(macs.values())) == PUBLISHED[name][:2]


def test_the_unet_is_half_convolution_a_third_linear_and_a_sixth_attention():
    _, macs = counted_from_the_graph(build_network("sd2-unet"))
    total = sum(macs.values())
    assert {k: round(v / 1e9, 1) for k, v in macs.items()} == {
        "conv": 209.2, "linear": 129.9, "attention": 63.0,
    }  # fmt: skip
    assert [round(100 * v / total, 1) for v in macs.values()] == [52.0, 32.3, 15.7]


def test_the_unet_has_the_published_numbers_of_layers():
    ops = [n.op_type for n in build_network("sd2-unet").graph.node]
    weights = sum(1 for op in ops if op == "MatMul")
    assert ops.count("Conv") == 66
    assert (weights - 2 * 32, ops.count("Softmax")) == (216, 32)
    assert (ops.count("GroupNormalization"), ops.count("LayerNormalization")) == (61, 48)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", RECIPES)
def test_files_are_valid_small_and_know_all_their_shapes(name, precision):
    model = build_network(name, precision=precision)
    onnx.checker.check_model(model, full_check=True)
    assert len(model.SerializeToString()) < 1_000_000
    shapes = shapes_of(model)
    made = [out for node in model.graph.node for out in node.output]
    assert all(shapes.get(out) and 0 not in shapes[out] for out in made)
    names = [node.name for node in model.graph.node]
    assert all(names) and len(set(names)) == len(names)


def random_weights(seed):
    rng = np.random.default_rng(seed)

    def weights(name, shape):
        if name.endswith("bias"):
            return rng.normal(0, 0.1, shape)
        if "norm" in name:
            return rng.normal(1, 0.1, shape)
        fan_in = shape[0] if len(shape) == 2 else math.prod(shape[1:])
        return rng.normal(0, 1 / math.sqrt(fan_in), shape)

    return weights


SMALL_UNET = UnetConfig(channels=(32, 64, 64, 64), layers=1, head=16, context=24)
SMALL_VAE = VaeConfig(channels=(32, 32, 64, 64), layers=1)
SMALL_TEXT = TextConfig(width=32, heads=2, layers=2, inner=64, words=50, positions=7)
BUILDS = {
    "unet": lambda w, p="fp32": build_unet(64, 2, 7, p, config=SMALL_UNET, weights=w),
    "encoder": lambda w, p="fp32": build_encoder(64, 1, p, config=SMALL_VAE, weights=w),
    "decoder": lambda w, p="fp32": build_decoder(64, 1, p, config=SMALL_VAE, weights=w),
    "text": lambda w, p="fp32": build_text_encoder(2, 7, p, config=SMALL_TEXT, weights=w),
}


def feed(model, seed=0):
    rng = np.random.default_rng(seed)
    fed = {}
    for info in model.graph.input:
        shape = tuple(d.dim_value for d in info.type.tensor_type.shape.dim)
        if info.name == "tokens":
            fed[info.name] = rng.integers(0, 50, shape)
        elif info.name == "causal_mask":
            fed[info.name] = np.triu(np.full(shape, -np.inf), 1).astype(np.float32)
        else:
            fed[info.name] = rng.normal(size=shape).astype(np.float32)
    return fed


def as_fp16(array):
    return array if array.dtype == np.int64 else array.astype(np.float16)


def run(model, fed):
    return session_of(model).run(None, fed)


@pytest.mark.parametrize("name", BUILDS)
def test_reduced_graphs_run_in_onnxruntime_and_do_not_die_out(name):
    model = BUILDS[name](random_weights(1))
    (out,) = run(model, feed(model))
    assert out.shape == shapes_of(model)[model.graph.output[0].name]
    assert np.isfinite(out).all() and 0.01 < out.std() < 100


@pytest.mark.parametrize("name", [n for n in BUILDS if n != "unet"])
def test_half_precision_graphs_compute_the_same_to_half_precision(name):
    model, half = (BUILDS[name](random_weights(1), p) for p in ("fp32", "fp16"))
    fed = feed(model)
    (expected,) = run(model, fed)
    (out,) = run(half, {key: as_fp16(array) for key, array in fed.items()})
    assert out.dtype == np.float16
    np.testing.assert_allclose(out, expected, rtol=0, atol=0.02 * np.abs(expected).max())


def test_the_unet_in_half_precision_computes_the_same_to_half_precision():
    # At 64 pixels the lowest level normalizes two numbers at a time, which rounds badly.
    model, half = (
        build_unet(128, 1, 7, p, config=SMALL_UNET, weights=random_weights(1))
        for p in ("fp32", "fp16")
    )
    fed = feed(model)
    (expected,) = run(model, fed)
    (out,) = run(half, {key: as_fp16(array) for key, array in fed.items()})
    np.testing.assert_allclose(out, expected, rtol=0, atol=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("name", BUILDS)
def test_reduced_graphs_without_data_run_too(name):
    model = BUILDS[name](None)
    (out,) = run(model, feed(model))
    assert np.isfinite(out).all()
    assert from_onnx_model(model, name).macs > 0


def test_the_text_encoder_does_not_look_ahead():
    model = BUILDS["text"](random_weights(2))
    fed = feed(model)
    (before,) = run(model, fed)
    fed["tokens"][:, -1] = (fed["tokens"][:, -1] + 1) % 50
    (after,) = run(model, fed)
    assert np.array_equal(before[:, :-1], after[:, :-1])
    assert not np.allclose(before[:, -1], after[:, -1])


def test_the_scheduler_step_is_guidance_and_ddim():
    model = build_network("sd2-scheduler", {"image": 64, "batch": 2})
    fed = feed(model, 5)
    latents, sample = run(model, fed)
    plain, told = fed["noise"][:1], fed["noise"][1:]
    noise = plain + fed["guidance"] * (told - plain)
    expected = fed["keep"] * fed["latents"] + fed["add"] * noise
    np.testing.assert_allclose(latents, expected, rtol=1e-5, atol=1e-6)
    nine = np.concatenate([expected, fed["mask"], fed["masked_latents"]], axis=1)
    np.testing.assert_allclose(sample, np.concatenate([nine, nine]), rtol=1e-5, atol=1e-6)


def test_a_batch_of_two_doubles_the_unet_work_but_not_its_parameters():
    one, two = load_network("sd2-unet:image=64"), load_network("sd2-unet:image=64:batch=2")
    assert (two.params, two.macs) == (one.params, 2 * one.macs)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sd2-unet:image=100", "steps of 64"),
        ("sd2-unet:image=8192", "allowed is 64 to 4096"),
        ("sd2-unet:imag=64", "did you mean 'image'"),
        ("sd2-unet:image=big", "no whole number"),
        ("sd2-text-encoder:image=64", "unknown dimension 'image'"),
        ("sd2-scheduler:batch=3", "allowed is 1 to 2"),
        ("sd2-une", "did you mean 'sd2-unet'"),
        ("sd2-unet:image=64,image=128", "sets 'image' twice"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        load_network(name)


@pytest.mark.parametrize("size", [512.0, "512", True, -64, 0])
def test_a_size_that_is_no_whole_number_above_zero_is_refused(size):
    with pytest.raises(NetworkError, match="out of range; allowed is 64 to 4096 in steps of 64"):
        load_network("sd2-unet", dims={"image": size})


def test_a_size_in_the_name_and_beside_it_is_refused():
    with pytest.raises(NetworkError, match="sets 'image' to 64, and the dims to 128; set it once"):
        load_network("sd2-unet:image=64", dims={"image": 128})


def test_sizes_in_the_name_beside_it_and_between_commas_are_the_same():
    by_name = load_network("sd2-unet:image=64:batch=2")
    assert load_network("sd2-unet:image=64,batch=2") == by_name
    assert load_network("sd2-unet", dims={"image": 64, "batch": 2}).layers == by_name.layers
