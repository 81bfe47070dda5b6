"""Language models: a long decode and an hour of a chat service, tables worked out before."""

from __future__ import annotations

import time
from typing import Any, Unpack

from dfsrt.run.fields import RunFields
from dfsrt.run.job import make_job
from dfsrt.run.run import execute


def _served(load: str, **said: Unpack[RunFields]) -> dict[str, Any]:
    job = make_job(load, detail="summary", step="kernel", **said)
    _ = job.table, job.load
    begin = time.process_time()
    book = execute(job, "dfs").book
    spent = time.process_time() - begin
    tokens = book.requests.whole.tokens
    return {"cpu_s": round(spent, 2), "requests": book.frames, "tokens": tokens.written}


def language_models() -> dict[str, Any]:
    """CPU of machine code that is there: compiled before."""
    model = "llm:llama-3.2-1b"
    _served(model, frames=1)
    return {
        "target": "long_decode < 1, azure_hour < 20",
        "long_decode": _served(model, prompt=1024, tokens=130_048, frames=1),
        "azure_hour": _served("azure-llm-conversation"),
        "azure_hour_batched": _served("azure-llm-conversation", discipline="continuous"),
    }


if __name__ == "__main__":
    import json

    print(json.dumps(language_models(), indent=2))
