"""Which tensors are images, and what a channels-last layout has done already."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dfsrt.network import Kind, Layer, Tensor
from dfsrt.network.layout import CHANNELS_LAST, PLAIN, image_flow


def tensor(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape, "float16")


def step(op: str, data: list[Tensor], out: Tensor, kind: Kind = Kind.VECTOR) -> Layer:
    return Layer(f"{op}_{out.name}", op, kind, (), tuple(data), (), (out,))


IMAGE, SAME = tensor("x", 2, 8, 5, 6), tensor("y", 2, 8, 5, 6)
POOLED = tensor("p", 2, 8, 4, 4)


def test_what_a_pool_reads_and_gives_are_images_and_elementwise_layers_pass_them_on():
    layers = [step("MaxPool", [IMAGE], SAME), step("Relu", [SAME], tensor("z", 2, 8, 5, 6))]
    assert image_flow(layers).images == {"x", "y", "z"}


def test_an_elementwise_layer_is_the_same_in_every_layout():
    flow = image_flow([step("MaxPool", [IMAGE], SAME), relu := step("Relu", [SAME], POOLED)])
    assert flow.layout(step("Relu", [SAME], tensor("z", 2, 8, 5, 6))) == PLAIN
    assert flow.layout(relu) == CHANNELS_LAST  # another shape: not element by element


def test_one_number_a_channel_is_on_images():
    scale, out = tensor("s", 2, 8, 1, 1), tensor("z", 2, 8, 5, 6)
    layers = [step("MaxPool", [IMAGE], SAME), step("Mul", [SAME, scale], out)]
    assert image_flow(layers).layout(layers[1]) == CHANNELS_LAST


def test_an_image_turned_to_channels_last_is_done_already_and_so_is_the_way_back():
    last, back = tensor("l", 2, 5, 6, 8), tensor("b", 2, 8, 5, 6)
    layers = [
        step("MaxPool", [IMAGE], SAME),
        step("Transpose", [SAME], last, Kind.MOVE),
        step("LayerNormalization", [last], tensor("n", 2, 5, 6, 8)),
        step("Transpose", [tensor("n", 2, 5, 6, 8)], back, Kind.MOVE),
        step("Relu", [back], tensor("r", 2, 8, 5, 6)),
        step("MaxPool", [tensor("r", 2, 8, 5, 6)], tensor("e", 2, 8, 5, 6)),
    ]
    flow = image_flow(layers)
    assert flow.free == {"Transpose_l", "Transpose_b"}
    assert flow.turned == ()
    assert {"b", "r"} <= flow.images and "l" not in flow.images


def test_keys_of_an_attention_are_really_turned():
    keys, turned = tensor("k", 2, 7, 4, 16), tensor("t", 2, 4, 16, 7)
    assert not image_flow([step("Transpose", [keys], turned, Kind.MOVE)]).free


def test_flattening_an_image_with_more_than_a_pixel_turns_it_once():
    flat = tensor("f", 2, 240)
    layers = [
        step("MaxPool", [IMAGE], SAME),
        step("Flatten", [SAME], flat, Kind.VIEW),
        step("Flatten", [SAME], tensor("g", 2, 240), Kind.VIEW),
    ]
    assert image_flow(layers).turned == ("y",)


def test_flattening_a_pixel_or_splitting_channels_moves_nothing():
    pixel = tensor("q", 2, 8, 1, 1)
    layers = [
        step("GlobalAveragePool", [IMAGE], pixel),
        step("Flatten", [pixel], tensor("f", 2, 8), Kind.VIEW),
        step("MaxPool", [IMAGE], SAME),
        step("Reshape", [SAME], tensor("g", 2, 2, 4, 5, 6), Kind.VIEW),
    ]
    assert image_flow(layers).turned == ()


def test_a_tensor_that_comes_as_no_image_is_turned_for_a_pool():
    shuffled = tensor("s", 2, 8, 5, 6)
    layers = [
        step("MaxPool", [IMAGE], SAME),
        step("Reshape", [tensor("t", 2, 4, 2, 5, 6)], shuffled, Kind.VIEW),
        step("MaxPool", [shuffled], tensor("z", 2, 8, 5, 6)),
    ]
    assert image_flow(layers).turned == ("s",)


@given(st.lists(st.integers(1, 6), min_size=4, max_size=4))
def test_free_transpositions_keep_the_order_of_bytes(shape):
    """Numpy is the oracle: an image stored channels-last, transposed so, lies as it lay."""
    n, c, h, w = shape
    source, out = tensor("y", *shape), tensor("l", n, h, w, c)
    flow = image_flow([step("MaxPool", [IMAGE], source), step("Transpose", [source], out)])
    stored = np.arange(math.prod(shape)).reshape(n, h, w, c)  # channels-last in memory
    image = stored.transpose(0, 3, 1, 2)
    moved = not np.shares_memory(np.ascontiguousarray(image.transpose(0, 2, 3, 1)), stored)
    assert bool(flow.free) is not moved
