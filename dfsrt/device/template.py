"""Templates: a device file that takes all from a base, with every number of it ready to edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import msgspec

from dfsrt.base.errors import DeviceError
from dfsrt.base.names import parse_name_spec
from dfsrt.base.places import path_from
from dfsrt.base.tomltext import TomlValue, key_text, value_text
from dfsrt.device.facts import KeyFacts, key_facts
from dfsrt.device.leaf import leaf_text
from dfsrt.device.load import device_names, parse_device_file, read_device_file
from dfsrt.device.provenance import beside, tables
from dfsrt.device.schema import FORMAT, DeviceFile
from dfsrt.device.unit import span_text

_HOW_TO = """\
## A device of your own. It is {base} until you change it:
## what a file does not say comes from its base, and 'dfsrt device show' lists which numbers do.
## To change a number, take the '# ' away before it and before its source, and say where yours comes
## from: a data sheet, a measurement, or 'assumed: why'. A list or a table in braces is one value.
## range.KEY = [LOW, HIGH], in the unit of the number, tells what an assumed one may be.
"""
_NO_SOURCE = "say where your number comes from"


def device_template(base: str, name: str, out: Path | None = None) -> str:
    """Return a device file ``name`` on the base of a preset or of a device file.

    ``out`` is where it will lie: a base that is a file is named from there. Without a comment in
    it, the file says no number of its own; with all of them made lines, it is the base again.

    Raises:
        DeviceError: no such base, or options in its name.
    """
    spec = parse_name_spec(base, "base device")
    if spec.options:
        raise DeviceError(
            f"base '{base}' chooses {', '.join(spec.options)}; give the name alone: the new device "
            "can choose for itself"
        )
    device, keys = read_device_file(spec.name), {key.key: key for key in key_facts(spec.name)}
    head = _head(device, _from_there(spec.name, out), name)
    text = "\n".join([*head, *_body(device, keys)]) + "\n"
    parse_device_file(text, str(out or name))  # what is handed out loads
    return text


def name_of(file: str) -> str:
    """Return the name that a device has by its file, or a device derived from it by its base."""
    return re.sub(r"[^\w.-]", "-", Path(file).name.removesuffix(".toml")) or "device"


def _from_there(base: str, out: Path | None) -> str:
    """A base as the new file names it: presets by name, files from the new file's folder."""
    if base in device_names():
        return base
    return path_from((out or Path("device.toml")).parent, base)


def _head(device: DeviceFile, base: str, name: str) -> Iterator[str]:
    yield _HOW_TO.format(base=device.name)
    yield f"format = {FORMAT}"
    yield f"base = {value_text(base)}"
    yield f"name = {value_text(name)}"
    yield f"description = {value_text(f'{device.name} with numbers of my own')}"


def _body(device: DeviceFile, keys: Mapping[str, KeyFacts]) -> Iterator[str]:
    raw = msgspec.to_builtins(device)
    ranges = beside(raw, "range")
    for path, table in tables(raw, ""):
        named = [keys[f"{path}{name}"] for name in table if f"{path}{name}" in keys]
        if named:
            yield f"\n[{path.rstrip('.')}]"
        for key in named:
            yield from _lines(key, _at(device, key.key), ranges.get(key.key))
    for field in msgspec.structs.fields(device):
        if getattr(device, field.name) is None:
            yield f"\n## A table [{field.name}] may be added: docs/devices.md tells what it holds."


def _lines(key: KeyFacts, value: TomlValue, told: object) -> Iterator[str]:
    """A key's lines, all of them comments: the value with its unit, its source, its range."""
    name = key_text(key.key.rpartition(".")[2])
    first, *rest = value_text(value).splitlines()
    yield f"# {name} = {first}{_comment(key)}"
    yield from (f"# {line}" for line in rest)
    if key.source or any(leaf.is_number for leaf in key.leaves):
        yield f"# source.{name} = {value_text(key.source or _NO_SOURCE)}"
    if told is not None:
        yield f"# range.{name} = {value_text(cast('TomlValue', told))}"


def _comment(key: KeyFacts) -> str:
    """What a number is in words: its unit, how people read it, its range."""
    said = {leaf.unit.symbol: None for leaf in key.leaves if leaf.unit.symbol and leaf.is_number}
    text = ", ".join(said)
    if len(key.leaves) == 1 and text and key.leaves[0].unit.prefixed:
        text += f": {leaf_text(key.leaves[0])}"
    spans = {span_text(*s, leaf.unit) for leaf, s in zip(key.leaves, key.spans, strict=True) if s}
    if len(spans) == 1:
        text += f"{', ' if text else ''}range {spans.pop()}"
    return f"  # {text}" if text else ""


def _at(device: DeviceFile, path: str) -> TomlValue:
    """The value at a dotted path; entries of a list leave out what they do not need to say."""
    found: object = device
    for name in path.split("."):
        found = found[name] if isinstance(found, dict) else getattr(found, name)
    if isinstance(found, msgspec.Struct):
        found = _brief(found)
    if isinstance(found, list):
        found = [_brief(one) if isinstance(one, msgspec.Struct) else one for one in found]
    return cast("TomlValue", found)


def _brief(entry: msgspec.Struct) -> dict[str, object]:
    """An entry of a list without what it has by default."""
    said = {}
    for field in msgspec.structs.fields(entry):
        value, factory = getattr(entry, field.name), field.default_factory
        default = field.default if factory is msgspec.NODEFAULT else factory()
        if default is msgspec.NODEFAULT or value != default:
            said[field.name] = value
    return said
