"""Ground floor: units, errors, files, TOML, names, shelves, plug-ins, compiled functions."""
