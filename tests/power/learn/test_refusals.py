"""A model that was tampered with, or a card that does not fit together, is refused."""

from __future__ import annotations

import csv
import hashlib
import shutil

import msgspec
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from dfsrt.base.errors import InputError
from dfsrt.device import load_device
from dfsrt.power.card import card_text, read_card
from dfsrt.power.learn.check import check_files, check_model
from dfsrt.power.learned import of_bundle
from dfsrt.power.models import open_model
from tests.helpers import cli


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "mdla"
    shutil.copytree(open_model("mdla").folder, place)
    return place


def rewrite(folder, **changes):
    card = msgspec.structs.replace(read_card(folder), **changes)
    (folder / "card.toml").write_text(card_text(card))


def halve_weights(folder):
    """Halve every weight and mend the digest, as a forger would."""
    model = onnx.load(folder / "model.onnx")
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float64:
            tensor.CopyFrom(numpy_helper.from_array(values * 0.5, tensor.name))
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.floats:
                attribute.floats[:] = [v * 0.5 for v in attribute.floats]
    onnx.save(model, folder / "model.onnx")
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    rewrite(folder, model_sha256=digest)


def rewrite_golden(folder, change):
    path = folder / "golden.csv"
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(change(rows))


def test_halved_weights_are_found_even_with_digest_and_golden_rows_mended(folder):
    halve_weights(folder)
    rewrite_golden(
        folder, lambda rows: [rows[0], *([*r[:-1], repr(float(r[-1]) / 2)] for r in rows[1:])]
    )
    check_files(folder)  # the files agree with each other
    with pytest.raises(InputError, match="gives another power_w"):
        check_model(folder)


def test_golden_rows_without_outputs_are_refused(folder):
    rewrite_golden(folder, lambda rows: [r[:-1] for r in rows])
    with pytest.raises(InputError, match="has other outputs than the model"):
        check_files(folder)


def bounds(folder, **changes):
    return msgspec.structs.replace(read_card(folder).bounds, **changes)


def power_of(folder):
    return read_card(folder).targets["power_w"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: {"valid_low": [0.0]}, "differ in length"),
        (lambda f: {"valid_latency_s": [0.0]}, "valid_latency_s is no pair"),
        (lambda f: {"targets": dict.fromkeys(["power_w", "x"], power_of(f))}, "targets are not of"),
        (lambda f: {"bounds": bounds(f, samples={"all": 9})}, "are of other classes"),
        (lambda f: {"bounds": bounds(f, coverage={"most": 0.9})}, "not between 0 and 1"),
        (lambda f: {"bounds": bounds(f, levels=[0.5, 99])}, "not between 0 and 1"),
        (lambda f: {"targets": {}}, "targets lack power_w"),
        (lambda f: {"bounds": bounds(f, factors={"matrix": [1.0]})}, "lack factors for 'all'"),
        (lambda f: {"bounds": bounds(f, levels=[])}, "bounds.levels"),
        (lambda f: {"bounds": bounds(f, factors={"all": [1.0]})}, "one finite number above 0"),
        (
            lambda f: {"bounds": bounds(f, factors={"all": [-1.0] * len(bounds(f).levels)})},
            "one finite number above 0",
        ),
    ],
)
def test_a_card_that_does_not_fit_together_is_refused(folder, change, message):
    rewrite(folder, **change(folder))
    with pytest.raises(InputError, match=message):
        read_card(folder)


@pytest.mark.parametrize("odd", ["nan", "inf"])
@pytest.mark.parametrize(
    ("field", "message"),
    [
        ('"factors" = {"all" = [', "one finite number above 0"),
        ('"levels" = [', "not between 0 and 1"),
        ("valid_low = [", "no finite number"),
        ("valid_latency_s = [", "no finite number"),
    ],
)
def test_a_number_that_is_none_is_refused(folder, field, odd, message):
    path = folder / "card.toml"
    text = path.read_text()
    begin = text.index(field) + len(field)
    path.write_text(text[:begin] + odd + text[text.index(",", begin) :])
    with pytest.raises(InputError, match=message):
        read_card(folder)


def test_a_card_that_is_no_text_is_refused(folder):
    (folder / "card.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not a text file; give a folder"):
        read_card(folder)


def rename(folder, old, new):
    """Rename an input or output of the model everywhere, and mend the digest."""
    model = onnx.load(folder / "model.onnx")
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    onnx.save(model, folder / "model.onnx")
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    rewrite(folder, model_sha256=digest)


def test_a_model_with_another_input_is_refused(folder):
    rename(folder, "features", "x")
    with pytest.raises(InputError, match="its input is not 'features'"):
        check_files(folder)


def test_a_model_without_the_output_of_its_kind_is_refused(folder):
    rename(folder, "power_w", "watts")
    rewrite_golden(folder, lambda rows: [[*rows[0][:-1], "watts"], *rows[1:]])
    with pytest.raises(InputError, match="needs power_w"):
        check_files(folder)


def test_features_in_another_order_than_the_device_has_are_refused(folder):
    names = read_card(folder).features
    rewrite(folder, features=names[::-1])
    rewrite_golden(folder, lambda rows: [[*names[::-1], rows[0][-1]], *rows[1:]])
    with pytest.raises(InputError, match="other features"):
        of_bundle(open_model(folder), load_device("mdla"), "mdla")


def test_a_count_that_is_off_by_one_is_found(folder):
    rewrite(folder, samples=read_card(folder).samples + 1)
    with pytest.raises(InputError, match="samples"):
        check_model(folder)


def test_repeats_that_are_said_to_be_perfect_are_found(folder):
    repeats = msgspec.structs.replace(read_card(folder).repeats, power_w=0.0)
    rewrite(folder, repeats=repeats)
    with pytest.raises(InputError, match=r"repeats\.power_w"):
        check_model(folder)


def test_a_range_that_was_widened_a_little_is_found(folder):
    low, high = read_card(folder).valid_latency_s
    rewrite(folder, valid_latency_s=[low, high * 1.01])
    with pytest.raises(InputError, match="valid_latency_s"):
        check_model(folder)


def dfsrt(*arguments):
    return cli.dfsrt(".", *arguments)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["measure", "-o", "s.parquet", "--seed", "-1"], "--seed -1 is below 0"),
        (["measure", "-o", "s.parquet", "--sweep", "-1"], "--sweep -1 is below 0"),
        (["measure", "-o", "s.parquet", "--sweep", "0", "--per-network", "0"], "nothing to meas"),
        (["measure", "-o", "s.parquet", "--precision", "fp16=inf"], "no number above 0"),
        (["train", ".", "-o", "m"], "is a folder"),
        (["run", "alexnet", "--correct", "--confidence", "95%"], "do not go together"),
    ],
)
def test_input_that_cannot_be_meant_ends_in_one_line(arguments, part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = dfsrt(*arguments)
    assert done.returncode == 2, done.stderr
    assert part in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_same_readings_twice_are_refused(folder):
    samples = folder / "samples.parquet"
    done = dfsrt("train", samples, samples, "-o", folder.parent / "m")
    assert done.returncode == 2
    assert "given twice" in done.stderr
    copy = shutil.copy(samples, folder.parent / "copy.parquet")
    done = dfsrt("train", samples, copy, "-o", folder.parent / "m")
    assert done.returncode == 2
    assert "4853 readings" in done.stderr
    assert "in an earlier file too" in done.stderr
