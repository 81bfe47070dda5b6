"""``dfsrt live``: plans on real boards."""

from __future__ import annotations

from typing import ClassVar

import typer

from dfsrt.cli import live_govern, live_hold, live_restore, live_show, live_watch
from dfsrt.cli.default_command import WithDefault


class DryRunFirst(WithDefault):
    """A group whose first word may be a network: ``dfsrt live NETWORK`` writes nothing."""

    default: ClassVar[str] = "dry-run"


app = typer.Typer(
    cls=DryRunFirst,
    no_args_is_help=True,
)
app.command("show")(live_show.show)
app.command("dry-run")(live_govern.dry_run)
app.command("hold")(live_hold.hold)
app.command("govern")(live_govern.govern)
app.command("watch")(live_watch.watch)
app.command("restore")(live_restore.restore)
