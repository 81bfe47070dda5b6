"""A house in which a recipe of CONTRIBUTING.md has been followed."""

from __future__ import annotations

import pytest

from tests.helpers.recipes import House, recipe


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Return the recipe under a heading, which touches three files at most, and the house."""

    def follow(heading):
        steps = recipe(heading)
        assert 1 <= len(steps.files) <= 3, steps.files
        return steps, House(tmp_path_factory.mktemp("recipe"), steps)

    return follow
