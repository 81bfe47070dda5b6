"""What requests ask for: a network or a pipeline, by name or by its file."""

from __future__ import annotations

import os
from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.names import is_there, parse_name_spec, unknown_name, with_file_moved
from dfsrt.base.places import path_from, placed_in
from dfsrt.network import built_names, is_built, network_names
from dfsrt.network.load import open_sizes
from dfsrt.network.passes import language_model
from dfsrt.network.pipeline import load_pipeline, pipeline_names

FILES = (".onnx", ".toml")


def check_workload(text: str, where: str = "") -> None:
    """Check that ``text`` names a network or a pipeline, or a file of one that is there.

    Raises:
        InputError: it names neither; the message begins with ``where``.
    """
    lead = f"{where}: " if where else ""
    name = parse_name_spec(text, f"{lead}workload").name
    pipelines = pipeline_names()
    if is_built(name):
        open_sizes(text)  # which says where there is no such model
    elif name.lower().endswith(".toml") or name in pipelines:
        load_pipeline(text)
    elif name.lower().endswith(".onnx"):
        if not is_there(Path(name), Path.is_file):
            raise InputError(f"{lead}'{name}' is no file that is there; give the path of a network")
    elif name not in network_names():
        known = (*network_names(), *built_names(), *pipelines)
        raise InputError(f"{lead}{unknown_name('network or pipeline', name, known)} or give a file")


def context_of(text: str) -> int:
    """Return the most tokens, prompt and output together, that a language model attends to.

    Raises:
        NetworkError: it names none, or a pass of one.
    """
    return language_model(text).config.context


def is_file_name(text: str) -> bool:
    """Return whether a workload is named by a file, parameters aside."""
    return text.split(":")[0].strip().lower().endswith(FILES)


def seen_from(text: str, folder: Path) -> str:
    """Return a workload as a trace in ``folder`` names it: a file's path from there."""

    def from_there(name: str) -> str:
        if Path(name).is_absolute():
            return name
        return Path(path_from(folder, name)).as_posix()

    return with_file_moved(text, FILES, from_there)


def seen_in(text: str, folder: Path) -> str:
    """Return a workload of a trace in ``folder`` as it is named here, the inverse of the above.

    Raises:
        InputError: a file outside of ``folder``, as of ``placed_in``.
    """
    return with_file_moved(text, FILES, lambda name: os.path.normpath(placed_in(folder, name)))
