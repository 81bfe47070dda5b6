"""Execution in time: what runs, on what, under which cap, and the book of what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dfsrt.run.cap import CapStep, PowerCap, constant_cap
    from dfsrt.run.corrector import Correction, Corrector
    from dfsrt.run.job import Job, make_job
    from dfsrt.run.log import HeldBy, RunLog
    from dfsrt.run.run import Run, execute
    from dfsrt.run.spec import RunSpec

# Imported when first used, so that `import dfsrt` costs next to nothing.
_LAZY = {
    "CapStep": "cap",
    "Correction": "corrector",
    "Corrector": "corrector",
    "HeldBy": "log",
    "Job": "job",
    "PowerCap": "cap",
    "Run": "run",
    "RunLog": "log",
    "RunSpec": "spec",
    "constant_cap": "cap",
    "execute": "run",
    "make_job": "job",
}

__all__ = [
    "CapStep",
    "Correction",
    "Corrector",
    "HeldBy",
    "Job",
    "PowerCap",
    "Run",
    "RunLog",
    "RunSpec",
    "constant_cap",
    "execute",
    "make_job",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt.run' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dfsrt.run.{_LAZY[name]}"), name)
