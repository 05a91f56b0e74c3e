"""A portal's branding for pages and mails, with every colour readable where it is used (S1-3)."""

from dataclasses import dataclass

from app.domain.tenants.definition import Definition
from app.kernel.colors import ink_on, readable
from app.kernel.typefaces import font_stack


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as `#rrggbb`; `font` as the value of `font-family`."""

    name: str
    head: str
    head_ink: str
    button: str
    button_ink: str
    link: str
    link_on_dark: str
    font: str


def look_on(definition: Definition, *, light: str, dark: str) -> Look:
    """The look of a portal where text stands on these backgrounds."""
    branding = definition.portal.branding
    return Look(
        name=branding.logo_text,
        head=branding.primary_color,
        head_ink=ink_on(branding.primary_color),
        button=branding.accent_color,
        button_ink=ink_on(branding.accent_color),
        link=readable(branding.accent_color, light),
        link_on_dark=readable(branding.accent_color, dark),
        font=font_stack(branding.font_family),
    )
