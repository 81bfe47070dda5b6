"""Files that files name: a device's base, a pipeline's networks, a scenario's trace, and theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there
from dfsrt.base.tomlfile import parse_toml, read_text


def followed(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return ``files`` by name with those that their TOML names beside it, and theirs in turn.

    Such a file has the name of the one that names it, too: ``base.toml of mine.toml``.
    """
    every = dict(files)
    seen = {path.resolve() for path in every.values()}
    left = list(every.items())
    while left:
        name, path = left.pop()
        for text, other in _named_in(path):
            if other.resolve() not in seen:
                seen.add(other.resolve())
                every[f"{text} of {name}"] = other
                left.append((f"{text} of {name}", other))
    return every


def _named_in(path: Path) -> Iterator[tuple[str, Path]]:
    """The files that a TOML file names, as it names them; another file names none."""
    if path.suffix.lower() != ".toml":
        return
    try:
        table = parse_toml(read_text(path, "file", "a TOML file"), dict[str, object], str(path))
    except InputError:
        return  # who reads it for the run says what is wrong
    for text in dict.fromkeys(texts_in(table)):
        for name in dict.fromkeys((text, text.partition(":")[0], text.partition(":")[2])):
            other = path.parent / name
            if name and is_there(other, Path.is_file):
                yield name, other


def texts_in(value: object) -> Iterator[str]:
    """Yield a text, or all that lists and tables hold."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)
