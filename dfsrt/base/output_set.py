"""A command's outputs: named before any work, put in place together, never over an input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from dfsrt.base.beside import Beside, end_all
from dfsrt.base.errors import OutputError, SameFileError
from dfsrt.base.undisturbed import undisturbed


@dataclass
class OutputSet:
    """Files that a command will write: ``named`` before it begins, ``written`` beside their places.

    All of ``written`` are put in place when the command has ended well, or none.
    """

    named: dict[Path, Path] = field(default_factory=dict)
    written: dict[Path, Beside] = field(default_factory=dict)
    replaced: list[Path] = field(default_factory=list)

    def put_in_place(self) -> None:
        """Put all files in place, and remove what they replace; undisturbed by Ctrl-C.

        Where one cannot be put there, all places are as they were.

        Raises:
            OutputError: a file cannot be put in place.
        """
        with undisturbed():
            self._move()
            for path in self.replaced:
                with suppress(OSError):
                    path.unlink()

    def _move(self) -> None:
        moved: list[tuple[Path, Path | None]] = []
        there = {path for path in self.written if path.exists()}
        try:
            for path, beside in self.written.items():
                moved.append((path, _earlier(path, beside)))
                beside.path.replace(path)
        except OSError as error:
            for place, earlier in moved:
                _put_back(place, earlier, place in there)
            raise OutputError(
                f"cannot write '{path}': {error.strerror}; give a path in a writable folder"
            ) from error


_OPEN: ContextVar[OutputSet | None] = ContextVar("outputs", default=None)


@contextmanager
def output_set() -> Iterator[OutputSet]:
    """Hold the outputs that are named meanwhile until the end, and put them in place together.

    Raises:
        OutputError: a file cannot be put in place.
    """
    outputs = OutputSet()
    token = _OPEN.set(outputs)
    try:
        yield outputs
        outputs.put_in_place()
    except (BrokenPipeError, SystemExit) as error:
        # Who read the screen has gone; files are not on the screen.
        if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
            outputs.put_in_place()
        raise
    finally:
        try:
            end_all()
        finally:
            end_all()  # Ctrl-C came in the midst of it; one more so soon is not heard
            _OPEN.reset(token)


def place_of(path: Path) -> Path:
    """Return where ``path`` is when links are followed; one in a circle is its own place."""
    return Path(os.path.realpath(path))


def name_outputs(paths: Sequence[Path]) -> None:
    """Say which files the command will write; without an open set this says nothing."""
    outputs = _OPEN.get()
    if outputs is not None:
        outputs.named |= {place_of(path): path for path in paths}


def named_outputs() -> dict[Path, Path]:
    """Return the outputs that were named, by their resolved paths, for workers."""
    outputs = _OPEN.get()
    return {} if outputs is None else outputs.named


@contextmanager
def guarded(named: Mapping[Path, Path]) -> Iterator[None]:
    """Let nothing here, in a worker of the command with the outputs ``named``, read them."""
    token = _OPEN.set(OutputSet(dict(named)))
    try:
        yield
    finally:
        _OPEN.reset(token)


def check_no_output(path: Path) -> None:
    """Check that an input is none of the outputs that were named, by whatever name.

    Raises:
        SameFileError: it is one.
    """
    outputs = _OPEN.get()
    for place, named in outputs.named.items() if outputs is not None else ():
        if place == place_of(path) or _same(place, path):
            raise SameFileError(
                f"'{named}' is an output and '{path}', the same file, an input; give the output "
                "another name"
            )


def held(path: Path, beside: Beside) -> bool:
    """Return whether an open set has taken ``beside`` to put it at ``path`` in the end."""
    outputs, place = _OPEN.get(), place_of(path)
    if outputs is None or place not in outputs.named:
        return False
    earlier = outputs.written.get(place)
    outputs.written[place] = beside
    if earlier is not None:
        earlier.end()
    return True


def remove_after(path: Path) -> None:
    """Remove the file at ``path``, which outputs replace, when they are in place; else now."""
    outputs = _OPEN.get()
    if outputs is not None:
        outputs.replaced.append(path)
    else:
        path.unlink(missing_ok=True)


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return False


def _earlier(path: Path, beside: Beside) -> Path | None:
    """A second name for what is at ``path``, so that it can be put back.

    None where nothing is, and on a file system without links, where nothing can be put back.
    """
    with suppress(OSError):
        os.link(path, beside.earlier)
        return beside.earlier
    return None


def _put_back(path: Path, earlier: Path | None, was_there: bool) -> None:
    with suppress(OSError):
        if earlier is not None:
            earlier.replace(path)
        elif not was_there:
            path.unlink()
