"""A trained model on disk: its card, its network in ONNX, and rows that prove it runs right."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.base.errors import InputError
from dfsrt.power.card import FORMAT, Card, read_card
from dfsrt.power.engine import Answers, open_engine
from dfsrt.power.valid_range import within

CARD, MODEL, GOLDEN, SAMPLES = "card.toml", "model.onnx", "golden.csv", "samples.parquet"
NETWORKS = "networks.json.gz"
GOLDEN_ROWS = 16
OUTPUTS = {"npu": {"power_w"}, "gpu": {"log_demand", "log_slowdown"}}
"""What a model of each kind must answer."""
TOLERANCE = {"npu": (1e-9, 1e-12), "gpu": (1e-4, 2e-3)}
"""Relative and absolute difference that a golden row may show: a model of a card computes in
float32, and its outputs are logarithms, so that 0.002 is 0.2 %."""


@dataclass(frozen=True)
class Bundle:
    """A model folder that has been read; ``run`` answers once its golden rows have been checked.

    Raises, on first use:
        InputError: a digest, a feature schema, a golden row or an output that is not right.
    """

    folder: Path
    card: Card
    names: tuple[str, ...]

    def run(self, features: Floats) -> Mapping[str, Floats]:
        """Return each output by name, ``(n_rows,)``, for features ``(n_rows, n_features)``."""
        return self._answers(features)

    def check(self) -> None:
        """Check the digest, the schema and the golden rows now."""
        _ = self._answers

    def in_range(self, features: Floats) -> Mask:
        """Return which rows lie within what the model was trained on, ``(n_rows,)``."""
        return within(features, np.array(self.card.valid_low), np.array(self.card.valid_high))

    @cached_property
    def _answers(self) -> Answers:
        path = self.folder / MODEL
        check_digest(path, self.card.model_sha256)
        answers = open_engine(path, self.card)
        self._check_golden(answers)
        return answers

    def _check_golden(self, answers: Answers) -> None:
        path = self.folder / MODEL
        features, expected = self._golden()
        found = answers(features)
        if set(expected) != set(found):
            raise InputError(
                f"'{self.folder / GOLDEN}' has other outputs than the model "
                f"({', '.join(expected) or 'none'}, not {', '.join(found)}); train it anew"
            )
        if not OUTPUTS[self.card.kind] <= set(found):
            raise InputError(
                f"'{path}' has the outputs {', '.join(found)}; a model of kind {self.card.kind} "
                f"needs {', '.join(sorted(OUTPUTS[self.card.kind]))}: train it anew"
            )
        relative, absolute = TOLERANCE[self.card.kind]
        for name, values in expected.items():
            if not np.allclose(found[name], values, rtol=relative, atol=absolute):
                raise InputError(
                    f"power model '{self.card.name}' does not give its golden rows again "
                    f"({name} is off); it may not be trusted here: train it anew"
                )

    def _golden(self) -> tuple[Floats, dict[str, Floats]]:
        path = self.folder / GOLDEN
        try:
            with path.open(newline="") as file:
                header, *rows = list(csv.reader(file))
            table = np.array(rows, dtype=np.float64)
            count = len(self.names)
            if tuple(header[:count]) != self.names or table.shape[1:] != (len(header),):
                raise ValueError("its columns are not the model's features")
        except (OSError, ValueError, csv.Error) as error:
            raise InputError(
                f"'{path}' holds no golden rows of this model ({error}); train it anew"
            ) from error
        return table[:, :count], {n: table[:, count + i] for i, n in enumerate(header[count:])}


def load_bundle(folder: Path, names: Mapping[str, tuple[str, ...]]) -> Bundle:
    """Return the model in ``folder``; ``names`` gives the feature schema of each kind.

    Raises:
        InputError: no such model, a card of another format, or features that this dfsrt lacks.
    """
    card = read_card(folder)
    if card.format != FORMAT:
        raise InputError(
            f"power model '{folder}' has format {card.format}; this dfsrt reads format {FORMAT}: "
            "train it anew"
        )
    if card.kind not in names:
        raise InputError(f"power model '{folder}' is of kind '{card.kind}', which is unknown")
    if card.kind == "gpu" and tuple(card.features) != names["gpu"]:
        raise InputError(
            f"power model '{card.name}' was trained on other features than this dfsrt computes; "
            "train it anew"
        )
    return Bundle(folder, card, tuple(card.features))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); train it anew") from error


def check_digest(path: Path, expected: str) -> None:
    """Check that ``path`` is, to the byte, the file that the card names.

    Raises:
        InputError: it is another, or cannot be read.
    """
    if digest_of(path) != expected:
        raise InputError(
            f"'{path}' is not the file that its card names: it was changed or cut off; "
            "get it again or train it anew"
        )
