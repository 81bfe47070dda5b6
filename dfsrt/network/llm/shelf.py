"""Configurations by name, from a TOML file of one's own, or from a published config.json."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from dfsrt.base.errors import InputError, NetworkError
from dfsrt.base.explain import explain
from dfsrt.base.names import CONFIGURATIONS, LLM, unknown_name
from dfsrt.base.tomlfile import Table, parse_table, read_text, shelf_names
from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.llm.published import from_published

SHELF = Path(__file__).parent / "shelf"


def llm_names() -> tuple[str, ...]:
    """Return the names of the language models that come along, like ``llm:llama-3.2-1b``."""
    return tuple(LLM + name for name in shelf_names(SHELF))


def is_llm(name: str) -> bool:
    """Whether a name, without options, is that of a language model."""
    return name.startswith(LLM)


def config_path(name: str) -> Path:
    """Return the file of a language model's configuration, which need not be there.

    Raises:
        NetworkError: no such name.
    """
    own = name.removeprefix(LLM)
    if own.lower().endswith(CONFIGURATIONS):
        return Path(own)
    if name not in llm_names():
        raise NetworkError(
            f"{unknown_name('language model', name, llm_names())} or give a configuration, as "
            "llm:FILE.toml or llm:config.json"
        )
    return SHELF / f"{own}.toml"


def load_config(name: str) -> LlmConfig:
    """Return the configuration of a name like ``llm:llama-3.2-1b``, or of a file, ``llm:my.toml``.

    Raises:
        NetworkError: no such name, a file that cannot be read, or numbers that make no model.
    """
    path = config_path(name)
    return _shipped(path) if path.parent == SHELF else _read(path)


@cache
def _shipped(path: Path) -> LlmConfig:
    return _read(path)


def _read(path: Path) -> LlmConfig:
    where = f"language model '{path}'"
    give = f"a configuration in a .toml file, a config.json, or one of {', '.join(llm_names())}"
    text = read_text(path, "language model", give, NetworkError)
    if path.suffix.lower() == ".json":
        return _fit(from_published(text, path.stem, where), where)
    return _fit({"name": path.stem, **parse_table(text, where, NetworkError)}, where)


def _fit(table: Table, where: str) -> LlmConfig:
    try:
        return msgspec.convert(table, LlmConfig)
    except msgspec.ValidationError as error:
        cause = error.__cause__ if isinstance(error.__cause__, InputError) else None
        raise NetworkError(f"{where}: {cause or explain(error, LlmConfig)}") from error
