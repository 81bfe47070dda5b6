"""``dfsrt network check``: what a network's file holds, and what to type next."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.reading_options import ReadingOptions, reading_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(ReadingOptions):
    """What is said of a network to be looked through."""

    network: options.Network
    json: options.Json = None


@takes(CheckOptions)
def check(said: CheckOptions) -> None:
    """Show what a network's file holds, what it costs, what is out of any rule, and what to type.

    Sizes that nobody gives are likely ones: one picture or text.
    """
    check_outputs(said.json)
    from dfsrt.report.network_check import check_network
    from dfsrt.report.network_check_table import show_network_check
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console

    report = check_network(said.network, **reading_fields(said))
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        show_network_check(make_console(), report)
