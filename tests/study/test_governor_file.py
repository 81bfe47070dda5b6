"""Governor files: what tune writes, --governor takes."""

from __future__ import annotations

import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.names import parse_name_spec
from dfsrt.governor.file import governor_file_text, read_governor_file
from dfsrt.governor.registry import label, make_governor
from dfsrt.study import tune
from tests.study.planted import bowl, study_of

TEXTS = [
    "dfs",
    "dfs:rail=850mV:tie=highest:same=0.0123456789012345",
    "dfs:rail=auto:guard=0.1",
    "simple_ondemand:up=80.5:down=3.25:period=12.5ms",
    "userspace:freq=600MHz:set_points=700mV+850mV",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_governor_file_reads_back_as_the_governor_it_was_made_of(tmp_path, text):
    path = tmp_path / "g.toml"
    path.write_text(governor_file_text(parse_name_spec(text, "governor"), {"study": "any", "n": 3}))
    assert str(read_governor_file(path)) == text
    assert make_governor(str(path)) == make_governor(path) == make_governor(text)


def test_options_after_the_file_come_on_top(tmp_path):
    path = tmp_path / "g.toml"
    path.write_text(governor_file_text(parse_name_spec("dfs:same=0.1:guard=0.1", "governor"), {}))
    assert label(make_governor(f"{path}:guard=0")) == "dfs:same=0.1"


def test_the_tuned_governor_is_the_best_one(tmp_path):
    done = tune(study_of(trials=16), tmp_path, 1, evaluate=bowl).report
    path = tmp_path / "governor.toml"
    assert make_governor(path) == make_governor(done.best.governor)
    text = path.read_text()
    for provenance in (
        'study = "planted"',
        f"trial = {done.best.trial}",
        "trials = 16",
        "seed = 0",
    ):
        assert provenance in text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot read governor file"),
        ("format = ", "not valid TOML"),
        ("format = 1", "key 'governor' is missing"),
        ('format = 2\ngovernor = "dfs"', "has format 2"),
        ('format = 1\ngovernor = "dfs"\nguards = 1', "did you mean 'guard'"),
        ('format = 1\ngovernor = "dsf"', "did you mean 'dfs'"),
        ('format = 1\ngovernor = "dfs"\n[parameters]\nsam = "1"', "did you mean 'same'"),
        ("format = 1\ngovernor = 3", "'governor' is a whole number; give text"),
    ],
)
def test_a_bad_file_is_an_error_with_its_name_and_what_is_wrong(tmp_path, content, says):
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=says):
        make_governor(str(path))
