"""Which file of measured zeros is which network's."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.network import Network
from dfsrt.power.activity import Activity, match_activity
from dfsrt.power.zeros_file import read_zeros
from dfsrt.run.of_networks import Files, OfNetworks


class Activities:
    """What was measured of the networks of a load, whose names are learned as they are asked for.

    ``known`` where the power model is told, too.

    Raises:
        InputError: ``known`` without a file.
    """

    def __init__(self, files: Files, known: bool = False) -> None:
        self._files = OfNetworks(files, "activity", "network with an activity")
        self._known = known
        if known and not self._files:
            raise InputError(
                "the power model cannot know an activity that nobody measured; give --activity "
                "with --activity-known"
            )

    def of(self, network: Network, name: str = "") -> Activity | None:
        """Return what was measured of ``network``, which a load calls ``name``; None is hidden.

        Raises:
            InputError: a file that cannot be read or is of another network, or one file and
                several networks.
        """
        file = self._files.of(network, name)
        return (
            None if file is None else match_activity(read_zeros(Path(file)), network, self._known)
        )

    def check_used(self) -> None:
        """Check that every file is of a network that was asked for.

        Raises:
            InputError: a name that no network of the load has.
        """
        self._files.check_used()
