"""``dfsrt budget``: what the NPU may draw for a target, and which component to cut first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.base.errors import InputError
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_files, load_and_fields, named_governors, named_idles, refuse
from dfsrt.cli.load_options import ONE_RUN, SEVERAL, ScenarioOptions, unfit_options
from dfsrt.cli.output import STDOUT, write_bytes
from dfsrt.cli.parse import parse_count
from dfsrt.cli.progress import progress

NOT_HERE = (*ONE_RUN, *SEVERAL, "samples", "figure")
"""Options that a budget has no use for."""
ALONE = 3

Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        help="What is to be reached: '30 FPS', '8 h' of battery, 'skin 38 C'; may be repeated.",
    ),
]
Numbers = Annotated[
    int,
    typer.Option(
        "--numbers",
        parser=parse_count,
        metavar="N",
        help="Assumed numbers that get caps of their own, the most influential ones.",
    ),
]
AsAssumed = Annotated[
    bool,
    typer.Option("--as-assumed", help="Leave assumed numbers as they are: fewer runs, no range."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOptions(ScenarioOptions):
    """What is said of a budget."""

    target: Targets = None
    numbers: Numbers = ALONE
    as_assumed: AsAssumed = False


@takes(BudgetOptions, hidden=(*unfit_options("scenario"), *NOT_HERE, "cap_at"))
def budget(said: BudgetOptions) -> None:
    """Find what the NPU may draw for a target, and which component of a scenario to cut first.

    A target is frames a second, hours of battery, or a temperature of the skin, by its unit or as
    fps=, life=, skin=. Caps are searched by bisection; the range that assumed numbers leave comes
    with them.
    """
    from dfsrt.study.budget.target import parse_targets

    targets = parse_targets(said.target or ())
    check_files(said)
    refuse(said, NOT_HERE, "is of runs, and a budget is of many")
    refuse(said, ("cap_at",), "changes the cap, and a budget is one cap from start to end")
    _check_scenario(said)
    for what, names in (("governor", named_governors(said)), ("idle", named_idles(said))):
        if len(names) > 1:
            refuse(said, (what,), "is named more than once, and a budget is of one")
    load, fields = load_and_fields(said, "scenario")
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console, show_grids
    from dfsrt.study.budget import find_budget
    from dfsrt.study.budget.table import budget_grids

    numbers = None if said.as_assumed else said.numbers
    with progress(None, said.load) as on_run:
        report = find_budget(load, targets, numbers, said.workers, on_run, said.dask, **fields)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.html is not None:
        from dfsrt.report.page import write_page
        from dfsrt.study.budget.page import budget_page

        write_page(budget_page(report), said.html)
    if said.json != STDOUT:
        show_grids(make_console(), budget_grids(report))


def _check_scenario(said: BudgetOptions) -> None:
    """Check that the load is a scenario.

    Raises:
        InputError: it is something else, or nothing at all.
    """
    from dfsrt.run.source import SCENARIO, kind_of

    if said.load.lower().endswith(".toml"):  # as a scenario, a file says why it is none
        return
    kind = kind_of(said.load)
    if kind != SCENARIO:
        raise InputError(
            f"'{said.load}' is a {kind}, not a scenario: use a scenario; for a {kind} see dfsrt "
            "levers"
        )
