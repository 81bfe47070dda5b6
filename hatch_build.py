"""What the wheel carries beside dfsrt's own files: the library that draws a page's figures."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "plotly.min.js"


class Hook(BuildHookInterface[Any]):
    """Puts plotly.js into the wheel: of a package of 65 MB, pages need this one file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the file; in a checkout the package itself is there."""
        if version == "editable":
            return
        spec = find_spec("plotly")
        if spec is None or spec.origin is None:
            raise RuntimeError("plotly, which the build requires, is not installed")
        path = Path(spec.origin).parent / "package_data" / LIBRARY
        build_data["force_include"][str(path)] = f"dfsrt/_data/{LIBRARY}"
