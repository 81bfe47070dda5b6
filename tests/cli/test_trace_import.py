"""``dfsrt trace import``: a log becomes a trace, and what was left out is said."""

from __future__ import annotations

import pytest

from dfsrt.cli.trace_import import Log
from dfsrt.report.trace_table import trace_report
from dfsrt.trace import load_trace
from docs import token_traces
from docs.generate import DOCS, filled

MODEL = "llm:llama-3.2-1b"
LOG = """TIMESTAMP,ContextTokens,GeneratedTokens
2024-05-12 00:00:00+00:00,350,20
2024-05-12 00:00:01.5+00:00,90,7
broken
2024-05-12 00:00:03+00:00,5000,300
"""


def test_a_log_becomes_a_trace_that_says_what_it_lacks(dfsrt, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    done = dfsrt("trace", "import", "log.csv", "-w", MODEL, "--context", "4096", "--out", "T")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "note: format: azure",
        "note: rows left out: 1 (row 4: 1 cells, not 3)",
        "note: requests over 4096 tokens: 1 left out",
        "T: 2 requests; replay them with: dfsrt replay T",
    ]
    assert "rows left out" in (tmp_path / "T" / "card.toml").read_text()
    report = trace_report(load_trace(tmp_path / "T"))
    tokens = report.workloads[0].tokens
    assert tokens is not None
    assert (tokens.prompt.p50, tokens.output.total, tokens.gap_variation) == (220, 27, None)
    shown = dfsrt("trace", "show", "T").stdout.splitlines()
    assert shown[-2].split() == [MODEL, "prompt", "116", "220", "324", "347", "350", "440"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"workload": "resnet50"}, "'resnet50' is no language model"),
        ({"workload": f"{MODEL}:phase=decode"}, "is no language model"),
        ({"workload": "llm:lama"}, "unknown language model 'llm:lama'"),
        ({"since": "5s", "until": "4s"}, "is empty; give an end after its begin"),
        ({"over": "cut"}, "give leave-out or clip"),
    ],
)
def test_what_cannot_be_taken_of_a_log_is_refused(tmp_path, said, message):
    given = {"file": tmp_path, "workload": MODEL, "out": tmp_path / "T", **said}
    with pytest.raises(Exception, match=message):
        Log(**given).choice()


def test_the_context_is_at_most_the_models(tmp_path):
    log = Log(file=tmp_path, workload="llm:tinyllama-1.1b", out=tmp_path / "T", context=9999)
    assert log.choice().context == 2048


def test_commands_for_other_files_tell_of_the_import(dfsrt, tmp_path):
    (tmp_path / "log.csv").write_text(LOG.replace("broken\n", ""))
    for words in (("import", "log.csv"), ("trace", "show", "log.csv")):
        done = dfsrt(*words)
        assert done.returncode == 2 and "'dfsrt trace import' reads" in done.stderr


def test_the_page_shows_what_the_commands_print():
    text = (DOCS / "language_model_traces.md").read_text()
    assert filled(text, token_traces.parts()) == text
