"""The numbers of docs/networks.md: parameters and products of networks that dfsrt builds."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from dfsrt.network import load_network
from dfsrt.network.language import RECIPES as LANGUAGE
from dfsrt.network.llm import llm_names, load_config
from dfsrt.network.speech import RECIPES as SPEECH
from dfsrt.network.tiny import RECIPES as TINY
from dfsrt.network.vision import RECIPES as VISION
from dfsrt.report.network_show import HEADS, network_facts
from dfsrt.report.tables import show


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/networks.md."""
    return {"counts": counts_text(), "llm": llm_text(), "show": show_text()}


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


SHOWN = "llm:llama-3.2-1b"


def llm_text() -> str:
    """Return the table of language models."""
    lines = [
        "| language model | parameters | products a token | attention for each cached token | "
        "cache of a token, fp16 | context | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in llm_names():
        c = load_config(name)
        lines.append(
            f"| `{name}` | {c.parameters:,} | {c.product_weights:,} | {c.attention_macs:,} | "
            f"{c.cache_bytes(2):,} B | {c.context:,} | {c.source} |"
        )
    return "\n".join(lines) + "\n"


def show_text() -> str:
    """Return what ``dfsrt network show`` prints of a language model."""
    written = StringIO()
    show(Console(file=written, width=200, highlight=False), HEADS, network_facts(SHOWN))
    return f"```console\n$ dfsrt network show {SHOWN}\n{written.getvalue()}```\n"
