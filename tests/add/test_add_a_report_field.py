"""To add a report field, three files are touched: the schema, what works it out, and the table."""

from __future__ import annotations

import json

import pytest

RUN = ("run", "squeezenet", "-n", 2)


@pytest.fixture(scope="module")
def house(followed):
    steps, house = followed("A report field")
    assert steps.files == {
        "dfsrt/report/schema.py",
        "dfsrt/report/core.py",
        "dfsrt/report/run_table.py",
    }
    return steps, house


def share_of(report):
    return report["transitions"]["stall_s"] / (report["busy_share"] * report["time_s"])


def test_what_the_recipe_shows_tells_it_in_table_and_json(house):
    steps, built = house
    table, text = (built.shell(command) for command in steps.commands)
    report = json.loads(text)
    assert report["stall_share"] == pytest.approx(share_of(report), rel=1e-9)
    assert f"{report['stall_share']:.2%} of its work" in table


@pytest.mark.parametrize(
    "load",
    [
        ("replay", "voice-assistant", "--until", "1 s", "--step", "layer"),
        ("battery", "voice-glasses", "--until", "1 s", "--step", "layer"),
        ("compare", "alexnet", "-n", 1, "-g", "dfs"),
    ],
    ids=lambda load: load[0],
)
def test_every_load_tells_it(house, load):
    told = json.loads(house[1].dfsrt(*load, "--json", "-"))
    for report in told.get("runs", [told]):
        assert report["stall_share"] == pytest.approx(share_of(report), rel=1e-6)


def test_the_schema_and_data_in_python_have_it(house):
    said = house[1].call(
        "-c",
        "import dfsrt, msgspec; from dfsrt.report import Report\n"
        "done = dfsrt.run('squeezenet', frames=1)\n"
        "print(msgspec.json.schema(Report)['$defs']['Report']['properties']['stall_share'])\n"
        "print(done.to_dict()['stall_share'], 'of its work' in done._repr_html_())\n",
    )
    schema, told = said.splitlines()
    assert "number" in schema
    assert told.split()[1] == "True"
