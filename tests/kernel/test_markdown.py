"""What people write is shown as they meant it, and can do nothing to whoever reads it."""

import time
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.markdown import to_html, to_text

SHOWN = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code"),
    *("ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("a", "em", "strong", "s", "del"),
}
NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    "[x](/v1/sessions/current)",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](<https://a.example/"onmouseover="alert(1)>)',
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "`` </code><script>alert(1)</script> ``",
    '```"><script>\nx\n```',
    '| <img src=x onerror="x"> |\n|---|\n| [a](vbscript:x) |',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "&lt;script&gt;",
    "\0\ud800\u202e",
    "> " * 30,
    "[" * 50,
    "<!-- -->",
    "<![CDATA[x]]>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


class Page(HTMLParser):
    """What a browser would find in an answer."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_harmless(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in SHOWN
        assert set(attributes) <= {"href", "rel", "title", "start"}
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer nofollow"
        if href := attributes.get("href"):
            assert urlsplit(href).scheme in {"http", "https", "mailto"}


@pytest.mark.parametrize("source", NASTY)
def test_nothing_in_a_comment_runs_or_loads(source: str) -> None:
    assert_harmless(to_html(source))


@given(st.lists(st.sampled_from([*NASTY, "\n", "\n\n", "> ", "- ", "|", "*", "a"]) | st.text()))
def test_no_mixture_of_nasty_pieces_runs_or_loads(pieces: list[str]) -> None:
    source = "".join(pieces)
    html = to_html(source)
    assert_harmless(html)
    assert html == to_html(source)
    to_text(source).encode()


@given(st.text("abc *_`~[]()<>!#>-|1.\n\\&;\"'", max_size=200))
def test_every_word_survives_in_both_forms(noise: str) -> None:
    source = f"{noise}\n\nkaleidoskop"
    assert "kaleidoskop" in Page(to_html(source)).text
    assert "kaleidoskop" in to_text(source)


@pytest.mark.parametrize("mark", ["> ", "- ", "1. "])
@pytest.mark.parametrize("depth", [5, 19, 29, 30, 58, 59, 60, 61, 120])
def test_a_deeply_nested_word_is_never_lost(mark: str, depth: int) -> None:
    source = mark * depth + "kaleidoskop"
    assert "kaleidoskop" in to_html(source)
    assert "kaleidoskop" in to_text(source)


def test_what_people_write_looks_like_they_meant_it() -> None:
    html = to_html("# Hei\n\nEn *linje*\nog **en til** ~~ikke~~ `x < y`\n\n1. a\n2. b\n")
    assert html == (
        "<h1>Hei</h1>\n<p>En <em>linje</em><br>\nog <strong>en til</strong> <s>ikke</s>"
        " <code>x &lt; y</code></p>\n<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"
    )
    assert "<td>1</td>" in to_html("| a | b |\n|---|---|\n| 1 | 2 |")


def test_a_link_keeps_its_address_and_gains_a_rel() -> None:
    assert to_html("[her](https://a.example/?q=1&b=2)") == (
        '<p><a href="https://a.example/?q=1&amp;b=2" rel="noopener noreferrer nofollow">her</a>'
        "</p>\n"
    )


def test_an_address_in_running_text_stays_text() -> None:
    assert "<a" not in to_html("se https://a.example og www.b.example")


def test_an_image_becomes_a_link_to_it() -> None:
    html = to_html("![skjermbilde](https://a.example/b.png)")
    assert "<img" not in html
    assert 'href="https://a.example/b.png"' in html
    assert ">skjermbilde</a>" in html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("en\nto\n\n\ntre", "en\nto\n\ntre"),
        ("**fet** og \\*stjerne\\* &amp; `kode`", "fet og *stjerne* & kode"),
        ("[her](https://a.example)", "her (https://a.example)"),
        ("<https://a.example> <a@b.example>", "https://a.example a@b.example"),
        ("![bilde](https://a.example/b.png)", "bilde (https://a.example/b.png)"),
        ("- a\n- b\n  - c\n- d", "- a\n- b\n  - c\n- d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("1. a\n\n   mer\n\n2. b", "1. a\n\n   mer\n\n2. b"),
        ("> a\n> > b\n\nc", "> a\n>\n> > b\n\nc"),
        ("> - a\n>   > b", "> - a\n>\n>   > b"),
        ("a\n\n```\nx = 1\n\ny\n```\nb", "a\n\n    x = 1\n\n    y\n\nb"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("# T\na\n\n---\nb", "T\n\na\n\n--------------------\n\nb"),
        ("", ""),
    ],
)
def test_plain_text_reads_like_the_source_was_meant(source: str, text: str) -> None:
    assert to_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "[" * 65536,
        "![" * 32768,
        "[a](" * 16384,
        "*_" * 32768,
        "**a *b " * 9000,
        "> " * 32768,
        "- " * 32768,
        "|a" * 16000 + "\n" + "|-" * 16000,
        "a\n" * 32768,
        "<a " * 21000,
        " ".join("`" * n for n in range(1, 360)),
    ],
)
def test_sixty_four_kilobytes_of_anything_take_no_more_than_moments(source: str) -> None:
    started = time.process_time()
    to_html(source)
    assert time.process_time() - started < 10
