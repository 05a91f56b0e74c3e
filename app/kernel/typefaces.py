"""Typefaces as CSS writes them."""

_SYSTEM = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial")
_GENERIC = frozenset({"serif", "sans-serif", "monospace", "system-ui", "-apple-system"})


def font_stack(wanted: str | None) -> str:
    """The value of `font-family` for a portal's typefaces, those of most systems behind them. Names
    stand in quotes: one with a digit is nothing without (CSS Fonts 4, 2.1.1)."""
    own = [name.strip(" '") for name in (wanted or "").split(",")]
    # The last of a definition's is most often generic: ours stand before it.
    named = [name for name in own if name and name not in _GENERIC]
    last = next((name for name in reversed(own) if name in {"serif", "monospace"}), "sans-serif")
    return ", ".join(name if name in _GENERIC else f"'{name}'" for name in [*named, *_SYSTEM, last])
