"""The engines: a file each, found by the dataflows that it names in ``ENGINES``."""
