"""Fusion as an NPU compiler does it: small work rides on the layer that makes its operand.

A matrix layer takes in what follows point by point: batch norm and bias (folded into its
constants), activations, residual adds; they ride on the drain of the array. A vector layer takes in
pointwise work and reductions, which save traffic and still take the vector unit's time. A view
belongs to the layer before it, or else to the one after it.

Limits: a layer's results leave it once, so a tensor with a reader outside ends the layer. A
dequantization at run time is taken as a view of the quantized tensor: its scaling is assumed to
happen in the reader's own rescaling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from dfsrt.network.fold import Folding, start
from dfsrt.network.layer import Kind, Layer, Operands
from dfsrt.network.lower import Step, by_name, unique, untouched
from dfsrt.network.quantized import stored_as_quantized
from dfsrt.network.rules.contrib import images_first
from dfsrt.network.rules.lane_ops import ELEMENTWISE, VARIADIC
from dfsrt.network.rules.movement import LOOP_ENDS
from dfsrt.network.tensor import Tensor

REGION_LIMIT = 16
"""Nodes that may lie between a tensor that forks and the point where its paths meet again."""

_POINTWISE = ELEMENTWISE.keys() | VARIADIC.keys() | {"BatchNormalization"}
_LOCAL_DOMAINS = ("", "com.microsoft")


def fuse_steps(steps: Sequence[Step], outputs: Iterable[str]) -> tuple[Layer, ...]:
    """Return the fused layers of ``steps`` in a valid order of execution."""
    fuser = _Fuser(stored_as_quantized(steps, frozenset(outputs)), frozenset(outputs))
    fuser.grow_all()
    fuser.join_late_operands()
    fuser.hand_views_on()
    groups = sorted((g for g in fuser.groups if g.members), key=lambda g: g.position)
    for group in groups:
        group.members.sort()
    return tuple(fuser.layer(group) for group in groups)


@dataclass(slots=True)
class _Group:
    """A layer in the making: ``position`` is its place in the order, ``result`` its one output.

    ``result`` is ``None`` where several outputs are in use. ``taken`` are the steps that folded
    into the anchor's constants.
    """

    anchor: int
    position: int
    members: list[int]
    result: Tensor | None
    folding: Folding
    taken: set[int] = field(default_factory=set)


class _Fuser:
    def __init__(self, steps: Sequence[Step], outputs: frozenset[str]) -> None:
        self.steps = steps
        self.outputs = outputs
        self.maker_of = by_name(steps)
        self.users: dict[str, list[int]] = {}
        for index, step in enumerate(steps):
            for tensor in step.reads:
                self.users.setdefault(tensor.name, []).append(index)
        self.groups: list[_Group] = []
        self.group_of: list[_Group | None] = [None] * len(steps)

    def grow_all(self) -> None:
        """Start a group at every step that no earlier group has taken."""
        for index, step in enumerate(self.steps):
            if self.group_of[index] is None:
                result = step.writes[0] if len(step.writes) == 1 else None
                group = _Group(index, index, [index], result, start(step))
                self.group_of[index] = group
                self.groups.append(group)
                self._grow(group)

    def _grow(self, group: _Group) -> None:
        while group.result is not None:
            region = self._close(group, group.result)
            if region is None:
                return
            self._fold(group, region, group.result)
            for index in region:
                self.group_of[index] = group
            group.members += region
            group.result = self.steps[region[-1]].writes[0]

    def _fold(self, group: _Group, region: list[int], tensor: Tensor) -> None:
        """Take a lone step into the constants if it folds; anything else ends the folding."""
        folded = group.folding.take(self.steps[region[0]], tensor) if len(region) == 1 else None
        if folded is None:
            group.folding = replace(group.folding, open=False)
        else:
            group.folding = folded
            group.taken.update(region)

    def _close(self, group: _Group, source: Tensor) -> list[int] | None:
        """Return the fewest steps after ``source`` whose paths meet in one tensor, in order."""
        if source.name in self.outputs:
            return None
        region: list[int] = []
        inside = {source.name}
        while len(region) < REGION_LIMIT:
            waiting = [u for name in inside for u in self.users.get(name, ()) if u not in region]
            if not waiting:
                return None
            index = min(waiting)
            if not self._may_join(index, group, inside, source):
                return None
            region.append(index)
            inside.add(self.steps[index].writes[0].name)
            if self._is_closed(inside, region):
                return region
        return None

    def _is_closed(self, inside: set[str], region: list[int]) -> bool:
        """Whether only the last step's result is used outside."""
        last = self.steps[region[-1]].writes[0].name
        for name in inside - {last}:
            if name in self.outputs or any(u not in region for u in self.users.get(name, ())):
                return False
        return True

    def _may_join(self, index: int, group: _Group, inside: set[str], source: Tensor) -> bool:
        step = self.steps[index]
        if self.group_of[index] is not None or len(step.writes) != 1:
            return False
        fits = self._fits(step, group, source) and _run_together(step, self.steps[group.anchor])
        return fits and all(t.name in inside or self._is_ready(t.name, group) for t in step.reads)

    def _fits(self, step: Step, group: _Group, source: Tensor) -> bool:
        kind = self.steps[group.anchor].work.kind
        size = step.writes[0].elements
        if step.work.kind is Kind.VIEW:
            return size == source.elements
        if kind is Kind.VECTOR and (is_pointwise(step) or _is_reduction(step)):
            return size <= self._widest(group)
        return kind is Kind.MATRIX and is_pointwise(step) and size == source.elements

    def _widest(self, group: _Group) -> int:
        anchor = self.steps[group.anchor]
        return max(t.elements for t in (*anchor.reads, *anchor.writes))

    def _is_ready(self, name: str, group: _Group) -> bool:
        """Whether a tensor is there before the group starts."""
        maker = self.maker_of.get(name)
        if maker is None:
            return True
        owner = self.group_of[maker]
        return owner is not None and owner.position < group.position

    def join_late_operands(self) -> None:
        """Move a layer down to the pointwise work that had to wait for another operand."""
        for group in self.groups:
            step = self.steps[group.anchor]
            if step.work.kind is Kind.VECTOR and is_pointwise(step):
                for tensor in step.reads:
                    maker = self.maker_of.get(tensor.name)
                    before = None if maker is None else self.group_of[maker]
                    if before is not None and self._can_absorb(before, group, tensor):
                        self._append(before, group)
                        break

    def _can_absorb(self, before: _Group, group: _Group, tensor: Tensor) -> bool:
        kind = self.steps[before.anchor].work.kind
        if not _run_together(self.steps[before.anchor], self.steps[group.anchor]):
            return False
        if before is group or before.result is None or before.result.name != tensor.name:
            return False
        if tensor.name in self.outputs or kind not in (Kind.MATRIX, Kind.VECTOR):
            return False
        if any(self.group_of[user] is not group for user in self.users[tensor.name]):
            return False
        steps = [self.steps[index] for index in group.members]
        return all(
            (is_pointwise(s) or s.work.kind is Kind.VIEW)
            and s.writes[0].elements == tensor.elements
            for s in steps
        )

    def _append(self, before: _Group, group: _Group) -> None:
        """Let ``before`` run at the place of ``group`` and do its work; nobody else reads it."""
        for index in group.members:
            self.group_of[index] = before
        before.members += group.members
        before.result, before.position = group.result, group.position
        group.members = []

    def hand_views_on(self) -> None:
        """Give a view that no layer before could take to its only reader."""
        for group in self.groups:
            if not group.members or self.steps[group.anchor].work.kind is not Kind.VIEW:
                continue
            if group.result is None or group.result.name in self.outputs:
                continue
            anchor = self.steps[group.anchor]
            if anchor.node.op in LOOP_ENDS or not anchor.reads:  # the latter shows nothing
                continue
            owners = {id(g): g for g in map(self._owner, self.users.get(group.result.name, ()))}
            if len(owners) == 1:
                (reader,) = owners.values()
                if not _run_together(self.steps[group.anchor], self.steps[reader.anchor]):
                    continue
                for index in group.members:
                    self.group_of[index] = reader
                reader.members += group.members
                group.members = []

    def _owner(self, index: int) -> _Group:
        group = self.group_of[index]
        if group is None:
            raise RuntimeError(f"step {index} is in no layer")
        return group

    def layer(self, group: _Group) -> Layer:
        """Return the finished layer under its anchor's name."""
        anchor = self.steps[group.anchor]
        members = [self.steps[index] for index in group.members]
        is_view, on_array = (anchor.work.kind is kind for kind in (Kind.VIEW, Kind.MATRIX))
        joined = self._joined_ops(group)
        viewed = self._viewed(group)
        inputs = images_first(anchor.node, self._reads(group, viewed))
        outputs = images_first(anchor.node, self._writes(group))
        return Layer(
            name=anchor.node.name,
            op=anchor.node.op,
            kind=anchor.work.kind,
            nodes=tuple(step.node.name for step in members),
            inputs=untouched(inputs) if is_view else inputs,
            weights=() if is_view else self._weights(group),
            outputs=untouched(outputs) if is_view else outputs,
            gemms=anchor.work.gemms,
            operands=tuple(_renamed(o, viewed, group.result) for o in anchor.work.operands),
            vector_ops=anchor.work.vector_ops + (0 if on_array else joined),
            fused_ops=joined if on_array else 0,
            joined=tuple(self.steps[i].node.op for i in self._rest(group) if not self._is_view(i)),
            times=anchor.node.times,
            window=anchor.work.window,
        )

    def _reads(self, group: _Group, viewed: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """Tensors from outside, the anchor's own first."""
        members = [group.anchor, *(i for i in group.members if i != group.anchor)]
        own = self._made_in(group)
        reads = [t for index in members for t in self.steps[index].reads]
        sources = [_as_source(t, viewed) for t in reads]
        return unique(t for t in sources if t.name not in own)

    def _made_in(self, group: _Group) -> set[str]:
        return {t.name for index in group.members for t in self.steps[index].writes}

    def _viewed(self, group: _Group) -> dict[str, Tensor]:
        """For each view inside that starts from an outside tensor, that tensor."""
        own = self._made_in(group)
        viewed: dict[str, Tensor] = {}
        for index in sorted(group.members):
            step = self.steps[index]
            if step.work.kind is Kind.VIEW and step.reads:
                source = step.reads[0]
                if source.name not in own or source.name in viewed:
                    viewed[step.writes[0].name] = viewed.get(source.name, source)
        return viewed

    def _writes(self, group: _Group) -> tuple[Tensor, ...]:
        inside = set(group.members)
        written = [t for index in group.members for t in self.steps[index].writes]
        return tuple(
            t
            for t in written
            if t.name in self.outputs or any(u not in inside for u in self.users.get(t.name, ()))
        )

    def _weights(self, group: _Group) -> tuple[Tensor, ...]:
        anchor = self.steps[group.anchor]
        weights = list(_norm_vectors(anchor))
        if group.folding.bias is not None:
            weights.append(group.folding.bias)
        for index in group.members:
            step = self.steps[index]
            alone = index != group.anchor and index not in group.taken
            if alone and step.work.kind is not Kind.VIEW:
                weights += _norm_vectors(step)
        return unique(weights)

    def _joined_ops(self, group: _Group) -> int:
        """Lane operations of all that joined the anchor and did not fold into its constants."""
        return sum(self.steps[i].work.vector_ops for i in self._rest(group))

    def _rest(self, group: _Group) -> list[int]:
        return [i for i in group.members if i != group.anchor and i not in group.taken]

    def _is_view(self, index: int) -> bool:
        return self.steps[index].work.kind is Kind.VIEW


def _run_together(step: Step, anchor: Step) -> bool:
    """Whether two steps are of the same passes of the same loop, and neither is that loop's end."""
    a, b = step.node, anchor.node
    return (a.times, a.loop) == (b.times, b.loop) and a.op not in LOOP_ENDS


def _renamed(operands: Operands, viewed: dict[str, Tensor], result: Tensor | None) -> Operands:
    """Name operands as the layer does: by what a view inside it shows, and by its own result."""

    def sources(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(viewed[name].name if name in viewed else name for name in names)

    out = operands.out if not operands.out or result is None else result.name
    return Operands(sources(operands.a), sources(operands.b), out)


def _as_source(tensor: Tensor, viewed: dict[str, Tensor]) -> Tensor:
    source = viewed.get(tensor.name)
    return tensor if source is None else replace(source, touched=tensor.touched)


def is_pointwise(step: Step) -> bool:
    """Whether each element of the output needs only its own elements of the operands."""
    known = step.node.domain in _LOCAL_DOMAINS
    return step.work.kind is Kind.VECTOR and known and step.node.op in _POINTWISE


def _is_reduction(step: Step) -> bool:
    return step.work.kind is Kind.VECTOR and step.node.op.startswith("Reduce")


def _norm_vectors(step: Step) -> tuple[Tensor, ...]:
    """A batch norm that stays needs its scale and shift only, mean and variance folded in."""
    if step.node.op == "BatchNormalization":
        return tuple(t for t in step.weights if t.name in step.node.inputs[1:3])
    return step.weights
