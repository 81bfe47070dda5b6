"""Parts that several of the networks are made of: layers of Stable Diffusion."""

from __future__ import annotations

from dfsrt.network.kit.builder import Builder
from dfsrt.network.kit.parts import conv, linear, reshape, silu

GROUPS = 32


def group_norm(b: Builder, x: str, name: str, channels: int, side: int, epsilon: float) -> str:
    """Add a normalization over groups of channels of a picture ``side`` pixels wide and high."""
    scale = b.weight(f"{name}.weight", (channels,), 1.0)
    shift = b.weight(f"{name}.bias", (channels,))
    groups = min(GROUPS, channels)
    made = b.node("GroupNormalization", [x, scale, shift], name, num_groups=groups, epsilon=epsilon)
    return b.declare(str(made), (b.batch, channels, side, side))


def resnet(
    b: Builder, x: str, name: str, channels: tuple[int, int], side: int, epsilon: float,
    time: str = "", time_width: int = 0,
) -> str:  # fmt: skip
    """Add a residual block, with the time's embedding where there is one."""
    before, after = channels
    y = silu(b, group_norm(b, x, f"{name}.norm1", before, side, epsilon), f"{name}.act1")
    y = conv(b, y, f"{name}.conv1", (before, after))
    if time:
        shift = linear(b, silu(b, time, f"{name}.time.act"), f"{name}.time", (time_width, after))
        y = b.node("Add", [y, reshape(b, shift, f"{name}.time.map", [0, after, 1, 1])],
                   f"{name}.time.add")  # fmt: skip
    y = silu(b, group_norm(b, y, f"{name}.norm2", after, side, epsilon), f"{name}.act2")
    y = conv(b, y, f"{name}.conv2", (after, after))
    if before != after:
        x = conv(b, x, f"{name}.shortcut", (before, after), kernel=1)
    return b.node("Add", [x, y], f"{name}.add")
