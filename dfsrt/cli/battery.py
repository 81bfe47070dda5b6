"""``dfsrt battery``: how long a battery lasts, how hot it gets, where the energy goes."""

from __future__ import annotations

import typer

from dfsrt.cli.command import takes
from dfsrt.cli.default_command import WithDefault
from dfsrt.cli.load_job import check_files, load_and_fields, named_governors, refuse
from dfsrt.cli.load_options import ONE_RUN, SAMPLING, ScenarioOptions, unfit_options
from dfsrt.cli.output import STDOUT, write_bytes
from dfsrt.cli.progress import progress
from dfsrt.cli.serve import serve, serve_several

UNFIT = unfit_options("scenario")
ONE_LIFE = (*ONE_RUN, *SAMPLING, "figure", "html")
"""Options that both ends of what is assumed have no use for."""


app = typer.Typer(
    cls=WithDefault,
    no_args_is_help=True,
)


@app.command("run")
@takes(ScenarioOptions, hidden=UNFIT)
def run(said: ScenarioOptions) -> None:
    """Run a scenario until its battery is empty, or its own end; --samples for distributions."""
    serve(said, "scenario")


@app.command("compare")
@takes(ScenarioOptions, hidden=(*UNFIT, *ONE_RUN, *SAMPLING))
def compare(said: ScenarioOptions) -> None:
    """Run a scenario under several governors: hours, frames, joules a frame, heat, deadlines."""
    serve_several(said, "scenario")


@app.command("ranges")
@takes(ScenarioOptions, hidden=(*UNFIT, *ONE_LIFE))
def ranges(said: ScenarioOptions) -> None:
    """Run a scenario at both ends of each assumed number's range, the others as they are."""
    check_files(said)
    refuse(said, ONE_LIFE, "is of one run, and ranges are many")
    if len(named_governors(said)) > 1:
        refuse(said, ("governor",), "is named more than once, and ranges are of one")
    load, fields = load_and_fields(said, "scenario")
    from dfsrt.report.samples import ranges_table
    from dfsrt.report.schema import to_json
    from dfsrt.study.ends import range_ends

    with progress(None, said.load) as on_run:
        report = range_ends(load, on_run, **fields)
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        ranges_table(report)
