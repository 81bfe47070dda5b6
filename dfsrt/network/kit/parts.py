"""Parts that networks are made of: convolutions, products, attention, and the moves between."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.network.kit.builder import Attribute, Builder


def conv(
    b: Builder,
    x: str,
    name: str,
    channels: tuple[int, int],
    kernel: int = 3,
    stride: int = 1,
    pads: Sequence[int] | None = None,
    *,
    groups: int = 1,
    dilation: int = 1,
    bias: bool = True,
) -> str:
    """Add a convolution from and to ``channels``; without ``pads`` a stride of 1 keeps the size."""
    before, after = channels[0] // groups, channels[1]
    edge = dilation * (kernel // 2)
    weight = b.weight(f"{name}.weight", (after, before, kernel, kernel), 1 / (before * kernel**2))
    operands = [x, weight, *([b.weight(f"{name}.bias", (after,))] if bias else [])]
    shape: dict[str, Attribute] = {"group": groups} if groups > 1 else {}
    if dilation > 1:
        shape["dilations"] = [dilation] * 2
    return str(
        b.node(
            "Conv", operands, name,
            kernel_shape=[kernel, kernel], strides=[stride, stride],
            pads=list(pads or [edge] * 4), domain="", **shape,
        )
    )  # fmt: skip


def linear(b: Builder, x: str, name: str, sizes: tuple[int, int], bias: bool = True) -> str:
    """Add a product with a weight of shape (in, out), and a bias."""
    weight = b.weight(f"{name}.weight", sizes, 1 / sizes[0])
    product = b.node("MatMul", [x, weight], f"{name}.matmul" if bias else name)
    if not bias:
        return str(product)
    return b.node("Add", [product, b.weight(f"{name}.bias", (sizes[1],))], name)


def layer_norm(b: Builder, x: str, name: str, width: int) -> str:
    """Add a normalization over the last axis."""
    scale = b.weight(f"{name}.weight", (width,), 1.0)
    shift = b.weight(f"{name}.bias", (width,))
    return b.node("LayerNormalization", [x, scale, shift], name, epsilon=1e-5)


def silu(b: Builder, x: str, name: str) -> str:
    """Add x · sigmoid(x)."""
    return b.node("Mul", [x, b.node("Sigmoid", [x], f"{name}.sigmoid")], name)


def reshape(b: Builder, x: str, name: str, shape: Sequence[int]) -> str:
    """Add a reshape; 0 keeps an axis."""
    return b.node("Reshape", [x, b.ints(f"{name}.shape", shape)], name)


def transpose(b: Builder, x: str, name: str, order: Sequence[int]) -> str:
    """Add a transposition."""
    return b.node("Transpose", [x], name, perm=list(order))


def upsample(b: Builder, x: str, name: str) -> str:
    """Add a doubling of height and width, each pixel repeated."""
    scales = b.floats(f"{name}.scales", [1, 1, 2, 2])
    return str(
        b.node(
            "Resize", [x, "", scales], name, mode="nearest",
            coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )
    )  # fmt: skip


def attention(
    b: Builder,
    x: str,
    name: str,
    width: int,
    heads: int,
    *,
    context: str = "",
    context_width: int = 0,
    bias: bool = False,
    key_bias: bool = True,
    added: str = "",
) -> str:
    """Add attention of ``x`` (batch, length, width) to itself or to ``context``.

    The scale 1 / sqrt(head) is folded into the query's weights, as compilers do. ``added`` is
    added to the scores before the softmax. Without ``key_bias`` the keys alone have no bias.
    """
    source = context or x
    from_width = context_width or width
    q = linear(b, x, f"{name}.to_q", (width, width), bias)
    k = linear(b, source, f"{name}.to_k", (from_width, width), bias and key_bias)
    v = linear(b, source, f"{name}.to_v", (from_width, width), bias)
    head = width // heads
    q, k, v = (
        reshape(b, t, f"{name}.{what}.heads", [0, -1, heads, head])
        for t, what in ((q, "q"), (k, "k"), (v, "v"))
    )
    q = transpose(b, q, f"{name}.q.transpose", [0, 2, 1, 3])
    k = transpose(b, k, f"{name}.k.transpose", [0, 2, 3, 1])
    v = transpose(b, v, f"{name}.v.transpose", [0, 2, 1, 3])
    scores = b.node("MatMul", [q, k], f"{name}.scores")
    if added:
        scores = b.node("Add", [scores, added], f"{name}.mask")
    share = b.node("Softmax", [scores], f"{name}.softmax", axis=-1)
    mixed = b.node("MatMul", [share, v], f"{name}.mix")
    mixed = transpose(b, mixed, f"{name}.mix.transpose", [0, 2, 1, 3])
    mixed = reshape(b, mixed, f"{name}.mix.join", [0, -1, width])
    return linear(b, mixed, f"{name}.to_out", (width, width))
