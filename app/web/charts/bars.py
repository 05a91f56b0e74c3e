"""A chart of bars, each under its name and beside its figure: never told by colour alone."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

#: Signs to a line at the narrowest place a chart is made for, 320 px.
_NAME, _TITLE, _SENTENCE = 27, 27, 34
_HEAD, _FOOT, _EMPTY = 142, 8, 118
#: Signs of a figure that such a name leaves room for; each one more takes one from the name.
_FIGURE = 6
_LINE, _BAR, _BETWEEN = 19, 10, 20
#: The thinnest bar of something that there is, in hundredths of the width.
_THINNEST = 2.0
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent.parent / "templates" / "charts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure: what it is called, as people read it, and its colour (`#rrggbb`)."""

    label: str
    count: int
    figure: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """What a chart says. `name` tells it from others on a page; `nothing` is said where all
    figures are 0; `description` is for whoever does not see it."""

    name: str
    language: str
    title: str
    subtitle: str
    total: str
    bars: Sequence[Bar]
    nothing: str
    description: str
    primary_color: str
    accent_color: str
    font_family: str | None

    @property
    def is_empty(self) -> bool:
        return not any(bar.count for bar in self.bars)


@dataclass(frozen=True, slots=True)
class _Row:
    """A bar at its place."""

    top: int
    lines: Sequence[str]
    told: str
    figure: str
    width: float

    @property
    def bar_top(self) -> int:
        return self.top + _LINE * len(self.lines) + 7

    @property
    def end(self) -> int:
        return self.bar_top + _BAR + _BETWEEN


def drawn(chart: BarChart, style: str) -> str:
    """The chart as an SVG document with the rules of `style`."""
    rows = [] if chart.is_empty else list(_rows(chart.bars))
    height = rows[-1].end + _FOOT if rows else _HEAD + _EMPTY
    text = _templates.get_template("bars.svg").render(
        chart=chart,
        style=style,
        rows=rows,
        height=height,
        title=textwrap.shorten(chart.title, _TITLE, placeholder="…"),
        subtitle=chart.subtitle,
        nothing=textwrap.wrap(chart.nothing, _SENTENCE),
        head=_HEAD,
        line=_LINE,
        bar=_BAR,
    )
    return _NOT_IN_XML.sub("", text)


def _rows(bars: Sequence[Bar]) -> Iterator[_Row]:
    most = max(bar.count for bar in bars)
    room = _NAME - max(0, max(len(bar.figure) for bar in bars) - _FIGURE)
    top = _HEAD
    for bar in bars:
        row = _Row(
            top=top,
            lines=textwrap.wrap(bar.label, room, max_lines=2, placeholder="…") or [bar.label],
            told=f"{bar.label}: {bar.figure}",
            figure=bar.figure,
            width=max(round(100 * bar.count / most, 2), _THINNEST) if bar.count else 0,
        )
        yield row
        top = row.end
