"""Language models as networks of passes, whose caches grow by layers of their own."""

from __future__ import annotations

from dfsrt.network.passes.cache_layer import CACHE_BLOCK, stretched
from dfsrt.network.passes.language_model import (
    OF_A_PASS,
    LanguageModel,
    is_language_model,
    language_model,
    pass_name,
)

__all__ = [
    "CACHE_BLOCK",
    "OF_A_PASS",
    "LanguageModel",
    "is_language_model",
    "language_model",
    "pass_name",
    "stretched",
]
