"""Every command and every output in README and in the tour is real."""

from __future__ import annotations

import pytest

from docs.readme import PAGES, README, examples, output_of, output_of_snippet

EXAMPLES = {page.name: examples(page.read_text(encoding="utf-8")) for page in PAGES}
DISTINCT = sorted({example for shown in EXAMPLES.values() for example in shown})


@pytest.mark.parametrize(("page", "commands"), [("README.md", 2), ("tour.md", 12)])
def test_the_page_shows_commands_and_snippets(page, commands):
    kinds = [kind for kind, _, _ in EXAMPLES[page]]
    assert kinds.count("command") >= commands
    assert kinds.count("snippet") == 2


def test_readme_is_read_in_two_minutes():
    text = README.read_text(encoding="utf-8")
    assert 80 <= len(text.splitlines()) <= 120
    assert text.count("![") == 1


@pytest.mark.parametrize(("kind", "what", "shown"), DISTINCT, ids=[e[1][:40] for e in DISTINCT])
def test_the_output_shown_is_the_output_you_get(kind, what, shown):
    run = output_of if kind == "command" else output_of_snippet
    assert run(what) == shown
    assert shown.strip()
