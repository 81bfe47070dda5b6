"""``dfsrt predict``: a network's watts, seconds and clocks, layer by layer, from a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from dfsrt.base import defaults
from dfsrt.cli import options
from dfsrt.cli.command import takes
from dfsrt.cli.load_job import check_kind
from dfsrt.cli.names import completed
from dfsrt.cli.output import STDOUT, check_outputs, write_bytes
from dfsrt.cli.reading_options import ReadingOptions
from dfsrt.cli.said import said_fields

Model = Annotated[
    str,
    typer.Option(
        "--power-model",
        autocompletion=completed("model"),
        help="A trained model by name (see 'dfsrt models list') or folder.",
    ),
]
OptionalDevice = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        autocompletion=completed("device"),
        help="Where the model's own device has options.",
    ),
]
Confidence = Annotated[
    str, typer.Option("--confidence", help="Confidence of the upper bound, like 95% or 0.99.")
]
Precision = Annotated[
    str, typer.Option("--precision", help="auto: as the file says; or fp16, bf16, fp32, int8.")
]

Layout = Annotated[
    str | None,
    typer.Option("--layout", help="Of a real card: how images lie, nhwc (if not said) or nchw."),
]

Fuse = Annotated[
    bool,
    typer.Option("--fuse", help="Of a real card: batch norm, bias and ReLU in the convolution."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictOptions(ReadingOptions):
    """What is said of a prediction."""

    network: options.Network
    power_model: Model = defaults.DEVICE
    device: OptionalDevice = None
    cap: options.Cap = None
    confidence: Confidence = "95%"
    precision: Precision = defaults.PRECISION
    layout: Layout = None
    fuse: Fuse = False
    json: options.Json = None


@takes(PredictOptions)
def predict(said: PredictOptions) -> None:
    """Predict watts, seconds and clock of every layer, with a bound, before anything runs."""
    check_outputs(said.json)
    from dfsrt.report.predicted import predict_table
    from dfsrt.report.schema import to_json
    from dfsrt.report.tables import make_console
    from dfsrt.study.forecast import Forecast

    check_kind(said.network, "network")
    fields = said_fields(said)
    del fields["power_model"], fields["confidence"], fields["precision"]
    forecast = Forecast(
        said.network,
        said.power_model,
        said.confidence,
        said.precision,
        said.layout,
        said.fuse,
        fields,
    )
    report = forecast.report()
    if said.json is not None:
        write_bytes(to_json(report), said.json)
    if said.json != STDOUT:
        predict_table(make_console(), report)
