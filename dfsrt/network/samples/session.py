"""A model in onnxruntime, on the CPU, without its chatter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dfsrt.base.errors import NetworkError
from dfsrt.network.samples.feeds import Feed

if TYPE_CHECKING:
    import onnx
    from onnxruntime import InferenceSession, SessionOptions

LEVELS = {
    "disable": "ORT_DISABLE_ALL",
    "basic": "ORT_ENABLE_BASIC",
    "extended": "ORT_ENABLE_EXTENDED",
    "all": "ORT_ENABLE_ALL",
}
"""Levels of graph optimisation, and what onnxruntime calls them."""
_QUIET = 4  # nothing: an error comes as an exception, and warnings are for who ships files


def model_bytes(proto: onnx.ModelProto, name: str) -> bytes:
    """Return a model as onnxruntime takes it.

    Raises:
        NetworkError: it is above the 2 GB that one ONNX file may hold.
    """
    try:
        data: bytes = proto.SerializeToString()
    except Exception as error:  # protobuf's own kinds differ between versions
        raise NetworkError(
            f"network '{name}' cannot be written in memory ({error}); keep its weights "
            "in a file beside it (external data)"
        ) from error
    return data


def session_options(threads: int, optimize: str, path: Path | None) -> SessionOptions:
    """Return how to run the model of a file, or of none, at a level of optimisation."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = getattr(ort.GraphOptimizationLevel, LEVELS[optimize])
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    if path is not None:
        # Weights beside the file are looked for there, not where the command runs.
        key = "session.model_external_initializers_file_folder_path"
        options.add_session_config_entry(key, str(path.resolve().parent))
    return options


def open_session(data: bytes, options: SessionOptions, name: str) -> InferenceSession:
    """Return the model in ``data`` ready to run on the CPU; ``name`` is for errors.

    Raises:
        NetworkError: onnxruntime cannot load it.
    """
    import onnxruntime as ort

    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common public base
        raise _refused(name, "load", error) from error


def run_session(session: InferenceSession, feeds: Mapping[str, Feed], name: str) -> list[Feed]:
    """Run a model once and return its outputs, in order; ``name`` is for errors.

    Raises:
        NetworkError: onnxruntime cannot run it.
    """
    try:
        return list(session.run(None, dict(feeds)))
    except Exception as error:  # as above
        raise _refused(name, "run", error) from error


def _refused(name: str, what: str, error: Exception) -> NetworkError:
    reason = " ".join(str(error).split())[:300]
    return NetworkError(f"onnxruntime cannot {what} network '{name}': {reason}")
