"""Pipelines: what a use case runs for each of its frames, on the NPU and on the host."""

from dfsrt.network.pipeline.load import is_pipeline, load_pipeline, pipeline_names
from dfsrt.network.pipeline.pipeline import Pipeline, Stage

__all__ = ["Pipeline", "Stage", "is_pipeline", "load_pipeline", "pipeline_names"]
