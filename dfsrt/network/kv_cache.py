"""Caches that grow from run to run: a real runtime appends to them where they lie.

An exported decoder takes past keys and values as inputs and gives the longer ones back as outputs.
Written down, each run copies the whole cache; no runtime does that: input and output share a buffer
that is long enough, and only new rows are written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dfsrt.network.layer import Kind
from dfsrt.network.lower import Step
from dfsrt.network.tensor import Tensor

_UPDATE_OF = {"ScatterElements": 2, "ScatterND": 2, "TensorScatter": 1}
"""Operators that write rows into a copy, and the operand with these rows."""


def append_in_place(
    steps: Sequence[Step], inputs: Iterable[str], outputs: Iterable[str]
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Return the steps with caches that grow in place, and a note that says so.

    A cache is an input of the network that only lengthens or updates it and that goes out again;
    what attention keeps is one by what the operator is.

    Limits: caches of several layers in one tensor, taken apart and joined again, are copied as the
    file says, and so are those that are quantized on the way.
    """
    caches = _Caches(steps, frozenset(inputs), frozenset(outputs))
    changed = tuple(map(caches.in_place, steps))
    saved = sum(_moved(before) - _moved(now) for before, now in zip(steps, changed, strict=True))
    count = sum(len(now.grown) for now in map(caches.growth, steps))
    return changed, _note(count, saved)


def _note(count: int, saved: int) -> tuple[str, ...]:
    if not count:
        return ()
    which = "a cache grows" if count == 1 else f"{count} caches grow"
    return (
        f"{which} in place, as runtimes do: {saved:,} bytes a run are not copied; "
        "--kv-cache copy counts them",
    )


def _moved(step: Step) -> int:
    return sum(t.touched_bytes for t in (*step.reads, *step.writes)) * step.node.times


@dataclass(frozen=True, slots=True)
class _Growth:
    """New elements of each output that grows, and inputs that lie where they are, by name."""

    grown: Mapping[str, int]
    kept: frozenset[str] = frozenset()


class _Caches:
    def __init__(
        self, steps: Sequence[Step], inputs: frozenset[str], outputs: frozenset[str]
    ) -> None:
        self.inputs = inputs
        self.source: dict[str, str] = {}  # what a view is of
        self.readers: dict[str, int] = {}
        for step in steps:
            roots = [self.source.get(t.name, t.name) for t in step.reads]
            if step.work.kind is Kind.VIEW and roots:
                self.source.update((t.name, roots[0]) for t in step.writes)
                continue
            for root in roots:
                self.readers[root] = self.readers.get(root, 0) + 1
        self.leaving = set(outputs)
        for step in reversed(steps):
            if step.work.kind is Kind.VIEW and any(t.name in self.leaving for t in step.writes):
                self.leaving.update(t.name for t in step.reads[:1])

    def in_place(self, step: Step) -> Step:
        """Return a step that writes new rows of its caches only."""
        growth = self.growth(step)
        if not growth.grown:
            return step
        reads = tuple(replace(t, touched=0) if t.name in growth.kept else t for t in step.reads)
        writes = tuple(
            replace(t, touched=growth.grown[t.name]) if t.name in growth.grown else t
            for t in step.writes
        )
        return replace(step, reads=reads, writes=writes)

    def growth(self, step: Step) -> _Growth:
        """Return what grows in a step: what its rule says, or what a copy to the outside adds."""
        names = step.node.outputs
        written = {t.name for t in step.writes}
        by_rule = {
            names[i]: count
            for i, count in step.work.appended.items()
            if i < len(names) and names[i] in written
        }
        if by_rule or step.node.domain or not self._is_cache(step):
            return _Growth(by_rule)
        past, out = step.reads[0], step.writes[0]
        fresh = self._fresh(step, past, out)
        return _Growth({} if fresh is None else {out.name: fresh}, frozenset({past.name}))

    def _is_cache(self, step: Step) -> bool:
        """Whether a step reads an input that nothing else reads, and its result goes out."""
        if step.work.kind is not Kind.MOVE or len(step.writes) != 1 or len(step.reads) < 2:
            return False
        past = step.reads[0]
        root = self.source.get(past.name, past.name)
        first = step.node.inputs[:1] == (past.name,)
        alone = root in self.inputs and self.readers[root] == 1
        return first and alone and len(past.shape) > 2 and step.writes[0].name in self.leaving

    def _fresh(self, step: Step, past: Tensor, out: Tensor) -> int | None:
        """Elements that are new, or ``None`` where a step is no update of a cache."""
        if step.node.op == "Concat" and len(step.reads) == 2 and self.readers.get(out.name, 0):
            return math.prod(out.shape) - math.prod(past.shape)
        update = _UPDATE_OF.get(step.node.op)
        if update is None or update >= len(step.node.inputs):
            return None
        rows = {t.name: t.elements for t in step.reads}
        return rows.get(step.node.inputs[update])
