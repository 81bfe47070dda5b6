"""Replay: traces and pipelines on a device under a cap, in one call each."""

from dfsrt.run.pipeline_job import PipelineJob, PipelineRun, run_pipeline
from dfsrt.run.replay_job import Replayed, ReplayJob, replay

__all__ = ["PipelineJob", "PipelineRun", "ReplayJob", "Replayed", "replay", "run_pipeline"]
