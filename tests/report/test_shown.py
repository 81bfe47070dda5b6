"""Names from anywhere, in tables: they neither steer a terminal nor are read as markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dfsrt.base.notice import notice
from dfsrt.cli.progress import progress, progress_of
from dfsrt.report.prose import write_lines
from dfsrt.report.tables import make_console, say, show

HOSTILE = "a\x1b]0;title\x07\u202e[/b] :smile: [link=x]b"
SHOWN = r"a\x1b]0;title\x07\u202e[/b] :smile: [link=x]b"


@pytest.fixture(params=[False, True], ids=["piped", "terminal"])
def written(request, monkeypatch):
    """A console as commands have it, and what it has written."""
    console = make_console()
    console.file = io.StringIO()
    console._force_terminal, console._width = request.param, 300
    console.no_color = True
    return console, console.file.getvalue


@pytest.mark.parametrize(
    "write",
    [
        lambda console: show(console, ("<name", "n"), [(HOSTILE, "1")]),
        lambda console: show(console, (f"<{HOSTILE}", "n"), [("name", "1")]),
        lambda console: say(console, HOSTILE),
        lambda console: write_lines(console, [HOSTILE]),
    ],
)
def test_a_name_is_written_as_it_is_but_escaped(written, write):
    console, text = written
    write(console)
    assert SHOWN in text()
    assert "\x07" not in text()


@pytest.mark.parametrize("total", [None, 3])
def test_bars_take_any_name(monkeypatch, total):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    with progress(total, HOSTILE) as on_done:
        on_done(1)
    with progress_of(HOSTILE) as on_stage:
        on_stage(HOSTILE, 1, 2)
    assert "\x07" not in terminal.getvalue()


def test_lines_of_text_keep_their_turns():
    console = Console(file=io.StringIO())
    say(console, "one\ntwo")
    assert console.file.getvalue() == "one\ntwo\n"


def test_a_notice_escapes_what_steers_a_terminal(capsys):
    notice(f"no weights in '{HOSTILE}'")
    assert capsys.readouterr().err == f"dfsrt: no weights in '{SHOWN}'\n"
