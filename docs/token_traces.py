"""The generated parts of the page on traces of requests for language models."""

from __future__ import annotations

import tempfile
from pathlib import Path

from docs.readme import called, output_of, trimmed

SHOW = "dfsrt trace show azure-llm-conversation"
LOG = """TIMESTAMP,ContextTokens,GeneratedTokens
2024-05-12 00:00:00.0099300+00:00,2162,5
2024-05-12 00:00:01+00:00,90,17
2024-05-12 00:00:02.5,12
2024-05-12 00:00:07.25+00:00,150000,300
"""
"""A log in Azure's format, with a row that is cut and a prompt that is too long."""
IMPORT = "dfsrt trace import log.csv --workload llm:llama-3.2-1b --out mine"
GENERATE = "dfsrt trace generate azure-code --seed 1 --out code"


def parts() -> dict[str, str]:
    """Return the parts of docs/language_model_traces.md."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "log.csv").write_text(LOG)
        log = f"$ cat log.csv\n{LOG}"
        imported = _text(folder, IMPORT)
        made = _text(folder, GENERATE) + _text(folder, "dfsrt trace show code")
    show = f"$ {SHOW}\n{output_of(SHOW)}"
    return {name: f"```console\n{text}```\n" for name, text in
            (("show", show), ("import", log + imported), ("generate", made))}  # fmt: skip


def _text(folder: str, command: str) -> str:
    done = called(command, folder)
    done.check_returncode()
    return f"$ {command}\n{trimmed(done.stdout)}"
