"""The pages that people enter by: their files are written, their commands run, in order."""

from __future__ import annotations

import pytest

from docs.walks import DOCS, WALKS, commands, files, steady, walked

PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in WALKS}


@pytest.mark.parametrize("name", WALKS)
def test_every_command_of_the_page_prints_what_it_shows(name):
    assert steady(walked(PAGES[name])) == steady(PAGES[name])


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("start.md", {"run", "compare"}),
        ("walk_architect.md", {"device", "sweep", "compare"}),
        ("walk_researcher.md", {"run", "compare", "tune"}),
        ("walk_edge.md", {"network", "capture", "optimize", "battery"}),
    ],
)
def test_the_page_walks_where_it_says_and_every_file_is_used(name, verbs):
    typed = commands(PAGES[name])
    assert verbs <= {words.split()[1] for words in typed}
    others = {file: "".join(t for n, t in files(PAGES[name]).items() if n != file)
              for file in files(PAGES[name])}  # fmt: skip
    for file, rest in others.items():
        assert any(file in words for words in typed) or file in rest, f"{file} is used by nothing"


PAGE = """\
```toml title="mine.toml"
format = 1
```

```console
$ python -c "print(open('mine.toml').read().upper(), 2)"
FORMAT = 1
 1
```

<!-- measured -->
```console
$ python -c "print('a run takes 1.5 ms')"
a run takes 99 s
```
"""


def test_a_page_whose_output_is_another_by_now_is_seen():
    now = walked(PAGE)
    assert "FORMAT = 1\n 2\n" in now
    assert steady(now) != steady(PAGE)
    assert steady(now) == steady(PAGE.replace("\n 1\n", "\n 2\n"))


def test_of_what_is_cut_short_the_beginning_is_compared():
    page = "```console\n$ python -c \"print('a\\nb\\nc')\"\na\n...\n```\n"
    assert walked(page) == page
    assert walked(page.replace("\na\n...", "\nx\n...")) == page


def test_a_command_that_fails_is_no_walk():
    with pytest.raises(RuntimeError, match="fails"):
        walked('```console\n$ python -c "raise SystemExit(2)"\n```\n')
