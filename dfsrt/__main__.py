"""``python -m dfsrt``: the command line."""

from dfsrt.cli.main import main

main()
