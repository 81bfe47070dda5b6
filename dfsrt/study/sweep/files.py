"""Files that a sweep's study names: sought beside it, and part of what the result depends on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dfsrt.base.names import is_there, parse_name_spec, sought_in
from dfsrt.base.plugin import python_file
from dfsrt.governor.registry import governor_files
from dfsrt.study.followed import followed, texts_in
from dfsrt.study.sweep.known import FILES, KINDS_OF_FILES

FIELDS = (*FILES, *KINDS_OF_FILES, "activity", "power_model")
"""Fields that may name a file or a folder."""


def beside(folder: Path | None, field: str, value: object) -> object:
    """Return a field's value, a file that it names sought in the study's ``folder``."""
    if folder is None or field not in FIELDS:
        return value
    if isinstance(value, dict):
        return {name: beside(folder, field, each) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    if field in KINDS_OF_FILES:
        kind, colon, file = value.partition(":")
        return f"{kind}:{folder / file}" if colon else value
    if field == "power_model":
        model = folder / value.partition(":")[0]
        return str(folder / value) if is_there(model, Path.is_dir) else value
    return str(folder / value) if field == "activity" else sought_in(folder, value, FILES[field])


def files_of(fields: Mapping[str, object], folder: Path | None) -> dict[str, Path]:
    """Return the files that ``fields`` name, and those that they name, by the names they get."""
    files: dict[str, Path] = {}
    for field in (name for name in FIELDS if name in fields):
        for text in texts_in(fields[field]):
            for path in _paths(field, str(beside(folder, field, text))):
                name = parse_name_spec(text, "file").name
                inside = sorted(path.rglob("*")) if is_there(path, Path.is_dir) else []
                files |= {f"{name}/{one.relative_to(path)}": one for one in inside}
                files[name] = path
    there = {name: path for name, path in files.items() if is_there(path, Path.is_file)}
    return dict(sorted(followed(there).items()))


def _paths(field: str, text: str) -> list[Path]:
    if field == "governor":
        return [Path(path) for path in governor_files(text)]
    if field in KINDS_OF_FILES:
        return [Path(text.partition(":")[2])] if ":" in text else []
    name = parse_name_spec(text, "file").name
    code = python_file(name)
    return [Path(name) if code is None else code]
