"""Language models as networks to build: their sizes by phase, and who builds them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.base.names import unknown_name
from dfsrt.network.kit.recipe import Recipe, Size
from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.llm.shelf import load_config

if TYPE_CHECKING:
    import onnx

PHASES = ("decode", "prefill", "mixed")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "phase": PHASES,
    "act": ("int8", "fp16"),
    "kv": ("fp16", "int8"),
}
"""What is chosen by a word, the default first: what products multiply in, what the cache holds."""
PRECISION = "fp16"
_BLOCKS = tuple(2**n for n in range(4, 13))
MOST_TOKENS = 4096
"""Tokens that a pass takes in, at most."""


def llm_recipe(name: str, phase: str) -> Recipe:
    """Return how a language model is built for a phase.

    Raises:
        NetworkError: no such model or phase, or a file that makes no model.
    """
    if phase not in PHASES:
        raise NetworkError(f"network '{name}': {unknown_name('phase', phase, PHASES)}")
    return Recipe(
        describe(name), _sizes(load_config(name), phase), "dfsrt.network.llm.recipe:build_llm",
        {"name": name}, CHOICES, PRECISION,
    )  # fmt: skip


def describe(name: str) -> str:
    """Return what people read about a language model."""
    c = load_config(name)
    return (
        f"a language model of {c.parameters / 1e9:.2f} G parameters and a context of "
        f"{c.context:,}; as NAME:bits=4:block=32:phase=decode:context=128:batch=1, or "
        "phase=prefill:tokens=128"
    )


def _sizes(c: LlmConfig, phase: str) -> dict[str, Size]:
    past, most = (128 if phase == "decode" else 0), min(c.context, MOST_TOKENS)
    sizes = {"bits": Size(4, 4, 8, 4), "block": Size(32, 0, 4096, 16)}
    sizes["context"] = Size(min(past, c.context), 0, c.context)
    if phase != "decode":
        sizes["tokens"] = Size(min(128, most), 1, most)
    if phase == "mixed":
        return {**sizes, "answers": Size(1, 1, most)}
    return {**sizes, "batch": Size(1, 1, 1024)}


def build_llm(
    *,
    name: str,
    phase: str,
    act: str,
    kv: str,
    bits: int,
    block: int,
    context: int,
    precision: str,
    tokens: int = 1,
    batch: int = 1,
    answers: int = 0,
) -> onnx.ModelProto:
    """Return the graph of a pass of the language model called ``name``, as ``pass_model`` has it.

    A pass of ``phase`` decode takes one token of each sequence in, one of prefill ``tokens`` of
    each; in a mixed one each of ``tokens`` stands alone behind its own ``context``, and
    ``answers`` of them ask for a next one.

    Raises:
        NetworkError: more tokens than the model attends to, or blocks that do not fit.
    """
    from dfsrt.network.llm.blocks import Blocks
    from dfsrt.network.llm.columns import Columns
    from dfsrt.network.llm.graph import Pass, pass_model

    config = load_config(name)
    _check(name, config, phase, context, tokens)
    _check_block(name, config, bits, block)
    if phase == "mixed":
        sizes = Pass(tokens, 1, context, min(answers, tokens), kv)
    else:
        sizes = Pass(batch, tokens, context, batch, kv)
    return pass_model(
        name, config, sizes, Blocks(bits, block, act) if block else Columns(act), precision
    )


def _check(name: str, c: LlmConfig, phase: str, context: int, tokens: int) -> None:
    if phase == "prefill" and context + tokens > c.context:
        raise NetworkError(
            f"network '{name}': context={context} and tokens={tokens} are more than the "
            f"{c.context:,} tokens that the model attends to; give fewer"
        )


def _check_block(name: str, c: LlmConfig, bits: int, block: int) -> None:
    rows = math.gcd(*(rows for _, rows, _ in c.products))
    allowed = [str(n) for n in _BLOCKS if not rows % n]
    if block == 0 and bits == 8:
        return
    if str(block) not in allowed:
        use = f"use one of {', '.join(allowed)}, powers" if allowed else "there are no powers"
        raise NetworkError(
            f"network '{name}': block={block} is not allowed; {use} of two that divide all "
            f"columns of {rows}; or bits=8:block=0, one scale a column"
        )
