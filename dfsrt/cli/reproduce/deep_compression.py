"""``dfsrt reproduce deep-compression``: the paper's tables from its own sparsities and bits."""

from __future__ import annotations

from dfsrt.cli import options
from dfsrt.cli.output import check_outputs
from dfsrt.cli.reproduce.publish import publish


def deep_compression(json: options.Json = None) -> None:
    """Pruned and shared weights, coded: Han, Mao, Dally, Deep Compression, ICLR 2016."""
    check_outputs(json)
    from dfsrt.reproduce import deep_compression as study

    publish(study.DeepCompressionOutcome(study.reproduce()), json)
