"""Shared by the device tests: a preset as a table to spoil, and a place to write it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from dfsrt.base.tomltext import toml_text

Table = dict[str, Any]


@pytest.fixture
def preset_table() -> Callable[[str], Table]:
    """Return a preset's raw content, as a fresh dictionary each time."""

    def read(name: str = "rk3588-npu") -> Table:
        path = files("dfsrt.device") / "presets" / f"{name}.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))

    return read


@pytest.fixture
def write_device(tmp_path: Path) -> Callable[..., Path]:
    """Write a dictionary, or text as it is, as a device file."""

    def write(content: Table | str | bytes, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else toml_text(content)
            path.write_text(text, encoding="utf-8")
        return path

    return write
