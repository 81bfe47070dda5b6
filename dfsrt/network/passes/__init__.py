"""Language models as networks of passes, whose caches grow by layers of their own."""

from __future__ import annotations

from dfsrt.network.passes.cache_layer import CACHE_BLOCK, stretched
from dfsrt.network.passes.language_model import LanguageModel, language_model

__all__ = ["CACHE_BLOCK", "LanguageModel", "language_model", "stretched"]
