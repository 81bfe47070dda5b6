"""Every command and every output in README is real."""

from __future__ import annotations

import pytest

from docs.readme import README, examples, output_of, output_of_snippet

EXAMPLES = examples(README.read_text(encoding="utf-8"))


def test_readme_shows_commands_and_snippets():
    assert len([kind for kind, _, _ in EXAMPLES if kind == "command"]) >= 5
    assert len([kind for kind, _, _ in EXAMPLES if kind == "snippet"]) == 2


@pytest.mark.parametrize(("kind", "what", "shown"), EXAMPLES, ids=[e[1][:40] for e in EXAMPLES])
def test_the_output_shown_is_the_output_you_get(kind, what, shown):
    run = output_of if kind == "command" else output_of_snippet
    assert run(what) == shown
    assert shown.strip()
