"""Networks that listen step after step, built here from published shapes."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.network.kit.recipe import Recipe, Size

_BUILT = "built by dfsrt from published shapes; sizes as NAME"

RECIPES: Mapping[str, Recipe] = {
    "gru-keywords": Recipe(
        f"a GRU of a second of sound; keyword spotting, {_BUILT}:units=250:frames=49",
        {
            "frames": Size(25, 1, 1024),
            "units": Size(154, 1, 4096),
            "batch": Size(1, 1, 64),
            "classes": Size(12, 1, 1000),
        },
        "dfsrt.network.speech.gru_keywords:build_gru_keywords",
    ),
    "lstm-voice": Recipe(
        f"Silero's voice detector at 16 kHz, 32 ms a chunk; {_BUILT}:chunks=1:batch=1",
        {"chunks": Size(1, 1, 4096), "batch": Size(1, 1, 64)},
        "dfsrt.network.speech.lstm_voice:build_lstm_voice",
    ),
}
"""By name, in the order of the alphabet."""
