"""How a letter looks: one layout for HTML and one for plain text, in the portal's own colours.

The HTML loads nothing from anywhere (no logo, no pixel), fits a phone, and follows a reader who
prefers dark. Templates stand in `app/templates/mail`.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from app.domain.notifications.letters import Letter
from app.domain.tenants.branding import Look, look_on
from app.domain.tenants.definition import Definition
from app.kernel import markdown
from app.kernel.locale import label

#: The grounds links stand on: the box around a text, light and dark (see the template).
_LIGHT, _DARK = "#f6f8fa", "#232a33"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent.parent / "templates" / "mail"),
    autoescape=select_autoescape(enabled_extensions=("html",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class MailLook(Look):
    """How a portal's mails look, and how they end."""

    signature: tuple[str, ...]


def look_of(definition: Definition, language: str) -> MailLook:
    """The look of a portal's mails; the signature in `language` as labels are."""
    place = ("mail", language)
    held: MailLook | None = definition.spoken.get(place)
    if held is None:
        look = look_on(definition, light=_LIGHT, dark=_DARK)
        signature = tuple(label(definition.mail.signature, language).splitlines())
        held = definition.spoken[place] = MailLook(**asdict(look), signature=signature)
    return held


def as_html(letter: Letter, look: MailLook) -> str:
    """The letter as an HTML document."""
    # Safe by construction: `to_html` lets nothing through that runs or loads.
    body = Markup(markdown.to_html(letter.body))  # noqa: S704
    return _templates.get_template("letter.html").render(letter=letter, look=look, body_html=body)


def as_text(letter: Letter, look: MailLook) -> str:
    """The letter as plain text."""
    body = markdown.to_text(letter.body)
    return _templates.get_template("letter.txt").render(letter=letter, look=look, body_text=body)
