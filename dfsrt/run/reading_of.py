"""What is said of how networks are read, shared out among the networks of a load."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.network.load import fitting
from dfsrt.network.reading import Reading

_IN_FILES = {"--dim": "dims", "--set": "set", "--trips": "trips"}
"""What a pipeline's stage calls options that a pipeline does not take."""


def in_a_pipeline(message: str) -> str:
    """Return a message about a network so that its advice works where that is in a pipeline."""
    keys = [key for option, key in _IN_FILES.items() if f"{option} " in message]
    if not keys:
        return message
    said = " and ".join(keys)
    return f"{message}; in the pipeline's file that is {said} of the network's stage"


class ReadingOf:
    """How the networks of a load are read; sizes and values go to those that have them open.

    Where there is ``one`` network all that is said is its own.
    """

    def __init__(self, reading: Reading, one: bool) -> None:
        self._reading, self._one = reading, one
        self._used: set[str] = set()

    def of(self, name: str) -> Reading:
        """Return what is said of a network that a load calls ``name``.

        Raises:
            NetworkError: it cannot be read.
        """
        if self._one:
            return self._reading
        reading = fitting(name, self._reading)
        self._used.update(reading.dims, reading.values)
        return reading

    def check_used(self) -> None:
        """Check that each size and each value is of a network that was asked for.

        Raises:
            InputError: one that no network has.
        """
        if self._one:
            return
        for what, said in (("--dim", self._reading.dims), ("--set", self._reading.values)):
            for name in said:
                if name not in self._used:
                    raise InputError(
                        f"no network of the load has '{name}', which {what} sets; leave it out"
                    )
