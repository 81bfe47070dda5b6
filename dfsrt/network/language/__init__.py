"""Networks of language, built from published shapes: texts, speech, a small model that writes."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

_BATCH = Size(1, 1, 64)


def _recipe(what: str, maker: str, **sizes: Size) -> Recipe:
    shown = ":".join(f"{dim}={size.default}" for dim, size in sizes.items())
    description = f"{what}, built by dfsrt from published shapes; sizes as NAME:{shown}:batch=1"
    return Recipe(description, {**sizes, "batch": _BATCH}, f"dfsrt.network.language.{maker}")


RECIPES: Mapping[str, Recipe] = {
    "bert-base": _recipe(
        "BERT-base uncased with its pooler; texts", "bert:build_bert", tokens=Size(128, 1, 512)
    ),
    "smollm2-135m": _recipe(
        "SmolLM2-135M, a decoder with its cache: a prompt's tokens, or with past=N the next ones",
        "smollm:build_smollm2",
        tokens=Size(128, 1, 8192),
        past=Size(0, 0, 8191),
    ),
    "whisper-tiny-encoder": _recipe(
        "Whisper tiny's encoder; 30 seconds of speech",
        "whisper:build_whisper_encoder",
        frames=Size(3000, 2, 3000, 2),
    ),
}
