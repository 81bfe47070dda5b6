"""Configurations as model hubs publish them: config.json."""

from __future__ import annotations

from typing import cast

import msgspec

from dfsrt.base.errors import NetworkError
from dfsrt.base.tomlfile import Table

_NAMES = {
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "width": "hidden_size",
    "feed_forward": "intermediate_size",
    "vocabulary": "vocab_size",
    "context": "max_position_embeddings",
}
_ALIKE = ("llama", "mistral", "phi3", "qwen2")
"""Kinds of models that are built like Llama: RMS norms, a gated SiLU, positions by rotation."""


def from_published(text: str, name: str, where: str) -> Table:
    """Return what a ``config.json`` says, by the names of ``LlmConfig``.

    Raises:
        NetworkError: no JSON, a model of another kind, or a number that is missing.
    """
    try:
        said = msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise NetworkError(f"{where} is no JSON object ({error}); correct the file") from error
    kind = said.get("model_type")
    if kind not in _ALIKE:
        raise NetworkError(
            f"{where}: model_type {kind!r} is not read; allowed are {', '.join(_ALIKE)}: write "
            "the numbers into a .toml file"
        )
    missing = [key for key in _NAMES.values() if said.get(key) is None]
    if missing:
        raise NetworkError(f"{where}: key '{missing[0]}' is missing; add it")
    found = {own: said[key] for own, key in _NAMES.items()}
    return {"name": name, "source": f"its config.json, {kind}", **found, **_derived(said, where)}


def _derived(said: Table, where: str) -> Table:
    """What a file may leave out, because it follows from other numbers or from the kind."""
    heads, width = said["num_attention_heads"], said["hidden_size"]
    if type(heads) is not int or type(width) is not int or heads < 1:
        raise NetworkError(f"{where}: num_attention_heads and hidden_size must be whole numbers")
    tied, bias = said.get("tie_word_embeddings", False), said.get("attention_bias", False)
    return {
        "key_value_heads": said.get("num_key_value_heads") or heads,
        "head_width": said.get("head_dim") or width // heads,
        "tied": cast(bool, tied),
        "qkv_bias": said["model_type"] == "qwen2" or cast(bool, bias),
    }
