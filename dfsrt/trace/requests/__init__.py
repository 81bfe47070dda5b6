"""Logs of requests for language models as others publish them, read as traces."""

from dfsrt.trace.requests.choice import Choice
from dfsrt.trace.requests.formats import FORMATS
from dfsrt.trace.requests.imported import imported_trace

__all__ = ["FORMATS", "Choice", "imported_trace"]
