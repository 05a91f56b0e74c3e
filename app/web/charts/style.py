"""The rules a chart is coloured by: light, dark, or whichever its reader prefers.

Every text stands on the ground in ink, never on a tenant's colour; and a bar has an edge that is
seen whatever colour was chosen (WCAG 2.2, 1.4.11), so that yellow stays yellow on white.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from app.kernel.colors import SHAPE, TEXT, contrast, readable
from app.kernel.typefaces import font_stack
from app.web.charts.bars import BarChart

Theme = Literal["auto", "light", "dark"]


class Paper(NamedTuple):
    """What a chart is drawn on and with."""

    ground: str
    ink: str
    quiet: str
    track: str


LIGHT = Paper(ground="#ffffff", ink="#1c2128", quiet="#57606a", track="#eceff3")
DARK = Paper(ground="#181d24", ink="#eef1f5", quiet="#a3adb9", track="#2b323c")


def style_of(chart: BarChart, theme: Theme) -> str:
    """The style sheet of a chart; it names the chart in every rule."""
    here = f".skranke-chart-{chart.name}"
    fonts = f"{here}{{font-family:{font_stack(chart.font_family)}}}"
    by_theme = {"light": LIGHT, "dark": DARK}
    paper = by_theme.get(theme, LIGHT)
    rules = "".join(f"{here} {rule}" for rule in _rules(chart, paper))
    if theme == "auto":
        dark = "".join(f"{here} {rule}" for rule in _rules(chart, DARK))
        rules += f"@media (prefers-color-scheme:dark){{{dark}}}"
    return fonts + rules


def _rules(chart: BarChart, paper: Paper) -> Iterator[str]:
    yield f".ground{{fill:{paper.ground}}}"
    yield f".ink{{fill:{paper.ink}}}"
    yield f".quiet{{fill:{paper.quiet}}}"
    yield f".track{{fill:{paper.track}}}"
    # Moved until it is read on the other ground, a brand's colour is nobody's: ink is better.
    own = contrast(chart.primary_color, paper.ground) >= TEXT
    yield f".total{{fill:{chart.primary_color if own else paper.ink}}}"
    accent = readable(chart.accent_color, paper.ground, SHAPE)
    yield f".accent{{fill:{accent}}}"
    yield f".mark{{fill:none;stroke:{accent}}}"
    for place, bar in enumerate(chart.bars):
        edge = readable(bar.color, paper.track, SHAPE)
        yield f".bar-{place}{{fill:{bar.color};stroke:{edge}}}"
