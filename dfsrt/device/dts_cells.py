"""Numbers in device-tree cells: decimal, hexadecimal and parenthesised expressions."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

from dfsrt.device.dts_tokens import Token, error_at
from dfsrt.device.dts_tree import Cells, Property

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)[uU]?[lL]{0,2}", re.ASCII)
_LONGEST = 200
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_SHIFTS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}


def numbers(prop: Property) -> list[list[int]]:
    """Return the cells of ``prop`` as numbers, one list for each ``<...>``.

    Raises:
        DeviceError: no cells, a cell that is no number, or one too wide for its cell.
    """
    groups = [[_number(cell, group, prop) for cell in group.cells] for group in prop.groups]
    if not groups or not all(groups):
        raise error_at(prop.line, f"'{prop.name}' has no number; write it like <850000>")
    return groups


def _number(cell: Token, group: Cells, prop: Property) -> int:
    value = _value(cell.text)
    if value is None:
        raise error_at(
            cell.line,
            f"'{prop.name}' holds '{cell.text}', which is no number; write decimal, 0x "
            "hexadecimal or (a * b), with macros resolved by cpp",
        )
    if not 0 <= value < 2**group.bits:
        hint = "; write /bits/ 64 before the '<'" if group.bits < 64 and value > 0 else ""
        raise error_at(
            cell.line,
            f"'{prop.name}' holds {value}; allowed in a {group.bits}-bit cell is 0 to "
            f"{2**group.bits - 1}{hint}",
        )
    return value


def _value(text: str) -> int | None:
    """Return the integer that ``text`` means in C, or nothing."""
    if len(text) > _LONGEST:
        return None
    try:
        if match := _INTEGER.fullmatch(text):
            return _c_integer(match[1])
        if not text.startswith("("):
            return None
        decimal = _INTEGER.sub(lambda m: str(_c_integer(m[1])), text)
        return _evaluate(ast.parse(" ".join(decimal.split()), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, KeyError):
        return None


def _c_integer(digits: str) -> int:
    """Return an integer literal's value; a leading zero means octal, as in C."""
    is_octal = digits[0] == "0" and len(digits) > 1 and digits[1] not in "xX"
    return int(digits, 8) if is_octal else int(digits, 0)


def _evaluate(node: ast.expr) -> int:
    """Evaluate whole-number arithmetic; anything else has no entry and raises KeyError."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    if not isinstance(node, ast.BinOp):
        raise KeyError(type(node))
    left, right = _evaluate(node.left), _evaluate(node.right)
    if type(node.op) in _SHIFTS and right <= 64:
        return _SHIFTS[type(node.op)](left, right)
    return _OPERATORS[type(node.op)](left, right)
