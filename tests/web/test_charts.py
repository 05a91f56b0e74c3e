"""Charts: well-formed whatever stands in them, readable whatever colours were chosen."""

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from app.kernel.colors import SHAPE, TEXT, contrast
from app.web.charts.bars import Bar, BarChart
from app.web.charts.response import ChartResponse
from app.web.charts.style import DARK, LIGHT, Theme, style_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> & "more" ]]> <!-- \'\x00\uffff'
COLORS = ("#ffffff", "#000000", "#f2c200", "#d32f2f", "#eceff3", "#2b323c", "#808080", "#181d24")


def chart(*bars: tuple[str, int], **more: object) -> BarChart:
    values: dict[str, object] = {
        "name": "mine",
        "language": "en",
        "title": "Tickets",
        "subtitle": "In progress, your own",
        "total": str(sum(count for _, count in bars)),
        "bars": [
            Bar(label, count, str(count), color)
            for (label, count), color in zip(bars, itertools.cycle(COLORS), strict=False)
        ],
        "nothing": "Nothing is in progress. Enjoy the quiet!",
        "description": ". ".join(f"{label}: {count}" for label, count in bars),
        "primary_color": "#1b3a5c",
        "accent_color": "#f2c200",
        "font_family": "Source Sans 3, 'Segoe UI', sans-serif",
    }
    return BarChart(**{**values, **more})  # type: ignore[arg-type]


def drawn(told: BarChart, theme: Theme = "auto") -> ET.Element:
    return ET.fromstring(bytes(ChartResponse(told, theme=theme).body))  # noqa: S314 (ours)


def texts(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def test_whatever_a_label_says_it_is_text_and_nothing_else() -> None:
    hostile = chart((HOSTILE, 3), ("&amp;", 1), title=HOSTILE, description=HOSTILE)
    root = drawn(hostile)
    kinds = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert kinds == {"svg", "title", "desc", "style", "rect", "g", "text"}
    told = root.find(f"{SVG}desc")
    assert told is not None
    assert told.text == HOSTILE.replace("\x00", "").replace("\uffff", "")
    assert "&amp;" in texts(root)


def test_nothing_in_it_runs_or_loads() -> None:
    response = ChartResponse(chart(("New", 1)))
    text = bytes(response.body).decode().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"script|href|url\(|@import|https?:|\bon\w+=|\bstyle=", text)
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "sandbox" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("color", COLORS)
def test_shapes_are_seen_and_texts_are_read_whatever_colours_were_chosen(
    color: str, theme: Theme
) -> None:
    told = chart(("New", 1), primary_color=color, accent_color=color, bars=[Bar("", 1, "", color)])
    style = style_of(told, theme)
    paper = LIGHT if theme == "light" else DARK
    fill = dict(re.findall(r"\.([\w-]+)\{fill:(#\w{6})", style))
    assert contrast(fill["total"], paper.ground) >= TEXT
    assert contrast(fill["ink"], paper.ground) >= TEXT
    assert contrast(fill["quiet"], paper.ground) >= TEXT
    assert contrast(fill["accent"], paper.ground) >= SHAPE
    edge = re.search(r"bar-0\{fill:(#\w{6});stroke:(#\w{6})\}", style)
    assert edge is not None
    assert edge[1] == color
    assert contrast(edge[2], paper.track) >= SHAPE
    assert contrast(edge[2], paper.ground) >= SHAPE


def test_a_theme_is_one_of_them_or_what_the_reader_prefers() -> None:
    told = chart(("New", 1))
    light, dark, auto = (style_of(told, theme) for theme in ("light", "dark", "auto"))
    assert LIGHT.ground in light
    assert DARK.ground in dark
    assert "@media" not in light + dark
    assert "@media (prefers-color-scheme:dark)" in auto


def test_two_charts_on_a_page_leave_each_other_and_the_page_alone() -> None:
    for name in ("mine", "organization"):
        told = chart(("New", 1), name=name)
        rules = style_of(told, "auto").replace("@media (prefers-color-scheme:dark){", "")
        selectors = re.findall(r"([^{}]+)\{", rules)
        assert selectors
        assert {each.split()[0] for each in selectors} == {f".skranke-chart-{name}"}
        ids = [each.get("id", "") for each in drawn(told).iter() if "id" in each.keys()]  # noqa: SIM118
        assert ids
        assert all(name in each for each in ids)


def test_names_too_long_for_a_phone_are_wrapped_then_cut_and_told_whole() -> None:
    long = "Waiting for somebody who is not to be reached " * 4
    root = drawn(chart((long.strip(), 2)))
    row = root.find(f".//{SVG}g")
    assert row is not None
    lines = [each.text or "" for each in row.findall(f"{SVG}text")][:-1]
    assert len(lines) == 2
    assert all(len(line) <= 27 for line in lines)
    assert lines[-1].endswith("…")
    assert row.findtext(f"{SVG}title") == f"{long.strip()}: 2"


def test_what_there_is_has_a_bar_and_what_there_is_not_has_none() -> None:
    root = drawn(chart(("Few", 1), ("None", 0), ("Many", 100_000)))
    bars = [
        [rect.get("width") for rect in row.findall(f"{SVG}rect")][2:]
        for row in root.iter(f"{SVG}g")
    ]
    assert bars == [["2.0%"], [], ["100.0%"]]


def test_an_empty_one_says_so_kindly() -> None:
    root = drawn(chart(("New", 0), ("Open", 0)))
    assert not list(root.iter(f"{SVG}g"))
    assert " ".join(texts(root)[-2:]) == "Nothing is in progress. Enjoy the quiet!"
    assert root.findtext(f"{SVG}desc") == "New: 0. Open: 0"
