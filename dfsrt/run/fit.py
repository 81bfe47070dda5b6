"""What a load of each kind has no use for, and what to say instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from dfsrt.base.errors import InputError

_OWN_TIMES = "a trace has its own requests and times; leave it out, or use {repeat} or {time_scale}"
_OWN_FILE = "it stands in the scenario's file; leave it out, or change the file"
_NO_RIVALS = "one session's requests never compete; make a trace of them"
_FRAMES = {
    "discipline": _NO_RIVALS,
    "drop": _NO_RIVALS,
    "loop": "frames come back to back, or with a {period}",
    "repeat": "say how many {frames}",
    "time_scale": "say the {period}",
}
_ONE_REPORT = "a report of cycles is of one network; run that network"
_OWN_STAGE = "it is of one network; write it as {} of that network's stage in the pipeline's file"
_PUBLISHED = "a language model is built as published; its form is in its name, as :bits=8"
_TOKENS = dict.fromkeys(
    ("prompt", "tokens"), "only a language model reads a prompt, like llm:llama-3.2-1b; run one"
)
_NO_AIR = "only a scenario has air around it; run a scenario"

UNFIT: Mapping[str, Mapping[str, str]] = {
    "network": {**_FRAMES, **_TOKENS, "ambient": _NO_AIR},
    "pipeline": {
        "dims": "a pipeline's sizes are its parameters; write them like infinite-zoom:image=768",
        "values": _OWN_STAGE.format("set"),
        "trips": _OWN_STAGE.format("trips"),
        "cycles": _ONE_REPORT,
        **_FRAMES,
        **_TOKENS,
        "ambient": _NO_AIR,
    },
    "language model": {
        **dict.fromkeys(("dims", "values", "branch", "trips", "kv_cache", "steps"), _PUBLISHED),
        "cycles": _ONE_REPORT,
        **dict.fromkeys(("loop", "repeat", "time_scale"), "say how many {frames}, or the {period}"),
        "parallel": "its passes take all cores in use; give the device more, as cores=N",
        "ambient": _NO_AIR,
    },
    "trace": {
        **dict.fromkeys(("frames", "period", "deadline"), _OWN_TIMES),
        **dict.fromkeys(("prompt", "tokens"), "a trace's requests have tokens of their own"),
        "cycles": _ONE_REPORT,
        "ambient": _NO_AIR,
    },
    "scenario": {
        "frames": "a scenario ends by itself; say {until} 'N requests'",
        **dict.fromkeys(
            ("period", "deadline", "discipline", "drop", "loop", "repeat", "time_scale"), _OWN_FILE
        ),
        **dict.fromkeys(("prompt", "tokens"), _OWN_FILE),
        "cap_window": "a scenario's cap holds for each layer",
        "parallel": "a battery's life runs on one core, or on several of them as one; leave it out",
        "cycles": _ONE_REPORT,
        "correct": "it would need every layer run of a battery's life as a row",
        "detail": "what happens over time is written by {log}",
    },
}
"""Fields of a specification that a kind of load cannot use, with why and what to do."""


def check_fit(said: Collection[str], kind: str, call: Callable[[str], str] = str) -> None:
    """Refuse by name the first of the ``said`` fields that a load of this ``kind`` cannot use.

    ``call`` gives a field's name as who said it writes it.

    Raises:
        InputError: a field that such a load has no use for.
    """
    for name, why in UNFIT[kind].items():
        if name in said:
            advice = re.sub(r"\{(\w+)\}", lambda match: call(match[1]), why)
            raise InputError(f"'{call(name)}' is not for a {kind}: {advice}")
