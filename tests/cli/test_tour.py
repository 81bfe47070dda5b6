"""Every command and every output in the tour is real; what README shows too is tried there."""

from __future__ import annotations

import pytest

from docs.readme import README, TOUR, examples, output_of, output_of_snippet

OF_README = examples(README.read_text(encoding="utf-8"))
EXAMPLES = examples(TOUR.read_text(encoding="utf-8"))
ALONE = [example for example in EXAMPLES if example not in OF_README]


def test_the_tour_shows_commands_and_snippets():
    assert len([kind for kind, _, _ in EXAMPLES if kind == "command"]) >= 12
    assert len([kind for kind, _, _ in EXAMPLES if kind == "snippet"]) == 2


def test_what_readme_shows_of_the_tour_is_what_the_tour_shows():
    outputs = {what: shown for _, what, shown in EXAMPLES}
    shared = [(what, shown) for _, what, shown in OF_README if what in outputs]
    assert len(shared) >= 3
    assert all(outputs[what] == shown for what, shown in shared)


@pytest.mark.parametrize(("kind", "what", "shown"), ALONE, ids=[e[1][:40] for e in ALONE])
def test_the_output_shown_is_the_output_you_get(kind, what, shown):
    run = output_of if kind == "command" else output_of_snippet
    assert run(what) == shown
    assert shown.strip()
