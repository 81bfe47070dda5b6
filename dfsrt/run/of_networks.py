"""Which of several files is which network's, by the names that a load calls its networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.network import Network

Files = str | Path | Mapping[str, str | Path] | None
"""One file, for a load of one network, or one for each network by its name."""


class OfNetworks:
    """What is said of the networks of a load, whose names are learned as they are asked for.

    ``what`` the files hold, and ``who`` has it, are for errors.

    Raises:
        InputError: a file that is of no network by name, beside others.
    """

    def __init__(self, files: Files, what: str, who: str) -> None:
        self._files = files if isinstance(files, Mapping) else {} if files is None else {"": files}
        self._what, self._who = what, who
        self._asked: dict[str, str] = {}
        if "" in self._files and len(self._files) > 1:
            raise InputError(
                f"{what} '{self._files['']}' stands beside others and names no network; say whose "
                f"it is: NETWORK={self._files['']}"
            )

    def __bool__(self) -> bool:
        return bool(self._files)

    def of(self, network: Network, name: str = "") -> str | Path | None:
        """Return the file of ``network``, which a load calls ``name``; None without one.

        Raises:
            InputError: one file and several networks, or two files for this one.
        """
        name = name or network.name
        self._asked[name] = network.name
        names = [n for n in dict.fromkeys((name, network.name, "")) if n in self._files]
        if not names:
            return None
        if len(names) > 1:
            raise InputError(
                f"{self._what} of '{network.name}' is said twice, as '{names[0]}' and as "
                f"'{names[1]}'; give it once"
            )
        file = self._files[names[0]]
        if "" in self._files and len(self._asked) > 1:
            raise InputError(
                f"{self._what} '{file}' is of one network, and the load runs "
                f"{' and '.join(self._asked)}; say whose it is: NETWORK={file}"
            )
        return file

    def check_used(self) -> None:
        """Check that every file is of a network that was asked for.

        Raises:
            InputError: a name that no network of the load has.
        """
        names = {*self._asked, *self._asked.values(), ""}
        for name in self._files:
            if name not in names:
                raise InputError(unknown_name(self._who, name, names - {""}))
