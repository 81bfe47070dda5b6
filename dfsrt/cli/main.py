"""The entry point: commands, and errors as one line with exit code 2."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dfsrt import __version__
from dfsrt.base.errors import DfsrtError
from dfsrt.cli import (
    activity,
    battery,
    budget,
    capture,
    device,
    frontier,
    importing,
    layers,
    levers,
    listing,
    measure,
    memory,
    models,
    network,
    optimize,
    predict,
    reproduce,
    sweep,
    trace,
    train,
    tune,
    verbs,
)

app = typer.Typer(
    help="A clock for every layer of a neural network, under a power cap, on a simulated NPU.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(verbs.run)
app.command("compare")(verbs.compare)
app.command("replay")(verbs.replay)
app.command("budget")(budget.budget)
app.command("frontier")(frontier.frontier)
app.command("layers")(layers.layers)
app.command("levers")(levers.levers)
app.command("measure")(measure.measure)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("sweep")(sweep.sweep)
app.command("predict")(predict.predict)
app.command("capture")(capture.capture)
app.command("activity")(activity.activity)
app.command("import")(importing.import_recording)
app.command("list")(listing.list_names)
app.add_typer(battery.app, name="battery")
app.add_typer(device.app, name="device")
app.add_typer(memory.app, name="memory")
app.add_typer(models.app, name="models")
app.add_typer(trace.app, name="trace")
app.add_typer(network.app, name="network")
app.add_typer(optimize.app, name="optimize")
app.add_typer(reproduce.app, name="reproduce")

# Typer's own copy of click has no public name; its exceptions are reached through BadParameter.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dfsrt {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit."""
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
        if code == EXIT_INTERRUPTED:
            raise KeyboardInterrupt
    except BrokenPipeError:
        code = _reader_gone()
    except SystemExit as stop:
        # The command-line library turns a broken pipe inside a command into exit code 1.
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        code = _reader_gone()
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("interrupted; nothing was half-written", EXIT_INTERRUPTED)
    except DfsrtError as error:
        code = _fail(str(error), EXIT_USAGE)
    except _ClickError as error:
        code = _fail(_usage_text(error), EXIT_USAGE)
    sys.exit(code if isinstance(code, int) else 0)


def _reader_gone() -> int:
    """Keep the interpreter from complaining when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return EXIT_BROKEN_PIPE


def _fail(text: str, code: int) -> int:
    line = " ".join(text.split())
    print(f"dfsrt: {line}", file=sys.stderr)  # noqa: T201 - the one place that reports errors
    return code


def _usage_text(error: BaseException) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "dfsrt"
    return f"{message.rstrip('.') or 'no command given'}; see '{where} --help'"


if __name__ == "__main__":
    main()
