"""``dfsrt run``, ``compare`` and ``replay``: a load under one governor, or under several."""

from __future__ import annotations

from dfsrt.cli.command import takes
from dfsrt.cli.load_options import ONE_RUN, SAMPLING, LoadOptions, TraceOptions, unfit_options
from dfsrt.cli.serve import serve, serve_several


@takes(LoadOptions)
def run(said: LoadOptions) -> None:
    """Run a network, pipeline, trace or scenario: speed, energy, and how the cap was kept."""
    serve(said)


@takes(LoadOptions, hidden=(*ONE_RUN, *SAMPLING))
def compare(said: LoadOptions) -> None:
    """Run a load under several governors or on several devices, side by side.

    The percentages are against the first.
    """
    serve_several(said)


@takes(TraceOptions, hidden=(*unfit_options("trace"), *SAMPLING))
def replay(said: TraceOptions) -> None:
    """Replay a trace: queueing, deadlines, drops and energy of all its requests."""
    serve(said, "trace")
