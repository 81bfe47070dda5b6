"""dfsrt budget at the terminal: outputs, files, and mistakes."""

from __future__ import annotations

import msgspec
import pytest

from dfsrt.cli import main as entry
from dfsrt.run.scenario_load import SHELF
from dfsrt.study.budget import BudgetReport
from dfsrt.study.pool import open_pool


@pytest.fixture
def typed(monkeypatch, tmp_path, capsys):
    """Type words behind ``dfsrt budget`` in a folder with ``small.toml``; code, output, errors."""
    text = (SHELF / "infinite-zoom-phone.toml").read_text()
    for before, after in (
        ("infinite-zoom:steps=20", "squeezenet"),
        ('charge = "100 %"', 'charge = "4.5 %"'),
        ("\nbelow = ", "\nchange = []\n#"),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "small.toml").write_text(text)
    (tmp_path / "other.toml").write_text("format = 1\n")
    monkeypatch.chdir(tmp_path)

    def type_(*words):
        monkeypatch.setattr("sys.argv", ["dfsrt", "budget", *words])
        with pytest.raises(SystemExit) as stopped:
            entry.main()
        said = capsys.readouterr()
        return stopped.value.code, said.out, said.err

    return type_


def test_a_budget_prints_its_answers_its_cuts_and_how_many_runs(typed, tmp_path):
    words = ("small.toml", "-t", "80 FPS", "--target", "60 s", "--as-assumed", "-w", "1")
    code, out, err = typed(*words, "--json", "b.json", "--html", "b.html")
    assert (code, err) == (0, "")
    page = (tmp_path / "b.html").read_text()
    for name in ("budget-fps", "budget-life", "budget-cuts"):
        assert f'id="plot-{name}"' in page
    report = msgspec.json.decode((tmp_path / "b.json").read_bytes(), type=BudgetReport)
    assert [t.kind for t in report.targets] == ["fps", "life"]
    for text in (
        *(target.says for target in report.targets),
        *(cut.name for cut in report.cuts),
        f"{report.runs} runs; caps to 1%",
        "all together: ",
        "10 % less: life",
    ):
        assert text in out
    assert "worst" not in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("small.toml",), "no target given; give one, like --target '30 FPS'"),
        (("small.toml", "-t", "8 parsecs"), "has the unit 'parsecs', which is unknown"),
        (("small.toml", "-t", "8 h", "--until", "10 s"), "ends at '10 s', not with its battery"),
        (("small.toml", "-t", "8 h", "--cap-at", "1s=1W"), "'--cap-at' changes the cap"),
        (("small.toml", "-t", "8 h", "--samples", "3"), "'--samples' is of runs"),
        (("small.toml", "-t", "8 h", "--figure", "p.svg"), "'--figure' is of runs"),
        (("small.toml", "-t", "8 h", "--html", "p.txt"), "'p.txt' is no .html file"),
        (("small.toml", "-t", "8 h", "-g", "dfs,dvfs"), "'--governor' is named more than once"),
        (("small.toml", "-t", "8 h", "--numbers", "few"), "'few' is not a whole number"),
        (("small.toml", "-t", "8 h", "--numbers", "-1"), "out of range; give 0 or more"),
        (("small.toml", "-t", "8 h", "--workers", "0"), "workers 0 is out of range"),
        (("other.toml", "-t", "8 h"), "scenario 'other.toml'"),
        (("squeezenet", "-t", "8 h"), "is a network, not a scenario: use a scenario; for a"),
        (("zoom-30fps", "-t", "8 h"), "for a trace see dfsrt levers"),
        (("voice-glass", "-t", "8 h"), "did you mean 'voice-glasses'?"),
        ((), "Missing argument 'SCENARIO'"),
    ],
)
def test_mistakes_end_in_one_line_and_write_nothing(typed, tmp_path, words, says):
    code, out, err = typed(*words, *(("--json", "b.json") if words else ()))
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "b.json").exists()


def test_the_scheduler_that_is_named_gets_the_lives(typed, monkeypatch):
    asked = []

    def opened(workers, dask, work):
        asked.append(dask)
        return open_pool(workers, None, work)

    monkeypatch.setattr("dfsrt.study.budget.lives.open_pool", opened)
    words = ("small.toml", "-t", "1 s", "--as-assumed", "--workers", "1")
    assert typed(*words, "--dask", "tcp://127.0.0.1:8786")[0] == 0
    assert asked == ["tcp://127.0.0.1:8786"]
