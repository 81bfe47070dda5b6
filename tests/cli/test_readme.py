"""Every command and every output in README is real."""

from __future__ import annotations

import pytest

from docs.readme import README, examples, output_of, output_of_snippet

TEXT = README.read_text(encoding="utf-8")
EXAMPLES = examples(TEXT)


def test_readme_is_read_in_two_minutes():
    assert 80 <= len(TEXT.splitlines()) <= 120
    assert TEXT.count("![") == 1
    kinds = [kind for kind, _, _ in EXAMPLES]
    assert (kinds.count("command"), kinds.count("snippet")) == (2, 2)


@pytest.mark.parametrize(("kind", "what", "shown"), EXAMPLES, ids=[e[1][:40] for e in EXAMPLES])
def test_the_output_shown_is_the_output_you_get(kind, what, shown):
    run = output_of if kind == "command" else output_of_snippet
    assert run(what) == shown
    assert shown.strip()
