"""What a page is made of, whatever it is about."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Field:
    """Something to be filled in."""

    name: str
    label: str
    kind: Literal["email", "text", "password", "code", "checkbox"] = "text"
    value: str = ""
    hint: str = ""
    autocomplete: str = "off"
    #: Beside a checkbox: where what is said yes to can be read.
    url: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A way to send a form, told by what it sends."""

    name: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """Fields, and a button that sends them. `besides` are further buttons, each with the name and
    value that it sends, which ask for no field to be filled in; without `button` they are all."""

    action: str
    button: str
    fields: tuple[Field, ...] = ()
    hidden: dict[str, str] = field(default_factory=dict)
    besides: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A way on from here."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was wrong with what was sent, and the field it is about where it is about one."""

    title: str
    detail: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one thing: what it is called and says, what can be done, where one can go."""

    title: str
    lead: tuple[str, ...] = ()
    mistake: Mistake | None = None
    #: Buttons that lead somewhere, before the form: the ways to sign in elsewhere.
    ways: tuple[Link, ...] = ()
    #: What stands in a list, such as what an app may do.
    points: tuple[str, ...] = ()
    #: To be written down: recovery codes.
    codes: tuple[str, ...] = ()
    #: A QR code as SVG, and the same as text.
    picture: str = ""
    picture_text: str = ""
    form: Form | None = None
    #: The one thing to do where there is no form.
    onward: Link | None = None
    links: tuple[Link, ...] = ()
    #: Where its form may lead a browser, beside here.
    leads_to: tuple[str, ...] = ()
