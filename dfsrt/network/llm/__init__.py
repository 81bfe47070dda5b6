"""Language models by their configurations, and the graphs of their passes."""

from __future__ import annotations

from dfsrt.network.llm.config import LlmConfig
from dfsrt.network.llm.shelf import is_llm, llm_names, load_config

__all__ = ["LlmConfig", "is_llm", "llm_names", "load_config"]
