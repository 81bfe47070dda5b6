"""Swin-T: a transformer whose attention looks through windows that move from block to block.

Source: Liu et al., Swin Transformer: Hierarchical Vision Transformer using Shifted Windows, ICCV
2021, sections 3.1 and 3.3 (Swin-T).
"""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import conv, layer_norm, linear, reshape, transpose
from dfsrt.network.vision.draft import ACTIVATIONS, Draft, Feature

WIDTH, PATCH, WINDOW, INNER = 96, 4, 7, 4
STAGES = ((2, 3), (2, 6), (6, 12), (2, 24))
"""Blocks and heads; each stage is twice as wide as the one before, on a quarter of the pixels."""


def build_swin_t(
    *, image: int, height: int, batch: int, classes: int, precision: str = "fp32"
) -> onnx.ModelProto:
    """Return Swin-T; pictures are whole windows on every stage.

    Limits: a head's table of biases is stored spread out, a number for each pair of pixels, and of
    blocks whose windows moved with the mask in it, for each window, as compilers fold them.
    """
    b = Builder("swin_t", batch, precision)
    x = conv(b, b.input("picture", (batch, 3, height, image)), "patches", (3, WIDTH), PATCH, PATCH,
             [0] * 4)  # fmt: skip
    x = layer_norm(b, transpose(b, x, "pixels", [0, 2, 3, 1]), "patches.norm", WIDTH)
    sides, width = (height // PATCH, image // PATCH), WIDTH
    for stage, (blocks, heads) in enumerate(STAGES):
        if stage:
            x = _merged(b, x, f"stage{stage}.merge", width, sides)
            sides, width = (sides[0] // 2, sides[1] // 2), 2 * width
        for i in range(blocks):
            moved = i % 2 == 1 and min(sides) > WINDOW
            x = _block(b, x, f"stage{stage}.{i}", width, heads, sides, moved)
    x = transpose(b, layer_norm(b, x, "norm", width), "channels", [0, 3, 1, 2])
    b.output(Draft(b, "gelu").classify(Feature(x, width), classes), "scores", (batch, classes))
    return b.model()


def _merged(b: Builder, x: str, name: str, width: int, sides: tuple[int, int]) -> str:
    """Join each two by two pixels and halve their channels."""
    rows, columns = sides[0] // 2, sides[1] // 2
    x = reshape(b, x, f"{name}.cut", [b.batch, rows, 2, columns, 2, width])
    x = transpose(b, x, f"{name}.transpose", [0, 1, 3, 4, 2, 5])
    x = reshape(b, x, f"{name}.join", [b.batch, rows, columns, 4 * width])
    x = layer_norm(b, x, f"{name}.norm", 4 * width)
    return linear(b, x, name, (4 * width, 2 * width), bias=False)


def _block(
    b: Builder, x: str, name: str, width: int, heads: int, sides: tuple[int, int], moved: bool
) -> str:
    """Add attention in windows and a feed-forward part, each around a residual."""
    y = layer_norm(b, x, f"{name}.norm1", width)
    y = _rolled(b, y, f"{name}.roll", WINDOW // 2) if moved else y
    y = _windows(b, y, f"{name}.windows", width, sides)
    y = _attention(b, y, f"{name}.attn", width, heads, moved, sides)
    y = _whole(b, y, f"{name}.whole", width, sides)
    y = _rolled(b, y, f"{name}.unroll", -(WINDOW // 2)) if moved else y
    x = b.node("Add", [x, y], f"{name}.add1")
    y = linear(b, layer_norm(b, x, f"{name}.norm2", width), f"{name}.fc1", (width, INNER * width))
    y = linear(b, ACTIVATIONS["gelu"](b, y, f"{name}.act"), f"{name}.fc2", (INNER * width, width))
    return b.node("Add", [x, y], f"{name}.add2")


def _attention(
    b: Builder, x: str, name: str, width: int, heads: int, moved: bool, sides: tuple[int, int]
) -> str:
    """Add attention in each window of ``x``, (batch, windows, pixels, channels).

    The scale 1 / sqrt(head) is folded into the query's weights, as compilers do.
    """
    inside, head = WINDOW * WINDOW, width // heads
    parts = []
    for what, order in (("q", (0, 1, 3, 2, 4)), ("k", (0, 1, 3, 4, 2)), ("v", (0, 1, 3, 2, 4))):
        y = linear(b, x, f"{name}.{what}", (width, width))
        y = reshape(b, y, f"{name}.{what}.heads", [0, 0, 0, heads, head])
        parts.append(transpose(b, y, f"{name}.{what}.transpose", order))
    windows = sides[0] * sides[1] // inside if moved else 1
    bias = b.weight(f"{name}.biases", (1, windows, heads, inside, inside))
    scores = b.node("Add", [b.node("MatMul", parts[:2], f"{name}.scores"), bias], f"{name}.bias")
    share = b.node("Softmax", [scores], f"{name}.softmax", axis=-1)
    mixed = b.node("MatMul", [share, parts[2]], f"{name}.mix")
    mixed = transpose(b, mixed, f"{name}.mix.transpose", [0, 1, 3, 2, 4])
    return linear(b, reshape(b, mixed, f"{name}.join", [0, 0, 0, width]), f"{name}.out",
                  (width, width))  # fmt: skip


def _rolled(b: Builder, x: str, name: str, by: int) -> str:
    """Move rows and columns by so many pixels; what leaves at one end comes in at the other."""
    for axis in (1, 2):
        ends = (("tail", by, 2**31 - 1), ("head", 0, by))
        pieces = [
            b.node("Slice", [x, *(b.ints(f"{name}{axis}.{what}.{k}", [v])
                                  for k, v in (("start", start), ("end", end), ("axis", axis)))],
                   f"{name}{axis}.{what}")
            for what, start, end in ends
        ]  # fmt: skip
        x = b.node("Concat", pieces, f"{name}{axis}", axis=axis)
    return x


def _windows(b: Builder, x: str, name: str, width: int, sides: tuple[int, int]) -> str:
    rows, columns = sides[0] // WINDOW, sides[1] // WINDOW
    x = reshape(b, x, f"{name}.cut", [b.batch, rows, WINDOW, columns, WINDOW, width])
    x = transpose(b, x, f"{name}.transpose", [0, 1, 3, 2, 4, 5])
    return reshape(b, x, name, [b.batch, rows * columns, WINDOW * WINDOW, width])


def _whole(b: Builder, x: str, name: str, width: int, sides: tuple[int, int]) -> str:
    rows, columns = sides[0] // WINDOW, sides[1] // WINDOW
    x = reshape(b, x, f"{name}.cut", [b.batch, rows, columns, WINDOW, WINDOW, width])
    x = transpose(b, x, f"{name}.transpose", [0, 1, 3, 2, 4, 5])
    return reshape(b, x, name, [b.batch, *sides, width])
