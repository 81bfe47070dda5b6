"""Governors by name: ours, those of other packages, and those in files of one's own."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.names import NameSpec, parse_name_spec
from dfsrt.base.plugin import PluginKind, declared, python_file
from dfsrt.governor.file import is_governor_file, read_governor_file
from dfsrt.governor.governor import Governor
from dfsrt.governor.guarded import COMMON, Guarded, guarded

GOVERNORS: PluginKind[Governor] = PluginKind(
    noun="governor",
    method="plan",
    arguments="view",
    returns="a dfsrt.Plan",
    group="dfsrt.governors",
    own={
        "pace": "dfsrt.governor.pace:Pace",
        "edf-static": "dfsrt.governor.edf_static:EdfStatic",
        "edf-cc": "dfsrt.governor.edf_cc:EdfCc",
        "edf-la": "dfsrt.governor.edf_la:EdfLa",
        "rm-static": "dfsrt.governor.rm_static:RmStatic",
        "rm-cc": "dfsrt.governor.rm_cc:RmCc",
    },
    common=COMMON,
)
"""What governors have in common with all plug-ins; ``.toml`` files and a guard are theirs."""


def governor_names() -> tuple[str, ...]:
    """Return the names of all registered governors, sorted."""
    return GOVERNORS.names()


def governor_spec(source: str | NameSpec) -> NameSpec:
    """Return a governor as typed as a name with options; a ``.toml`` file is read.

    Raises:
        InputError: no name, an option given twice, or a governor file that cannot be read.
    """
    spec = source if isinstance(source, NameSpec) else parse_name_spec(source, "governor")
    if not is_governor_file(spec.name):
        return spec
    read = read_governor_file(Path(spec.name))
    return NameSpec(read.name, {**read.options, **spec.options})


def governor_files(text: str) -> tuple[Path, ...]:
    """Return the files that a governor as typed is read from: its ``.toml``, its Python file."""
    typed = parse_name_spec(text, "governor").name
    read = [Path(typed)] if is_governor_file(typed) else []
    code = python_file(governor_spec(text).name)
    return (*read, *([] if code is None else [code]))


def make_governor(source: str | Path | NameSpec | Governor) -> Governor:
    """Return the governor that ``source`` names, as in ``dfs:rail=850mV``, or is.

    A name is that of an installed governor, ``file.py:Class`` for one's own, or a ``.toml`` file
    that ``dfsrt tune`` wrote; files are sought from the working directory. ``guard`` and
    ``set_points`` are options of every governor that has none of that name itself.

    Raises:
        InputError: an unknown name, a file that cannot be loaded, an unknown parameter, or a
            value that does not fit.
    """
    if not isinstance(source, str | Path | NameSpec):
        return GOVERNORS.make(source)
    spec = governor_spec(str(source) if isinstance(source, Path) else source)
    names = declared(GOVERNORS.class_of(spec.name))
    common = {k: v for k, v in spec.options.items() if k in COMMON and k not in names}
    own = {k: v for k, v in spec.options.items() if k not in common}
    return guarded(GOVERNORS.make(NameSpec(spec.name, own)), common)


def label(governor: Governor) -> str:
    """Return the name of a governor with the parameters that differ from their defaults.

    ``make_governor`` reads the label of a governor that it made back as the same governor.
    """
    if isinstance(governor, Guarded):
        return ":".join([label(governor.inner), *governor.options()])
    return GOVERNORS.label(governor)
