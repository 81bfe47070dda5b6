"""Control flow over a walk: what is decided, counted, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import onnx

from dfsrt.base.errors import NetworkError
from dfsrt.network.control.subgraph import Body
from dfsrt.network.graph import Node
from dfsrt.network.reading import Reading, TooMuchError, UnsaidError
from dfsrt.network.rules import contrib
from dfsrt.network.rules.registry import rule_of
from dfsrt.network.shapes.dims import shell_name
from dfsrt.network.shapes.inference import Walk
from dfsrt.network.shapes.known import UnshapedError
from dfsrt.network.shapes.sequence_ops import SEQUENCE_OPS

MAX_TRIPS = 1_000_000_000
"""Passes of one loop; a count above it is none."""

SOME_TRIPS = 10
"""Passes that are offered of a loop, where data say how many and nothing says how many at most."""

MAX_VISITS = 100_000
"""Nodes of graphs in nodes that one reading may write out, each try of a branch or pass anew."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A branch that was ``taken`` of a node whose ``condition`` depends on data, and why."""

    node: str
    condition: str
    taken: str
    why: str


Made = tuple[list[Node], list[Decision], list[str], list[Node]]
"""What a stretch of a walk adds: nodes that run, decisions, notes, nodes that are dropped."""


@dataclass(slots=True)
class Flow:
    """Control flow over a walk: branches that are taken, and loops that are passed.

    ``enter`` reads a node that holds graphs. ``decisions`` are those taken without knowing the
    condition; ``dropped`` are nodes of no known shape, ``unsaid`` why loops are among them;
    ``counted`` are the loops whose count depends on data, by the name that ``--trips`` takes;
    ``titles`` what nodes inside graphs are called in the file's own words. ``visits`` counts nodes
    of graphs, as often as they are written out.
    """

    walk: Walk
    reading: Reading
    enter: Callable[[Node, Flow], None]
    decisions: list[Decision] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    dropped: list[Node] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    visits: int = 0
    unsaid: list[UnsaidError] = field(default_factory=list)

    def run(self, nodes: Sequence[Node]) -> None:
        """Visit ``nodes``, and those of the graphs inside them.

        Raises:
            NetworkError: as ``infer_shapes``.
        """
        for node in nodes:
            if self.reading.strict:
                self._read(node)
            elif self.walk.unknown.isdisjoint(node.reads):
                self._read_or_drop(node)
            else:
                self._drop(node)

    def _read(self, node: Node) -> None:
        if node.holds_graphs:
            self.enter(node, self)
        else:
            self.walk.visit(node)

    def _read_or_drop(self, node: Node) -> None:
        mark = self.mark()
        try:
            self._read(node)
        except NetworkError as error:
            open_ = isinstance(error, UnshapedError | UnsaidError)
            known = not open_ and rule_of(node) is not None
            if known or _holds_no_layers(node):
                raise
            self.take_back(mark)
            self._drop(node)
            if isinstance(error, UnsaidError):
                self.unsaid.append(error)
                self.notes.append(f"{error}; it is left out")

    def _drop(self, node: Node) -> None:
        """Leave out a node; what it makes is known where the file declares it, and else unknown.

        One without a rule whose operands are known still reads them.
        """
        walk = self.walk
        if self._still_reads(node):
            walk.running.append(node)
            walk.kept.update(filter(None, node.outputs))
        else:
            self.dropped.append(node)
        walk.kept.update(name for name in node.reads if name in walk.tensors)
        for name in filter(None, node.outputs):
            try:
                walk.declare(name, walk.graph.declared.get(name, onnx.TypeProto()))
            except UnshapedError:
                walk.unknown.add(name)
            if name not in walk.tensors:
                walk.unknown.add(name)

    def _still_reads(self, node: Node) -> bool:
        """Whether a node is one without a rule whose operands are known."""
        if rule_of(node) is not None or node.holds_graphs or node.op in SEQUENCE_OPS:
            return False
        known = self.walk.unknown.isdisjoint(node.reads)
        return known and any(name in self.walk.tensors for name in node.inputs)

    def run_body(self, node: Node, body: Body) -> None:
        """Visit the nodes of a graph inside ``node`` that was written out.

        Raises:
            NetworkError: as ``infer_shapes``.
        """
        for inner in body.nodes:
            if inner.holds_graphs:
                own = inner.name.removeprefix(body.prefix)
                self.titles[inner.name] = f"{self.title(node)}/{own}"
        self.visits += body.weight
        if self.visits > MAX_VISITS:
            raise TooMuchError(
                f"loops and branches in each other come to more than {MAX_VISITS:,} nodes; export "
                "the network with fewer of them"
            )
        self.walk.used.update(body.outputs, *(node.reads for node in body.nodes))
        self.run(body.nodes)

    def mark(self) -> tuple[int, int, int, int]:
        """Return where the walk is, for ``take_back``."""
        return (
            len(self.walk.running), len(self.decisions), len(self.notes), len(self.dropped),
        )  # fmt: skip

    def take_back(self, mark: tuple[int, int, int, int]) -> Made:
        """Undo what came after ``mark``, and return it; what became known of tensors stays."""
        nodes, decisions, notes = self.walk.running, self.decisions, self.notes
        after = nodes[mark[0] :], decisions[mark[1] :], notes[mark[2] :], self.dropped[mark[3] :]
        del nodes[mark[0] :], decisions[mark[1] :], notes[mark[2] :], self.dropped[mark[3] :]
        return after

    def put_back(self, made: Made) -> None:
        """Do again what was taken back."""
        self.walk.running += made[0]
        self.decisions += made[1]
        self.notes += made[2]
        self.dropped += made[3]

    def trips_of(self, node: Node, most: int | None, counter: str) -> int:
        """Return what is said of a loop's count, which depends on data.

        ``most`` is its limit, and ``counter`` the tensor that says it, where there is one.

        Raises:
            NetworkError: nothing is said, or more than the limit.
        """
        name = self.title(node)
        self.counted.add(name)
        count = self.reading.trips.get(name)
        if count is None:
            inputs = {value.name for value in self.walk.graph.inputs}
            raise _by_data(node, most, name, counter if counter in inputs else "")
        limit = MAX_TRIPS if most is None else most
        if count > limit:
            raise _out_of_range(name, count, limit)
        note = f"{node.op} '{name}' counts {count:,} passes, as --trips says: data say how many"
        if note not in self.notes:
            self.notes.append(note)
        return count

    def refuse_trips(self, node: Node, count: int) -> None:
        """Check that nothing is said of a count that follows from shapes and constants.

        Raises:
            NetworkError: it is.
        """
        name = self.title(node)
        if name in self.reading.trips:
            raise NetworkError(
                f"--trips {shell_name(name)}={self.reading.trips[name]} is not needed: shapes and "
                f"constants say that it runs {count:,} times; leave it out"
            )

    def title(self, node: Node) -> str:
        """Return what ``--trips`` calls a loop: its name, without the numbers of passes."""
        return self.titles.get(node.name, node.name)

    def check_trips(self) -> None:
        """Check that each count that was said is of a loop that needs one.

        Raises:
            NetworkError: one that is not.
        """
        for name in self.reading.trips:
            if name not in self.counted:
                known = ", ".join(sorted(self.counted)) or "none"
                raise NetworkError(
                    f"the network has no Loop '{name}' whose count depends on data; those that "
                    f"have are: {known}; leave out --trips {name}"
                )


def _holds_no_layers(node: Node) -> bool:
    """Whether a node stands for a network that the file does not show, so that nothing is left."""
    of_onnxruntime = node.domain in contrib.CONTRIB_DOMAINS
    return of_onnxruntime and contrib.what_holds_no_layers(node) is not None


def _by_data(node: Node, most: int | None, name: str, counter: str) -> UnsaidError:
    at_most = "" if most is None else f", {most:,} times at most"
    by_input = f" --set {shell_name(counter)}={SOME_TRIPS} or" if counter else ""
    count = SOME_TRIPS if most is None else most
    error = UnsaidError(
        f"node '{node.name}' ({node.op}) runs as often as data say{at_most}; say how often with"
        f"{by_input} --trips {shell_name(name)}={count}"
    )
    error.trips = name, count
    return error


def _out_of_range(name: str, count: int, most: int) -> NetworkError:
    return NetworkError(
        f"--trips {shell_name(name)}={count} is out of range; the loop runs {most:,} times at "
        f"most: give --trips {shell_name(name)}={most}"
    )
