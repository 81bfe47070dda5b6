"""Steps make the networks of a load smaller by their sizes, and reports say that this is all."""

from __future__ import annotations

import pytest

import dfsrt
from dfsrt.base.errors import InputError
from dfsrt.network import load_network
from dfsrt.network.pipeline import load_pipeline
from dfsrt.report.api import Job
from dfsrt.run.deployment import Deployment
from dfsrt.run.source import open_source
from dfsrt.run.spec import RunSpec
from dfsrt.trace.card import card_text, read_card

STEPS = """
class FourBits:
    def apply(self, model, data):
        return model

    def on_sizes(self, network):
        return network.as_precision("w4a8")


class OfValues:
    def apply(self, model, data):
        return model
"""
PIPELINE = """
format = 1
name = "two"
description = "d"
source = "s"
[parameters.weights]
default = "own"
choices = {{ own = "", four = "{steps}" }}
help = "h"
[[stage]]
name = "find"
network = "squeezenet"
steps = "weights"
[[stage]]
name = "scale"
network = "sd2-scheduler"
"""


@pytest.fixture
def steps(tmp_path):
    path = tmp_path / "steps.py"
    path.write_text(STEPS)
    return path


def stored(job):
    """Bytes of weights by network, as the device stores them: by a plain loop over its tensors."""
    sums = []
    for part in job.job.mix.parts:
        tensors = {t.stored_as: t.bytes for c in part.table.costs for t in c.layer.weights}
        sums.append(sum(tensors.values()))
    return sums


def test_a_network_costs_what_its_smaller_one_does_and_says_that_nothing_is_known_of_answers(steps):
    text = f"{steps}:FourBits"
    report = dfsrt.run("squeezenet", steps=text).report
    smaller = dfsrt.run(load_network("squeezenet").as_precision("w4a8")).report
    assert report.energy_j == smaller.energy_j
    assert report.latency_s == smaller.latency_s
    (note,) = set(report.notes) - set(smaller.notes)
    assert note.startswith(f"steps {text}: by sizes alone") and "fidelity" in note


def test_a_stage_names_its_steps_itself_or_by_a_parameter(steps, tmp_path):
    file = tmp_path / "two.toml"
    file.write_text(PIPELINE.format(steps=f"{steps}:FourBits"))
    assert load_pipeline(f"{file}:weights=four").stages[0].reading.steps == f"{steps}:FourBits"
    own, four = (stored(Job(f"{file}:weights={w}"))[0] for w in ("own", "four"))
    assert four < 0.55 * own
    file.write_text(file.read_text().replace('"weights"', f'"{steps}:FourBits"'))
    assert stored(Job(str(file)))[0] == four


def test_steps_of_a_run_are_taken_by_every_network_that_has_weights(steps, tmp_path):
    file = tmp_path / "two.toml"
    file.write_text(PIPELINE.format(steps="prune"))
    job = Job(str(file), steps=f"{steps}:FourBits")
    assert stored(job)[0] < 0.55 * stored(Job(str(file)))[0]
    assert any("sd2-scheduler" in n and "it has no weights" in n for n in job.job.mix.notes)


def test_a_card_keeps_the_steps_of_its_networks(tmp_path):
    card = tmp_path / "card.toml"
    card.write_text(
        'name = "n"\nkind = "synthetic"\ndescription = "d"\nsource = "s"\nduration = "1 s"\n'
        '[reading.squeezenet]\nsteps = "int8,prune"\n'
    )
    read = read_card(card)
    assert read.readings["squeezenet"].steps == "int8,prune"
    assert 'steps = "int8,prune"' in card_text(read)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nosuch", "unknown transform 'nosuch'"),
        ("prune,", "have an empty one"),
        ("{}:OfValues", "needs weights with values"),
    ],
)
def test_steps_that_cannot_be_taken_are_one_clear_line(text, says, steps):
    spec = RunSpec(load="squeezenet", device="rk3588-npu", steps=text.format(steps))
    with pytest.raises(InputError, match=says):
        Deployment(open_source("squeezenet", "network"), spec).network()


def test_a_text_where_a_number_belongs_is_refused_by_its_parameter(tmp_path):
    file = tmp_path / "two.toml"
    text = PIPELINE.format(steps="int8").replace('steps = "weights"', 'repeat = "weights"')
    file.write_text(text)
    with pytest.raises(InputError, match="parameter 'weights' is the text ''"):
        load_pipeline(str(file))
