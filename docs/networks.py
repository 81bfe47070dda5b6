"""The numbers of docs/networks.md: parameters and products of the networks of truth."""

from __future__ import annotations

from dfsrt.network import load_network
from dfsrt.network.language import RECIPES as LANGUAGE
from dfsrt.network.speech import RECIPES as SPEECH
from dfsrt.network.tiny import RECIPES as TINY
from dfsrt.network.vision import RECIPES as VISION


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/networks.md."""
    return {"counts": counts_text()}


def counts_text() -> str:
    """Return the table of sizes, parameters and MACs."""
    lines = ["| network | sizes and their defaults | parameters | MACs |", "|---|---|---|---|"]
    for name, recipe in {**VISION, **TINY, **SPEECH, **LANGUAGE}.items():
        network = load_network(name)
        sizes = ", ".join(
            dim if size.like else f"{dim}={size.default}" for dim, size in recipe.sizes.items()
        )
        lines.append(f"| `{name}` | {sizes} | {network.params:,} | {network.macs:,} |")
    return "\n".join(lines) + "\n"
