"""Replay: traces and pipelines on a device under a cap, in one call each."""

from dfsrt.replay.job import Replayed, ReplayJob, replay
from dfsrt.replay.pipeline import PipelineJob, PipelineRun, run_pipeline

__all__ = ["PipelineJob", "PipelineRun", "ReplayJob", "Replayed", "replay", "run_pipeline"]
