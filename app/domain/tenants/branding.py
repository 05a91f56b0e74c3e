"""A portal's branding as pages and mails use it, each colour readable where it stands (S1-3)."""

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
    """How a portal looks where text stands on these grounds."""
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
