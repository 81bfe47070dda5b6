"""The table of docs/real_networks.md: networks that packages carry, and their MACs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).parents[1] / "tests" / "network" / "real_networks.toml"


def parts() -> dict[str, str]:
    """Return what stands between the marks of docs/real_networks.md."""
    return {"networks": networks_text()}


def networks_text() -> str:
    """Return a row for each network: package, licence, sizes and MACs."""
    lines = ["| package | licence | network | sizes and values | MACs |", "|---|---|---|---|---|"]
    for package in tomllib.loads(TABLE.read_text())["package"]:
        for network in package["network"]:
            name = Path(network["file"]).name
            lines.append(
                f"| {package['name']} {package['version']} | {package['licence']} | `{name}` "
                f"| {_said(network)} | {network['macs']:,} |"
            )
    return "\n".join(lines) + "\n"


def _said(network: Mapping[str, Mapping[str, object]]) -> str:
    pairs = {**network.get("dims", {}), **network.get("values", {})}
    said = [f"{name}={value}" for name, value in pairs.items()]
    return ", ".join([*said, *([f"branch {network['branch']}"] if "branch" in network else [])])
