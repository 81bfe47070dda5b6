"""Training, its validation by group, and the files of a model."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest

from dfsrt.base.errors import InputError
from dfsrt.base.shelf import find_entry
from dfsrt.device import device_names, load_device
from dfsrt.power.bundle import CARD, GOLDEN, MODEL, SAMPLES
from dfsrt.power.card import card_text, read_card
from dfsrt.power.fit import measure_samples
from dfsrt.power.learn.check import check_files, check_model
from dfsrt.power.learn.learner import NpuLearner
from dfsrt.power.learn.rows import npu_rows
from dfsrt.power.learn.train import train_files
from dfsrt.power.learn.validate import folds
from dfsrt.power.measure.store import write_samples
from dfsrt.power.models import model_names, open_model

EXPERIMENTAL = {
    *("a311d-npu", "eyeriss-v1", "h100-sxm", "hexagon-8gen2", "hexagon-spec", "orin-dla"),
    *("orin-dla-spec", "ideal", "xdna2"),
}
"""Presets without a model on the shelf: theirs are fitted where they are used."""
SIMULATED = [name for name in model_names() if name in {*device_names()} - EXPERIMENTAL]


@pytest.fixture(scope="module")
def rk3588():
    return load_device("rk3588-npu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, rk3588):
    place = tmp_path_factory.mktemp("train")
    write_samples(measure_samples(rk3588, layers=120), place / "s.parquet")
    return train_files([place / "s.parquet"], place / "mine", seed=1), place


def copy_of(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained[1] / "mine", tmp_path / "mine"))


def test_the_weights_are_those_of_non_negative_least_squares(rk3588):
    from scipy.optimize import nnls

    rows = npu_rows(measure_samples(rk3588, layers=60), rk3588)
    fitted = NpuLearner().fit(rows)
    oracle, _ = nnls(rows.features / rows.power_w[:, None], np.ones(len(rows)))
    assert fitted.raw(np.eye(len(oracle)))["power_w"] == pytest.approx(oracle, rel=1e-9, abs=1e-12)


def test_no_fold_has_a_shape_on_both_sides(rk3588):
    rows = npu_rows(measure_samples(rk3588, layers=60), rk3588)
    for train, test in folds(rows):
        assert set(rows.shapes[train]).isdisjoint(rows.shapes[test])
        assert set(rows.groups[train]).isdisjoint(rows.groups[test])
    held_out = [set(rows.groups[test]) for _, test in folds(rows)]
    assert [set(rows.groups[test]) for _, test in folds(rows, 3)] == held_out[::3]


def test_training_is_the_same_every_time(trained, tmp_path):
    again = train_files([trained[1] / "s.parquet"], tmp_path / "mine", seed=1)
    for name in (CARD, MODEL, GOLDEN, SAMPLES):
        assert (tmp_path / "mine" / name).read_bytes() == (trained[1] / "mine" / name).read_bytes()
    assert again.card == trained[0].card


def test_the_exported_model_gives_what_scikit_learn_gives(trained):
    done, place = trained
    found = open_model(place / "mine").run(done.rows.features)["power_w"]
    fitted = NpuLearner().fit(done.rows).predict(done.rows)["power_w"]
    assert found == pytest.approx(fitted, rel=1e-12)


def test_the_card_survives_being_written(trained):
    assert read_card(trained[1] / "mine") == trained[0].card
    assert card_text(trained[0].card).count("\n") > 20


@pytest.mark.parametrize("name", SIMULATED)
def test_a_shipped_card_claims_what_its_samples_give(name):
    check_model(name)


def test_every_model_on_the_shelf_runs_its_golden_rows():
    assert set(device_names()) - EXPERIMENTAL <= set(model_names())
    for name in model_names():
        check_files(name)


@pytest.mark.parametrize("name", [n for n in SIMULATED if n != "etri-like"])
def test_power_of_networks_held_out_is_within_three_percent(name):
    assert read_card(find_entry("powermodels", name)).targets["power_w"].overall.mape <= 0.03


def test_the_learned_model_beats_its_baselines(trained):
    for name in SIMULATED:
        card = read_card(find_entry("powermodels", name))
        for baseline in card.baselines.values():
            assert card.targets["power_w"].overall.mape < 0.6 * baseline.mape


def truncate(folder):
    path = folder / MODEL
    path.write_bytes(path.read_bytes()[:-20])


def other_schema(folder):
    text = (folder / GOLDEN).read_text()
    (folder / GOLDEN).write_text(text.replace("clock_v2", "clock_v3"))


def off_by_a_percent(folder):
    head, *rows = (folder / GOLDEN).read_text().splitlines()
    moved = [",".join([*r.split(",")[:-1], str(float(r.split(",")[-1]) * 1.01)]) for r in rows]
    (folder / GOLDEN).write_text("\n".join([head, *moved]) + "\n")


def not_a_number(folder):
    model = onnx.load(folder / MODEL)
    for tensor in model.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.dtype.kind == "f":
            tensor.CopyFrom(onnx.numpy_helper.from_array(array * np.nan, tensor.name))
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.floats:
                attribute.floats[:] = [float("nan")] * len(attribute.floats)
    replace_model(folder, model.SerializeToString())


def replace_model(folder, data):
    import hashlib

    old = read_card(folder).model_sha256
    (folder / MODEL).write_bytes(data)
    text = (folder / CARD).read_text()
    (folder / CARD).write_text(text.replace(old, hashlib.sha256(data).hexdigest()))


def no_onnx(folder):
    replace_model(folder, b"this is no model")


def edit_card(old, new):
    def edit(folder):
        text = (folder / CARD).read_text()
        assert old in text
        (folder / CARD).write_text(text.replace(old, new))

    return edit


def other_samples(folder):
    with (folder / SAMPLES).open("ab") as file:
        file.write(b" ")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (truncate, "changed or cut off"),
        (other_samples, "changed or cut off"),
        (other_schema, "no golden rows"),
        (off_by_a_percent, "does not give its golden rows again"),
        (not_a_number, "is no number"),
        (no_onnx, "no model that onnxruntime can run"),
        (edit_card("format = 2", "format = 9"), "format 9"),
        (edit_card('kind = "npu"', 'kind = "gpu"'), "other features"),
        (edit_card('kind = "npu"', 'kind = "cpu"'), "unknown"),
        (edit_card("format = 2", "format = two"), "is not valid TOML"),
        (lambda folder: (folder / CARD).unlink(), "cannot read power model's card"),
        (lambda folder: (folder / GOLDEN).unlink(), "no golden rows"),
        (lambda folder: (folder / MODEL).unlink(), "cannot be read"),
    ],
)
def test_a_harmed_model_is_refused(trained, tmp_path, harm, message):
    folder = copy_of(trained, tmp_path)
    check_files(folder)
    harm(folder)
    with pytest.raises(InputError, match=message):
        check_files(folder)


def test_a_card_that_claims_too_much_is_found_out(trained, tmp_path):
    folder = copy_of(trained, tmp_path)
    mape = trained[0].card.targets["power_w"].overall.mape
    edit_card(f'"mape" = {mape}', '"mape" = 0.001')(folder)
    check_files(folder)
    with pytest.raises(InputError, match=r"claims .*mape = 0.001, but its samples give"):
        check_model(folder)


def test_a_look_at_some_networks_finds_what_is_claimed_of_one_of_them_alone(trained, tmp_path):
    folder = copy_of(trained, tmp_path)
    card = read_card(folder)
    first, other, *_ = sorted(card.targets["power_w"].by_group)

    def claim(group, mape):
        power = card.targets["power_w"]
        said = msgspec.structs.replace(power.by_group[group], mape=mape)
        by_group = {**power.by_group, group: said}
        targets = {**card.targets, "power_w": msgspec.structs.replace(power, by_group=by_group)}
        (folder / CARD).write_text(card_text(msgspec.structs.replace(card, targets=targets)))

    check_model(folder, one_in=3)
    claim(other, 0.001)
    check_model(folder, one_in=3)
    claim(first, 0.001)
    with pytest.raises(InputError, match=f"by_group.{re.escape(first)}.mape = 0.001"):
        check_model(folder, one_in=3)


def test_samples_of_two_devices_make_no_model(trained, tmp_path, rk3588):
    write_samples(measure_samples(load_device("mdla"), layers=12), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="a model is of one device"):
        train_files([trained[1] / "s.parquet", tmp_path / "other.parquet"], tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_samples_of_an_earlier_device_are_refused(trained, tmp_path, rk3588):
    from dataclasses import replace

    changed = replace(rk3588, launch_cycles=rk3588.launch_cycles + 1)
    with pytest.raises(InputError, match="numbers have changed"):
        train_files([trained[1] / "s.parquet"], tmp_path / "m", npu=changed)
