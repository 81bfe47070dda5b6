"""Errors that a user can act on.

A message says what was given, what is allowed, and what to do. The command line prints it as one
line and exits with code 2.
"""


class DfsrtError(Exception):
    """Base of every error that dfsrt raises on purpose."""


class InputError(DfsrtError, ValueError):
    """A value, name or option that cannot be used as given."""


class NetworkError(InputError):
    """A network file that cannot be read or costed."""


class DeviceError(InputError):
    """A device description that breaks a rule of physics or of the format."""


class OutputError(DfsrtError, OSError):
    """A result that cannot be written where it was asked for."""


class SameFileError(DfsrtError):
    """An output of a command that is one of its inputs, too: neither may be touched."""
