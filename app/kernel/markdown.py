"""Markdown as people write it, turned into HTML that may be shown and into plain text.

`to_html` is safe by construction twice: raw HTML in the source is text, and what comes out is
cleaned against an allow-list of ours. Nothing in it loads anything from anywhere: an image is a
link to it. The same source always gives the same answer, so a stored answer never ages.
"""

from collections.abc import Callable, Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_TAGS = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "blockquote", "pre", "code"}
    | {"ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    | {"a", "em", "strong", "s", "del"}
)
_DEEPEST = 60
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=frozenset({"script", "style"}),
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes=frozenset({"http", "https", "mailto"}),
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    strip_comments=True,
)


class _Renderer(RendererHTML):
    """CommonMark's HTML, with images as links."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children, options, env) if token.children else ""
        where = str(token.attrs.get("src", ""))
        link = Token("link_open", "a", 1, attrs={"href": where})
        return f"<a{self.renderAttrs(link)}>{_escaped(alt or where)}</a>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_READER = MarkdownIt(
    "commonmark",
    # A line break in a comment box is meant: people do not type two spaces before it.
    {"html": False, "linkify": False, "typographer": False, "breaks": True}
    | {"maxNesting": _DEEPEST},
    renderer_cls=_Renderer,
).enable(["table", "strikethrough"])


def to_html(markdown: str) -> str:
    """Safe HTML for `markdown` (CommonMark with tables and strikethrough; no raw HTML).

    Links lead to http, https and mailto only and carry `rel="noopener noreferrer nofollow"`
    (contract: `body_html`)."""
    markdown = _storable(markdown)
    tokens = _tokens(markdown)
    if tokens is None:
        return f"<pre>{_escaped(markdown)}</pre>\n"
    return _CLEANER.clean(_READER.renderer.render(tokens, _READER.options, {}))


def to_text(markdown: str) -> str:
    """Plain text that reads like `markdown` was meant: lists, quotes and addresses in sight."""
    markdown = _storable(markdown)
    tokens = _tokens(markdown)
    if tokens is None:
        return markdown.strip("\n")
    writer = _Writer()
    writer.write(tokens)
    return "\n".join(writer.lines).strip("\n")


def _tokens(markdown: str) -> list[Token] | None:
    """What was read; `None` where it is nested so deep that the reader would drop the rest."""
    tokens = _READER.parse(markdown)
    return None if any(token.level >= _DEEPEST - 1 for token in tokens) else tokens


def _storable(text: str) -> str:
    """Lone surrogates and NUL can be kept nowhere; the API refuses them, a mail may bring them."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )


_LISTS = frozenset(
    {"bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"}
)
_CLOSE_TOGETHER = frozenset(
    {"inline", "list_item_open", "list_item_close", "tr_open", "tr_close"}
    | {"thead_open", "thead_close", "tbody_open", "tbody_close"}
    | {"th_open", "th_close", "td_open", "td_close"}
)


class _Writer:
    """Walks the tokens and writes lines, each behind the marks of the blocks it stands in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._margin: list[str] = []
        self._numbers: list[int | None] = []
        self._mark = ""
        self._gap: str | None = None
        self._row: list[str] = []
        self._in_table = False

    def write(self, tokens: Sequence[Token]) -> None:
        """Write the lines of `tokens`."""
        for token in tokens:
            nested_list = token.type in _LISTS and bool(self._numbers)
            if not (nested_list or token.hidden or token.type in _CLOSE_TOGETHER):
                self._leave_gap()
            if deed := _DEEDS.get(token.type):
                deed(self, token)

    def open_quote(self, _token: Token) -> None:
        self._margin.append("> ")

    def close_quote(self, _token: Token) -> None:
        self._margin.pop()
        self._leave_gap()

    def open_list(self, token: Token) -> None:
        ordered = token.type == "ordered_list_open"
        self._numbers.append(int(token.attrs.get("start", 1)) if ordered else None)

    def close_list(self, _token: Token) -> None:
        self._numbers.pop()
        if not self._numbers:
            self._leave_gap()

    def close_item(self, _token: Token) -> None:
        self._margin.pop()

    def block_of_code(self, token: Token) -> None:
        self._put(token.content.rstrip("\n"), "    ")
        self._leave_gap()

    def line_across(self, _token: Token) -> None:
        self._put("-" * 20)
        self._leave_gap()

    def table(self, token: Token) -> None:
        self._in_table = token.nesting > 0

    def open_row(self, _token: Token) -> None:
        self._row = []

    def close_row(self, _token: Token) -> None:
        self._put(" | ".join(self._row))

    def running_text(self, token: Token) -> None:
        text = _inline(token.children or [])
        if self._in_table:
            self._row.append(text.replace("\n", " "))
        else:
            self._put(text)

    def open_item(self, _token: Token) -> None:
        number = self._numbers[-1]
        self._mark = "- "
        if number is not None:
            self._mark = f"{number}. "
            self._numbers[-1] = number + 1
        self._margin.append(" " * len(self._mark))

    def _put(self, text: str, indent: str = "") -> None:
        if self._gap is not None and self.lines:
            self.lines.append(self._gap)
        self._gap = None
        for line in text.split("\n"):
            margin = "".join(self._margin)
            if self._mark:
                margin = margin[: len(margin) - len(self._mark)] + self._mark
                self._mark = ""
            self.lines.append((margin + indent + line).rstrip())

    def _leave_gap(self) -> None:
        """A blank line before what comes next, quoted only as deep as both its neighbours."""
        margin = "".join(self._margin).rstrip()
        if self._gap is None or len(margin) < len(self._gap):
            self._gap = margin


_DEEDS: dict[str, Callable[[_Writer, Token], None]] = {
    "blockquote_open": _Writer.open_quote,
    "blockquote_close": _Writer.close_quote,
    "bullet_list_open": _Writer.open_list,
    "ordered_list_open": _Writer.open_list,
    "bullet_list_close": _Writer.close_list,
    "ordered_list_close": _Writer.close_list,
    "list_item_open": _Writer.open_item,
    "list_item_close": _Writer.close_item,
    "fence": _Writer.block_of_code,
    "code_block": _Writer.block_of_code,
    "hr": _Writer.line_across,
    "table_open": _Writer.table,
    "table_close": _Writer.table,
    "tr_open": _Writer.open_row,
    "tr_close": _Writer.close_row,
    "inline": _Writer.running_text,
}


def _inline(tokens: Sequence[Token]) -> str:
    written: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                written.append("\n")
            case "link_open":
                links.append((str(token.attrs.get("href", "")), len(written)))
            case "link_close":
                where, since = links.pop()
                shown = "".join(written[since:])
                if where.removeprefix("mailto:") != shown:
                    written.append(f" ({where})" if shown else where)
            case "image":
                alt, where = _inline(token.children or []), str(token.attrs.get("src", ""))
                written.append(f"{alt} ({where})" if alt else where)
            case _:
                written.append(token.content)
    return "".join(written)
