"""Device-tree source as nodes and properties: what an operating-point table needs of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dfsrt.device.dts_tokens import Token, error_at, tokenize

_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Cells:
    """One ``<...>`` of a property; ``bits`` is the width of each cell."""

    bits: int
    cells: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """``name = values;`` or ``name;``."""

    name: str
    line: int
    groups: tuple[Cells, ...] = ()
    strings: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    """A node; one that is opened twice holds what both said, the later on top."""

    name: str
    line: int
    labels: list[str] = field(default_factory=list)
    properties: dict[str, Property] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    deletions: list[Token] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


def parse_device_tree(text: str) -> tuple[Node, list[str]]:
    """Return a node that holds all of ``text``, and warnings.

    ``&label { ... }`` adds to the node of that label where the text has it.

    Raises:
        DeviceError: text that breaks the grammar, by its line.
    """
    tokens, warnings = tokenize(text)
    root = Node("/", 1)
    _Parser(tokens).body(root, 0)
    return root, warnings


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        last = tokens[-1].line if tokens else 1
        self._tokens = [*tokens, Token("end", "the end of the text", last)]
        self._next = 0
        self._by_label: dict[str, Node] = {}

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._peek()
        self._next += token.kind != "end"
        return token

    def body(self, node: Node, depth: int) -> None:
        """Read statements into ``node`` up to its closing brace, or to the end for the root."""
        if depth > _DEEPEST:
            raise error_at(node.line, f"nodes nest deeper than {_DEEPEST}; simplify the text")
        said: dict[str, int] = {}
        while True:
            token = self._peek()
            if token.text == "}" and depth:
                return
            if token.kind == "end":
                if depth:
                    raise error_at(node.line, f"node '{node.name}' is not closed; add '}};'")
                return
            self._statement(node, depth, said)

    def _statement(self, node: Node, depth: int, said: dict[str, int]) -> None:
        labels = self._labels()
        token = self._take()
        if token.kind == "directive":
            self._directive(token, node)
        elif token.kind == "reference" or token.text == "/":
            self._node(self._opened(token, node, labels), token, depth)
        elif token.kind != "word":
            raise error_at(token.line, f"{_shown(token)} cannot start a statement; remove it")
        else:
            self._named(token, node, labels, depth, said)

    def _named(
        self, token: Token, node: Node, labels: list[str], depth: int, said: dict[str, int]
    ) -> None:
        """Read a child node or a property; each name stands once between two braces."""
        if token.text in said:
            raise error_at(
                token.line,
                f"'{token.text}' stands in line {said[token.text]} of the same node too; "
                "keep one of them",
            )
        said[token.text] = token.line
        if self._peek().text == "{":
            self._node(self._opened(token, node, labels), token, depth)
        else:
            self._property(token, node)

    def _labels(self) -> list[str]:
        labels = []
        while self._peek().kind == "label":
            labels.append(self._take().text.rstrip(": \t"))
        return labels

    def _directive(self, token: Token, node: Node) -> None:
        if token.text == "/omit-if-no-ref/":
            return
        if token.text.startswith("/delete-"):
            node.deletions.append(token)
        while self._peek().text not in (";", "{", "}") and self._peek().kind != "end":
            self._take()
        self._end_of(token, f"'{token.text}'")

    def _opened(self, name: Token, parent: Node, labels: list[str]) -> Node:
        """Return the node that ``name`` opens: an earlier one of that name or label, or new."""
        node = self._by_label.get(name.text[1:]) if name.kind == "reference" else None
        if node is None and name.text == "/":
            node = parent
        if node is None:
            node = parent.children.setdefault(name.text, Node(name.text, name.line))
        if name.kind == "reference" and name.text[1:].isidentifier():
            labels = [*labels, name.text[1:]]
        for label in labels:
            if label not in node.labels:
                node.labels.append(label)
            self._by_label[label] = node
        return node

    def _node(self, node: Node, name: Token, depth: int) -> None:
        brace = self._take()
        if brace.text != "{":
            raise error_at(name.line, f"'{name.text}' is followed by {_shown(brace)}; add '{{'")
        self.body(node, depth + 1)
        self._take()
        self._end_of(name, f"the '}}' of node '{name.text}' (line {name.line})")

    def _property(self, name: Token, node: Node) -> None:
        groups: list[Cells] = []
        strings: list[str] = []
        if self._peek().text == "=":
            self._take()
            self._values(name, groups, strings)
        self._end_of(name, f"'{name.text}'")
        node.properties[name.text] = Property(name.text, name.line, tuple(groups), tuple(strings))

    def _values(self, name: Token, groups: list[Cells], strings: list[str]) -> None:
        while True:
            bits = self._bits()
            token = self._take()
            if token.text == "<":
                groups.append(Cells(bits, self._until(">", name)))
            elif token.text == "[":
                self._until("]", name)
            elif token.kind == "string":
                strings.append(token.text[1:-1])
            elif token.kind != "reference":
                raise error_at(
                    token.line,
                    f"the value of '{name.text}' is {_shown(token)}; "
                    'write numbers as <1 2> and text as "text"',
                )
            if self._peek().text != ",":
                return
            self._take()

    def _bits(self) -> int:
        if self._peek().text != "/bits/":
            return 32
        token, width = self._take(), self._take()
        if width.text not in ("8", "16", "32", "64"):
            raise error_at(token.line, f"/bits/ {width.text} is unknown; use 8, 16, 32 or 64")
        return int(width.text)

    def _until(self, closing: str, name: Token) -> tuple[Token, ...]:
        cells = []
        while self._peek().text != closing:
            token = self._take()
            if token.kind not in ("word", "expression", "reference"):
                raise error_at(
                    name.line,
                    f"'{name.text}' has {_shown(token)} before its '{closing}'; add '{closing}'",
                )
            cells.append(token)
        self._take()
        return tuple(cells)

    def _end_of(self, start: Token, what: str) -> None:
        """Take the semicolon that ends a statement."""
        token = self._peek()
        if token.text != ";":
            line = self._tokens[self._next - 1].line
            raise error_at(line, f"{what} is followed by {_shown(token)}; add ';' after it")
        self._take()


def _shown(token: Token) -> str:
    return token.text if token.kind == "end" else f"'{token.text}'"
