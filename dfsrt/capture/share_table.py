"""What ``dfsrt activity`` prints: zeros by layer."""

from __future__ import annotations

from rich.console import Console

from dfsrt.capture.zeros import Zeros
from dfsrt.report.tables import say, show


def zeros_table(console: Console, zeros: Zeros) -> None:
    """Print the layers with products and what is zero of their operands, and of all together."""
    network = zeros.network
    products = [(layer, zeros.shares[layer.name]) for layer in network.layers if layer.gemms]
    busy = {a.name: (1 - (s.zero_inputs or 0)) * (1 - (s.zero_weights or 0)) for a, s in products}
    idle = sum(a.macs * (1 - busy[a.name]) for a, _ in products) / max(network.macs, 1)
    say(
        console,
        f"{network.name}: {idle:.1%} of {network.macs:,} multiply-accumulates have a zero in them, "
        "its operands taken as independent",
        *(f"note: {note}" for note in network.notes),
        f"{zeros.samples} sample{'s' if zeros.samples != 1 else ''}: {zeros.what}",
    )
    heads = ("<layer", "<op", "MACs", "zero inputs", "zero weights", "with a zero")
    rows = (
        (
            a.name,
            a.op,
            f"{a.macs:,}",
            f"{s.zero_inputs or 0:.1%}",
            f"{s.zero_weights or 0:.1%}",
            f"{1 - busy[a.name]:.1%}",
        )
        for a, s in products
    )
    show(console, heads, rows)
