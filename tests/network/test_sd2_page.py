"""Every number of docs/sd2.md is what the graphs say now."""

from __future__ import annotations

from docs import sd2
from docs.generate import DOCS, filled


def test_the_page_shows_what_the_graphs_say():
    text = (DOCS / "sd2.md").read_text()
    assert filled(text, sd2.parts()) == text


def test_a_painted_frame_takes_the_published_work():
    assert sd2.frame_macs(20) == 17_948_224_516_096
    assert sd2.frame_macs(50) == 42_079_487_389_696


def test_verdicts_follow_from_the_numbers():
    found = {claim: (said, verdict) for claim, said, verdict in sd2.claims()}
    assert found["the UNet has 865 M parameters"] == ("865,925,124", "yes")
    said, verdict = found["84 % of the UNet is convolution"]
    assert verdict == "no" and "52.0%" in said and "84.3%" in said
