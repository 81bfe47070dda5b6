"""onnxruntime's recurrent operators."""

from __future__ import annotations

from dfsrt.network.recurrent import QUANTIZED, recurrent_types
from dfsrt.network.rules.contrib.facts import Typed
from dfsrt.network.rules.contrib.operator import Operator
from dfsrt.network.rules.contrib.site import Site
from dfsrt.network.rules.recurrent import recurrent_work


def _types(site: Site) -> tuple[Typed, ...]:
    return recurrent_types(site.node, site.operands)


RECURRENT: dict[str, Operator] = {QUANTIZED: Operator(_types, recurrent_work)}
