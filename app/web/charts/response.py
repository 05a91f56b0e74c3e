"""A chart as an answer: a picture that a browser neither runs nor lets load anything."""

import base64
import hashlib

from starlette.responses import Response

from app.web.charts.bars import BarChart, drawn
from app.web.charts.style import Theme, style_of


class ChartResponse(Response):
    """An SVG document. Its policy lets its own style sheet in by digest, and nothing else."""

    media_type = "image/svg+xml"

    def __init__(self, chart: BarChart, status_code: int = 200, *, theme: Theme = "auto") -> None:
        style = style_of(chart, theme)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; sandbox"
        headers = {
            "Cache-Control": "private, no-store",
            "Content-Security-Policy": policy,
            "Content-Language": chart.language,
        }
        super().__init__(drawn(chart, style), status_code, headers)
