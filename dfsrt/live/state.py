"""What a live command keeps while it writes: a lock a device, and the settings from before."""

from __future__ import annotations

import os
import re
import time
from io import FileIO
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError, OutputError
from dfsrt.base.files import write_atomically
from dfsrt.base.json import encode
from dfsrt.base.lock import lock_alone, open_alone
from dfsrt.base.reading import open_raw, read_bytes
from dfsrt.live.settings import Settings

FORMAT = 1
BELOW_ROOT = "run/dfsrt/live"
"""Where it lies: a memory file system that every start empties, as it does the settings."""
_BOOT = "proc/sys/kernel/random/boot_id"
_PLAIN = re.compile(r"[^\w.:@-]")


class Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of a board before a live command wrote to it, and which process that was."""

    format: int
    board: str
    settings: Settings
    pid: int
    began_s: int
    boot: str

    @property
    def when(self) -> str:
        """When it began, as people read it."""
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began_s))


class States:
    """Files of boards in ``folder``, which is made when something is to be kept.

    Raises, on use:
        OutputError: the folder cannot be made or written.
        InputError: a file in it is none of dfsrt's.
    """

    def __init__(self, folder: Path, root: Path = Path("/")) -> None:
        self.folder, self._root = folder, root

    @classmethod
    def below(cls, root: Path) -> States:
        """Return the states of the machine or the recorded tree at ``root``."""
        return cls(root / BELOW_ROOT, root)

    @property
    def way_back(self) -> str:
        """The command that restores what is kept here."""
        words = ["dfsrt live restore --yes"]
        words += [] if self._root == Path("/") else [f"--root {self._root}"]
        words += [] if self.folder == self._root / BELOW_ROOT else [f"--state {self.folder}"]
        return " ".join(words)

    def lock(self, board: str) -> FileIO:
        """Keep other live commands from a board until what is returned is closed, everywhere.

        Raises:
            InputError: another one has it.
        """
        self._make_folder()
        return open_alone(self._path(board, ".lock"), "--board")

    def is_held(self, board: str) -> bool:
        """Whether a living process has a board's lock."""
        try:
            with open_raw(self._path(board, ".lock")) as file:
                lock_alone(file.fileno())
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def save(self, board: str, settings: Settings) -> Path:
        """Keep the settings of a board from before the first write; return where."""
        self._make_folder()
        saved = Saved(
            format=FORMAT,
            board=board,
            settings=settings,
            pid=os.getpid(),
            began_s=round(time.time()),
            boot=self._boot(),
        )
        path = self._path(board, ".json")
        write_atomically(path, lambda beside: beside.write_bytes(encode(saved) + b"\n"))
        return path

    def load(self, board: str) -> Saved | None:
        """Return what was kept of a board since this start of the machine; else None."""
        return self._read(self._path(board, ".json"))

    def pending(self) -> tuple[Saved, ...]:
        """Return what is kept of all boards."""
        try:
            paths = sorted(self.folder.glob("[!.]*.json"))
        except OSError:
            return ()
        return tuple(saved for path in paths if (saved := self._read(path)) is not None)

    def forget(self, board: str) -> None:
        """Drop what was kept of a board."""
        self._path(board, ".json").unlink(missing_ok=True)

    def _read(self, path: Path) -> Saved | None:
        try:
            saved = msgspec.json.decode(read_bytes(path), type=Saved)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InputError(
                f"'{path}' is no state of a live command ({error}); look at the board's settings, "
                "and remove the file"
            ) from error
        if saved.format != FORMAT:
            raise InputError(f"'{path}' has format {saved.format}; this dfsrt reads {FORMAT}")
        return saved if saved.boot == self._boot() else None

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot make the folder '{self.folder}' ({error.strerror}); run as root, or give "
                "a writable one with --state"
            ) from error

    def _boot(self) -> str:
        try:
            return read_bytes(self._root / _BOOT).decode("ascii", "replace").strip()
        except OSError:
            return ""

    def _path(self, board: str, suffix: str) -> Path:
        return self.folder / (_PLAIN.sub("_", board) + suffix)
