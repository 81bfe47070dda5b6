"""The command line: ``dfsrt.cli.main`` is its entry, and nothing of it is for other rooms."""

__all__ = ()
