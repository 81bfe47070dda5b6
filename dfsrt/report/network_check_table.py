"""A network's check for people: one page, the command to type next at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from rich.console import Console

from dfsrt.base.units import format_si
from dfsrt.report.network_check_facts import MOST, Block, facts_above, facts_below
from dfsrt.report.network_check_schema import CheckedOperator, NetworkCheck
from dfsrt.report.prose import prose_width, wrapped, write_lines
from dfsrt.report.tables import show

_HEADS = ("<operator", "nodes", "MACs", "share", "bytes", "share", "time")


def show_network_check(console: Console, check: NetworkCheck) -> None:
    """Print a check."""
    write_lines(console, [check.network])
    _show_blocks(console, facts_above(check))
    if check.operators:
        console.print()
        show(console, _HEADS, _operator_rows(check.operators))
        console.print()
    _show_blocks(console, facts_below(check))
    write_lines(console, [f"{'next':<10}{check.next or _no_command(check)}"])


def _no_command(check: NetworkCheck) -> str:
    """What to do where nothing could be read: sizes that fit, if any is open."""
    if not check.open_sizes and any("--trips" in problem for problem in check.problems):
        return f"dfsrt network check {quote(check.network)} with the --trips of the problem above"
    if not check.open_sizes:
        return "nothing of this file can be run"
    names = (f" --dim {quote(f'{s.name}=SIZE')}" for s in check.open_sizes)
    return f"dfsrt network check {quote(check.network)}{''.join(names)}, with sizes that fit"


def _show_blocks(console: Console, blocks: Iterator[Block]) -> None:
    width = prose_width(console)
    for word, texts in blocks:
        for number, text in enumerate(texts):
            lead = f"{word if number == 0 else '':<10}"
            write_lines(console, wrapped(text, width, lead, " " * 10))


def _operator_rows(operators: Sequence[CheckedOperator]) -> Iterator[tuple[str, ...]]:
    for o in operators[:MOST]:
        yield _row(o)
    if rest := operators[MOST:]:
        yield _row(
            CheckedOperator(
                op=f"{len(rest)} more",
                nodes=sum(o.nodes for o in rest),
                macs=sum(o.macs for o in rest),
                bytes=sum(o.bytes for o in rest),
                mac_share=sum(o.mac_share or 0 for o in rest),
                byte_share=sum(o.byte_share or 0 for o in rest),
                time_share=sum(o.time_share or 0 for o in rest),
            )
        )


def _row(o: CheckedOperator) -> tuple[str, ...]:
    shares = (f"{s:.1%}" if s else "" for s in (o.mac_share, o.byte_share, o.time_share))
    mac_share, byte_share, time_share = shares
    size = format_si(o.bytes, "B")
    return o.op, f"{o.nodes:,}", f"{o.macs:,}", mac_share, size, byte_share, time_share
