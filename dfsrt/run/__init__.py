"""Execution in time: what runs, on what, under which cap, and the book of what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dfsrt.run.arrivals import Arrivals
    from dfsrt.run.cap import CapStep, PowerCap, constant_cap
    from dfsrt.run.corrector import Correction, Corrector
    from dfsrt.run.engine import KernelRuntime
    from dfsrt.run.log import HeldBy, RunLog
    from dfsrt.run.runtime import Runtime

_LAZY = {
    "Arrivals": "arrivals",
    "CapStep": "cap",
    "Correction": "corrector",
    "Corrector": "corrector",
    "HeldBy": "log",
    "KernelRuntime": "engine",
    "PowerCap": "cap",
    "RunLog": "log",
    "Runtime": "runtime",
    "constant_cap": "cap",
}

__all__ = [
    "Arrivals",
    "CapStep",
    "Correction",
    "Corrector",
    "HeldBy",
    "KernelRuntime",
    "PowerCap",
    "RunLog",
    "Runtime",
    "constant_cap",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt.run' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dfsrt.run.{_LAZY[name]}"), name)
