"""From the kernels that ran to the nodes of the file whose work they did.

Without optimisation a kernel has its node's name. With it, a kernel does the work of the nodes
that lie between its outputs and the tensors that other kernels make: a tensor keeps its name
where it still exists. Kernels in between, which the optimiser put in, serve the kernel after them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dfsrt.capture.graph import BareGraph, Node

BLOCKED = "_nchwc"
"""What onnxruntime adds to a tensor's name to name the kernel that makes it in blocked layout."""
_REORDERS = ("ReorderInput", "ReorderOutput")

Nodes = tuple[int, ...]


@dataclass(frozen=True)
class Cover:
    """For each kernel's name, the indices of the file's nodes whose work it does."""

    nodes: Mapping[str, Nodes]
    constants: frozenset[str]


def by_name(graph: BareGraph) -> Cover:
    """Return the mapping of a graph that runs as it is."""
    nodes = {n.name: (i,) for i, n in enumerate(graph.nodes) if i not in graph.constants}
    return Cover(nodes, frozenset(graph.nodes[i].name for i in graph.constants))


def with_names(executed: BareGraph, kernels: Sequence[tuple[str, str]]) -> BareGraph:
    """Return ``executed`` with the names that onnxruntime gave to its nameless nodes at run time.

    ``kernels`` are (name, operator) of one run, in order. onnxruntime writes the file in the order
    of execution; where the operators do not agree the nodes stay nameless.
    """
    known = {node.name for node in executed.nodes}
    nameless = [i for i, node in enumerate(executed.nodes) if not node.name]
    unknown = [(name, op) for name, op in kernels if name not in known]
    if [executed.nodes[i].op for i in nameless] != [op for _, op in unknown]:
        return executed
    nodes = list(executed.nodes)
    for index, (name, _) in zip(nameless, unknown, strict=True):
        nodes[index] = replace(nodes[index], name=name)
    return BareGraph(tuple(nodes), executed.inputs)


def by_tensor(graph: BareGraph, executed: BareGraph) -> Cover:
    """Return the mapping of ``graph`` where onnxruntime ran ``executed`` in its place."""
    return _Matcher(graph, executed).mapping()


class _Matcher:
    """Finds for each kernel what it covers, then gives the rest to who runs beside them."""

    def __init__(self, graph: BareGraph, executed: BareGraph) -> None:
        self.graph, self.executed = graph, executed
        self.named = {node.name: i for i, node in enumerate(graph.nodes)}
        self.makes = [self._tensors_of(kernel) for kernel in executed.nodes]
        self.tensors = {tensor for tensors in self.makes for tensor in tensors}
        # What is put back into plain layout was made by the blocked kernel before.
        self.tensors.update(name for k in executed.nodes if k.op in _REORDERS for name in k.outputs)

    def mapping(self) -> Cover:
        covered = [self._covered(i) for i in range(len(self.executed.nodes))]
        self._give_rest(covered)
        # From the last kernel back: one that covers nothing serves one that comes after it.
        for index in reversed(range(len(covered))):
            if not covered[index]:
                covered[index] = self._served(index, covered)
        names = [kernel.name for kernel in self.executed.nodes]
        nodes = {n: tuple(sorted(c)) for n, c in zip(names, covered, strict=True) if n and c}
        constants = frozenset(names[i] for i in self.executed.constants)
        return Cover({n: c for n, c in nodes.items() if n not in constants}, constants)

    def _tensors_of(self, kernel: Node) -> tuple[str, ...]:
        """Tensors of the file that ``kernel`` makes, in whatever layout."""
        if kernel.op in _REORDERS:
            return ()
        outputs = tuple(name for name in kernel.outputs if name in self.graph.makers)
        if outputs:
            return outputs
        blocked = kernel.name.removesuffix(BLOCKED)
        if kernel.name.endswith(BLOCKED) and blocked in self.graph.makers:
            return (blocked,)
        node = self.named.get(kernel.name)
        return () if node is None else tuple(t for t in self.graph.nodes[node].outputs if t)

    def _covered(self, index: int) -> set[int]:
        """Nodes between what a kernel makes and what the other kernels make."""
        kernel = self.executed.nodes[index]
        waiting = [self.graph.makers[name] for name in self.makes[index]]
        covered: set[int] = set()
        while waiting:
            maker = waiting.pop()
            if maker in covered or maker in self.graph.constants:
                continue
            covered.add(maker)
            node = self.graph.nodes[maker]
            if kernel.name.endswith(BLOCKED) and node.op == kernel.op:
                continue  # a blocked kernel begins with its own operator
            waiting += [
                self.graph.makers[name]
                for name in node.inputs
                if name in self.graph.makers and name not in self.tensors
            ]
        return covered

    def _give_rest(self, covered: list[set[int]]) -> None:
        """Give each node that no kernel covers to the last kernel that makes one of its inputs.

        So a blocked convolution gets the addition and activation that it took in.
        """
        owner = {node: kernel for kernel, nodes in enumerate(covered) for node in nodes}
        for index, node in enumerate(self.graph.nodes):
            if index in owner or index in self.graph.constants:
                continue
            makers = [self.graph.makers.get(name) for name in node.inputs]
            before = [owner[maker] for maker in makers if maker in owner]
            if before:
                owner[index] = max(before)
                covered[max(before)].add(index)

    def _served(self, index: int, covered: list[set[int]]) -> set[int]:
        """What the first kernel after this one covers that reads it; else who it reads from."""
        kernel = self.executed.nodes[index]
        users = [u for name in kernel.outputs for u in self.executed.users.get(name, ())]
        for user in sorted(users):
            if covered[user]:
                return set(covered[user])
        makers = [self.executed.makers.get(name, -1) for name in kernel.inputs]
        return next((set(covered[m]) for m in makers if m >= 0 and covered[m]), set())
