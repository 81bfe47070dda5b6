"""What the pages on levers, budgets and accelerators show is what their commands print."""

from __future__ import annotations

import pytest

from docs.generate import DOCS, PARTS, filled


@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.parametrize("page", ["levers.md", "budget.md", "accelerators.md"])
def test_a_page_shows_what_its_commands_print(page):
    text = (DOCS / page).read_text()
    assert filled(text, PARTS[page]()) == text
