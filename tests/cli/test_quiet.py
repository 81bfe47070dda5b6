"""``--quiet``: results and errors, and not a word more."""

from __future__ import annotations

import pytest

from dfsrt.base.notice import QUIET, is_quiet, notice


@pytest.fixture
def talkative(tmp_path):
    """A device tree whose import has something to note."""
    (tmp_path / "b.dts").write_text(
        "/ { t: x { a { opp-hz = /bits/ 64 <500000000>; opp-microvolt = <800000>; }; "
        'b { opp-hz = /bits/ 64 <900000000>; opp-microvolt = <800000>; status = "disabled"; }; '
        "turbo { opp-hz = /bits/ 64 <1000000000>; opp-microvolt = <900000>; turbo-mode; }; }; };"
    )
    return ("device", "import-dt", "b.dts")


def test_quiet_stands_before_a_command_and_behind_it(dfsrt, talkative):
    loud = dfsrt(*talkative)
    assert loud.returncode == 0
    assert "note:" in loud.stderr
    group, command, file = talkative
    for words in (
        ("--quiet", group, command, file),
        (group, "--quiet", command, file),
        (group, command, "--quiet", file),
        (group, command, file, "--quiet"),
    ):
        quiet = dfsrt(*words)
        assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, loud.stdout, "")


def test_it_stands_before_a_default_command_too(dfsrt):
    assert dfsrt("memory", "--quiet", "digits").stdout == dfsrt("memory", "digits").stdout


def test_errors_stay(dfsrt):
    done = dfsrt("--quiet", "run", "nothing")
    assert done.returncode == 2
    assert "unknown network" in done.stderr


@pytest.mark.parametrize(("value", "quiet"), [("1", True), ("0", False), ("", False)])
def test_the_environment_says_so_once_for_all(monkeypatch, capsys, value, quiet):
    monkeypatch.setenv(QUIET, value)
    notice("something")
    assert is_quiet() is quiet
    assert capsys.readouterr().err == ("" if quiet else "dfsrt: something\n")
