"""The small files of a demo portal's past: texts, tables and pictures of bars, made on the spot."""

import csv
import io
from collections.abc import AsyncIterator

from PIL import Image, ImageDraw, ImageFont

from app.commands.demo_history.script import Chart, Paper

_SIZE = (720, 420)
_PAPER, _INK, _FAINT = "#ffffff", "#1f2933", "#cbd2d9"
_EDGE, _FLOOR, _CEILING = 48, 360, 90


def content_of(paper: Paper, color: str) -> bytes:
    """The bytes of a file; `color` is that of the bars."""
    if paper.chart:
        return _picture(paper.chart, color)
    if paper.rows:
        table = io.StringIO()
        csv.writer(table, delimiter=";", lineterminator="\r\n").writerows(paper.rows)
        return b"\xef\xbb\xbf" + table.getvalue().encode()  # the mark by which Excel knows UTF-8
    return ((paper.text or "") + "\n").encode()


async def in_one_piece(content: bytes) -> AsyncIterator[bytes]:
    """The bytes as a storage takes them."""
    yield content


def _picture(chart: Chart, color: str) -> bytes:
    picture = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(picture)
    large, small = ImageFont.load_default(22), ImageFont.load_default(14)
    draw.text((_EDGE, 28), chart.title, fill=_INK, font=large)
    highest = max(chart.bars.values()) or 1
    share = (_SIZE[0] - 2 * _EDGE) / len(chart.bars)
    draw.line((_EDGE, _FLOOR, _SIZE[0] - _EDGE, _FLOOR), fill=_FAINT, width=2)
    for place, (label, value) in enumerate(chart.bars.items()):
        middle = _EDGE + share * (place + 0.5)
        top = _FLOOR - (_FLOOR - _CEILING) * value / highest
        draw.rectangle((middle - share * 0.3, top, middle + share * 0.3, _FLOOR), fill=color)
        draw.text((middle, top - 6), f"{value:g}", fill=_INK, font=small, anchor="ms")
        draw.text((middle, _FLOOR + 10), label, fill=_INK, font=small, anchor="ma")
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()
