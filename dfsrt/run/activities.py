"""Which file of measured zeros is which network's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.network import Network
from dfsrt.power.activity import Activity, match_activity
from dfsrt.power.zeros_file import read_zeros

Files = str | Path | Mapping[str, str | Path] | None
"""One file, for a load of one network, or one for each network by its name."""


class Activities:
    """What was measured of the networks of a load, whose names are learned as they are asked for.

    ``known`` where the power model is told, too.

    Raises:
        InputError: ``known`` without a file.
    """

    def __init__(self, files: Files, known: bool = False) -> None:
        self._files = files if isinstance(files, Mapping) else {} if files is None else {"": files}
        self._known = known
        self._asked: dict[str, str] = {}
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
        name = name or network.name
        self._asked[name] = network.name
        file = next((self._files[n] for n in (name, network.name, "") if n in self._files), None)
        if file is None:
            return None
        if "" in self._files and len(self._asked) > 1:
            raise InputError(
                f"activity '{file}' is of one network, and the load runs "
                f"{' and '.join(self._asked)}; say whose it is: NETWORK={file}"
            )
        return match_activity(read_zeros(Path(file)), network, self._known)

    def check_used(self) -> None:
        """Check that every file is of a network that was asked for.

        Raises:
            InputError: a name that no network of the load has.
        """
        names = {*self._asked, *self._asked.values(), ""}
        for name in self._files:
            if name not in names:
                raise InputError(unknown_name("network with an activity", name, names - {""}))
