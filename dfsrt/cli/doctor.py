"""``dfsrt doctor``: this installation, looked over."""

def doctor() -> None:
    """Look this installation over: versions, cache, optional parts, compiled code."""
