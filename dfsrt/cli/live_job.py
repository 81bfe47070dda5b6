"""What is governed, from what is said: a governor, what it may know, and what it goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from dfsrt.base.errors import InputError
from dfsrt.cli.live_options import GovernOptions, period_ns_of, tree_of
from dfsrt.cli.reading_options import ReadingOptions, reading_fields

if TYPE_CHECKING:
    from dfsrt.governor import Governor
    from dfsrt.live import Backend, Devfreq
    from dfsrt.live.govern import Governed
    from dfsrt.live.outlook import Outlook
    from dfsrt.run.fields import RunFields


def who_chooses(said: GovernOptions) -> Governor:
    """Return the governor that is named, or the usual one."""
    from dfsrt.governor import make_governor

    usual = "simple_ondemand" if said.network is None else "app-dvfs"
    return make_governor(said.governor or usual)


def device_of(device: str | None, board: str) -> str:
    """Return the device that is named, or the one behind a board's name.

    Raises:
        InputError: nobody knows the board.
    """
    from dfsrt.live.boards import PRESETS

    if device is not None:
        return device
    if board not in PRESETS:
        raise InputError(
            f"nobody knows what is behind '{board}'; name the board's device with --device, by "
            "name or .toml file"
        )
    return PRESETS[board]


def check_reads_nothing(said: ReadingOptions) -> None:
    """Check that nothing is said of how a network is read where none is named.

    Raises:
        InputError: it is.
    """
    if reading_fields(said):
        raise InputError("--dim and the like say how a network is read; name the network that runs")


def outlook_of(said: GovernOptions, board: Devfreq) -> Outlook:
    """Return what the governor may know: of the clocks within the board's limits alone.

    Raises:
        InputError: a cap or sizes without a network, or what a job refuses.
    """
    from dfsrt.live.outlook import outlook_of_board, outlook_of_job

    freqs_hz = board.allowed()
    if said.network is None:
        check_reads_nothing(said)
        if said.cap is not None:
            raise InputError("--cap is held by predicted power; name the network that runs")
        return outlook_of_board(freqs_hz)
    from dfsrt.run.job import make_job

    fields = cast("RunFields", reading_fields(said))
    fields["device"] = device_of(said.device, board.name)
    if said.cap is not None:
        fields["cap"] = said.cap
    if said.cap_domain is not None:
        fields["cap_domain"] = said.cap_domain
    return outlook_of_job(make_job(said.network, **fields), freqs_hz)


def governed_of(said: GovernOptions, board: Devfreq) -> Governed:
    """Return all that a governor's loop needs.

    Raises:
        InputError: a governor that needs what nobody shows.
    """
    from dfsrt.live.chooser import Chooser
    from dfsrt.live.govern import Governed
    from dfsrt.live.loads import parse_load

    chooser = Chooser(who_chooses(said), outlook_of(said, board), period_ns_of(said.period))
    meter = _meter_of(said, board)
    if chooser.reads_power and meter is board:
        raise InputError(
            f"{board.id} shows no power; name a meter with --meter: see 'dfsrt live show'"
        )
    return Governed(board, meter, parse_load(said.load), chooser)


def _meter_of(said: GovernOptions, board: Devfreq) -> Backend:
    from dfsrt.live.boards import open_any

    return board if said.meter is None else open_any(tree_of(said), said.meter)
