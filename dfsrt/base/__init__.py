"""Ground floor: units, errors, files, TOML, names, shelves, compiled functions."""
