"""What a plain install leaves out: asked for by one line, and installed by its name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import dfsrt
from dfsrt.base import compiled
from dfsrt.base.errors import InputError
from dfsrt.base.extras import EXTRAS, need

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=;\[ ]", line)[0] for line in requirements}


OWN = [name for name, extra in EXTRAS.items() if "dfsrt" in extra.asks_for]


@pytest.mark.parametrize("extra", OWN)
def test_every_extra_that_is_asked_for_can_be_installed_and_brings_what_is_missing(extra):
    assert set(EXTRAS[extra].packages) <= names_of(PROJECT["optional-dependencies"][extra])


@pytest.mark.parametrize("extra", OWN)
def test_what_is_missing_is_one_line_with_the_command(extra, monkeypatch):
    monkeypatch.setattr("dfsrt.base.extras.find_spec", lambda name: None)
    with pytest.raises(InputError) as said:
        need(extra)
    assert str(said.value).endswith(f"not installed; run: pip install 'dfsrt[{extra}]'")
    assert "\n" not in str(said.value)


def test_a_plain_install_brings_none_of_them_on_linux_on_x86_64():
    others = {name for extra in EXTRAS.values() for name in extra.packages}
    here = [line for line in PROJECT["dependencies"] if "platform_machine" not in line]
    assert not names_of(here) & others


def test_without_a_compiler_a_function_is_plain_python(monkeypatch):
    def one_more(x: int) -> int:
        return x + 1

    monkeypatch.setattr(compiled, "installed", lambda package: "")
    assert compiled.made_here.__wrapped__(one_more) is one_more
    assert not compiled.can_compile()


def test_a_run_whose_machine_code_does_not_fit_is_the_same_in_plain_python(monkeypatch):
    expected = dfsrt.run("squeezenet", frames=2, step="layer").to_dict()
    monkeypatch.setattr("dfsrt.base.shipped.layout_of", lambda argument: "another")
    monkeypatch.setattr(compiled, "installed", lambda package: "")
    assert dfsrt.run("squeezenet", frames=2, step="kernel").to_dict() == expected


def test_a_page_without_its_library_says_what_to_install(monkeypatch):
    from dfsrt.report.page import page

    monkeypatch.setattr("dfsrt.base.extras.find_spec", lambda name: None)
    with pytest.raises(InputError, match="plotly not installed"):
        page._library_folder()
