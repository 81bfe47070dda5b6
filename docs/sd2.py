"""The numbers of docs/sd2.md: counts of the graphs, and the article's claims against them."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from dfsrt.network import load_network
from dfsrt.network.built import build_network

NAMES = ("sd2-vae-encoder", "sd2-text-encoder", "sd2-unet", "sd2-vae-decoder")


@cache
def macs_by_kind(name: str, image: int = 512) -> dict[str, int]:
    """Return the MACs of convolutions, linear layers and attention, from the graph's shapes."""
    model = build_network(name, {"image": image} if "text" not in name else {})
    graph = model.graph
    infos = (*graph.input, *graph.value_info, *graph.output)
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in infos}
    weights = {n.output[0] for n in graph.node if n.op_type == "ConstantOfShape"}
    found = {"convolution": 0, "linear": 0, "attention": 0}
    for node in graph.node:
        out = math.prod(shapes[node.output[0]])
        if node.op_type == "Conv":
            found["convolution"] += out * math.prod(shapes[node.input[1]][1:])
        elif node.op_type == "MatMul":
            kind = "linear" if node.input[1] in weights else "attention"
            found[kind] += out * shapes[node.input[0]][-1]
    return found


def counts_text() -> str:
    """Return the table of parameters and MACs."""
    lines = [
        "| network | parameters | MACs | convolution | linear | attention | GMAC at 768 |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        network, kinds = load_network(name), macs_by_kind(name)
        shares = " | ".join(f"{kinds[k] / network.macs:.1%}" for k in kinds)
        larger = "same" if "text" in name else f"{load_network(f'{name}:image=768').macs / 1e9:.1f}"
        lines.append(f"| `{name}` | {network.params:,} | {network.macs:,} | {shares} | {larger} |")
    return "\n".join(lines) + "\n"


def frame_macs(steps: int) -> int:
    """MACs of a painted frame: two prompts, an encode, a UNet batch of two each step, a decode."""
    macs = {name: load_network(name).macs for name in NAMES}
    once = 2 * macs["sd2-text-encoder"] + macs["sd2-vae-encoder"] + macs["sd2-vae-decoder"]
    return once + 2 * steps * macs["sd2-unet"]


def claims() -> list[tuple[str, str, str]]:
    """Return (claim of the article, what the graphs say, verdict)."""
    unet, text = load_network("sd2-unet"), load_network("sd2-text-encoder")
    kinds: dict[str, Any] = {name: macs_by_kind(name) for name in NAMES}

    def share(name: str, *parts: str) -> str:
        whole = sum(kinds[name].values())
        return f"{sum(kinds[name][p] for p in parts) / whole:.1%}"

    words = 49_408 * 1024 + 77 * 1024
    conv = "convolution"
    return [
        ("the UNet has 865 M parameters", f"{unet.params:,}", "yes"),
        (
            "84 % of the UNet is convolution",
            f"convolution {share('sd2-unet', conv)} of MACs; with linear layers "
            f"{share('sd2-unet', conv, 'linear')}",
            "no",
        ),
        (
            "16 % of the UNet is attention",
            f"{share('sd2-unet', 'attention')} of MACs",
            "yes",
        ),
        (
            "the text encoder has 85 M parameters (77 x 768)",
            f"{text.params:,}, of them {text.params - words:,} outside the embeddings; "
            "77 x 1024. 85 M is the SD v1 encoder without embeddings",
            "no",
        ),
        (
            "98 % of autoencoder and text encoder is convolution",
            f"decoder {share('sd2-vae-decoder', conv)}, encoder "
            f"{share('sd2-vae-encoder', conv)}, text encoder {share('sd2-text-encoder', conv)}",
            "for the decoder only",
        ),
        (
            "latency improves by 33 %",
            f"the paper says 33 % more FPS: latency falls by {1 - 1 / 1.33:.1%}",
            "no",
        ),
        (
            "a 1200 mWh battery gives 600 h at 2 W",
            f"{1.2 / 2:.1f} h; 600 h needs {600 * 2:,} Wh, and a phone has 12 to 20",
            "no: a unit is wrong by 1000",
        ),
    ]


def claims_text() -> str:
    """Return the table of claims."""
    lines = ["| the article says | the graphs say | verdict |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {a} | {b} | {c} |" for a, b, c in claims())]) + "\n"


def frames_text() -> str:
    """Return the work of a painted frame."""
    lines = ["| steps | MACs of a painted frame | UNet |", "|---|---|---|"]
    unet = load_network("sd2-unet").macs
    for steps in (20, 50):
        whole = frame_macs(steps)
        lines.append(f"| {steps} | {whole:,} | {2 * steps * unet / whole:.1%} |")
    return "\n".join(lines) + "\n"


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/sd2.md."""
    return {"counts": counts_text(), "frames": frames_text(), "claims": claims_text()}
