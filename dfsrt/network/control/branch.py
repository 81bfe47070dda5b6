"""If nodes: the branch that runs, written into the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.conditions import keep_condition
from dfsrt.network.control.flow import Decision, Flow, Made
from dfsrt.network.control.subgraph import alias, template
from dfsrt.network.graph import Node
from dfsrt.network.lower import weight_of
from dfsrt.network.reading import TooMuchError, UnsaidError
from dfsrt.network.shapes.shaped import Shaped, live_nodes

BRANCHES = ("then", "else")


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a branch would run, or the error that it ends with."""

    made: Made
    outputs: tuple[str, ...]
    weight: tuple[int, int] = (0, 0)
    error: NetworkError | None = None


def take_branch(node: Node, flow: Flow) -> None:
    """Run the branch of an If that its condition chooses, or else the one that is to be taken.

    Raises:
        NetworkError: the branch cannot be read; of two neither can.
    """
    if not node.inputs or not node.inputs[0]:
        raise NetworkError(f"node '{node.name}' (If) has no condition; export the file again")
    condition = flow.walk.constants.get(node.inputs[0])
    if condition is not None and condition.value is not None and condition.value.size:
        taken = "then" if condition.value.reshape(-1)[0] else "else"
        _bind(node, _run(node, taken, flow), flow)
        return
    taken = flow.reading.branch
    if taken != "larger":
        flow.decisions.append(Decision(node.name, node.inputs[0], taken, "as --branch says"))
        keep_condition(node.inputs[0], flow.walk)
        _bind(node, _run(node, taken, flow), flow)
        return
    _take_larger(node, flow)


def _take_larger(node: Node, flow: Flow) -> None:
    trials = {name: _try(node, name, flow) for name in BRANCHES}
    able = {name: trial for name, trial in trials.items() if trial.error is None}
    if not able:
        raise trials["then"].error or NetworkError(f"node '{node.name}' (If) cannot be read")
    taken = max(able, key=lambda name: able[name].weight)
    flow.decisions.append(Decision(node.name, node.inputs[0], taken, _why(taken, trials)))
    keep_condition(node.inputs[0], flow.walk)
    trial = able[taken]
    flow.put_back(trial.made)
    _bind(node, trial.outputs, flow)


def _why(taken: str, trials: Mapping[str, _Trial]) -> str:
    other = trials["else" if taken == "then" else "then"]
    if other.error is not None:
        return f"the other cannot be read: {other.error}"
    (macs, moved), (fewer, less) = trials[taken].weight, other.weight
    if macs != fewer:
        return f"the larger: {macs:,} MACs, and {fewer:,} in the other"
    if moved != less:
        return f"the larger: {moved:,} bytes, and {less:,} in the other; {macs:,} MACs in each"
    return f"both are alike: {macs:,} MACs and {moved:,} bytes"


def _run(node: Node, branch: str, flow: Flow) -> tuple[str, ...]:
    """Visit a branch's nodes; returns the names of its outputs."""
    walk = flow.walk
    body = template(node, f"{branch}_branch", walk.graph, walk.names)
    written = body.write_out(walk.graph, walk.names)
    flow.run_body(node, written)
    return written.outputs


def _try(node: Node, branch: str, flow: Flow) -> _Trial:
    """Visit a branch's nodes and take them back."""
    mark, walk = flow.mark(), flow.walk
    try:
        outputs = _run(node, branch, flow)
    except (UnsaidError, TooMuchError):
        raise
    except NetworkError as error:
        return _Trial(flow.take_back(mark), (), error=error)
    made = flow.take_back(mark)
    nodes = made[0]
    shaped = Shaped(nodes, walk.tensors, walk.constants, walk.folded, (), outputs)
    try:
        weight = weight_of(live_nodes(nodes, set(outputs) | walk.kept), shaped)
    except NetworkError as error:
        return _Trial(made, outputs, error=error)
    return _Trial(made, outputs, weight)


def _bind(node: Node, outputs: Sequence[str], flow: Flow) -> None:
    """Let the If's outputs be those of the branch."""
    if len(outputs) != len(node.outputs):
        raise NetworkError(
            f"node '{node.name}' (If) has {len(node.outputs)} outputs, and its branch "
            f"{len(outputs)}; export the file again"
        )
    for index, (source, wanted) in enumerate(zip(outputs, node.outputs, strict=True)):
        if source in flow.walk.unknown:
            flow.walk.unknown.add(wanted)
        elif wanted:
            flow.walk.visit(alias(f"{node.name}/output_{index}", source, wanted))
