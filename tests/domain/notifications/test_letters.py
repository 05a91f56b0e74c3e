"""What a mail says reads alike as text and as HTML, says why it came, and loads nothing."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.notifications import letters
from app.domain.notifications.layout import MailLook, as_html, as_text, look_of
from app.domain.notifications.letters import Letter, Matter, Reader
from app.kernel.colors import contrast, ink_on, readable
from app.kernel.locale import LANGUAGES
from tests.factories.definitions import definition

REASONS = ("requester", "participant", "assignee", "team", "department")
LOOK = look_of(definition(), "en")
MATTER = Matter(
    number="CRM-1042",
    subject="Report & more",
    link="https://desk.example/tickets/1",
    facts=(("Type", "Bug"),),
    files=("a <b>.png", "log.txt"),
)
LINK = "https://desk.example/password-resets/skl_secret"


def every_letter(language: str) -> list[Letter]:
    account = Reader(language, "account")
    return [
        *(
            letters.comment(
                Reader(language, reason, "Team A"),
                MATTER,
                author="Agent",
                visibility=visibility,
                body="**Hello**\n\n- one\n- two",
            )
            for reason in REASONS
            for visibility in ("public", "internal", "private")
        ),
        letters.new_ticket(Reader(language, "team", "A"), MATTER, requester="C", body="Help"),
        letters.opened_for_you(Reader(language, "requester"), MATTER, agent="A", body="Help"),
        letters.status_changed(
            Reader(language, "requester"), MATTER, status="Resolved", closed=False
        ),
        letters.status_changed(Reader(language, "requester"), MATTER, status="Closed", closed=True),
        letters.password_reset(
            account, portal="Portal", email="c@acme.example", link=LINK, minutes=60
        ),
        letters.activation(
            account, portal="Portal", name="C", email="c@acme.example", link=LINK, minutes=7 * 1440
        ),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_says_why_it_came_in_both_forms(language: str) -> None:
    for letter in every_letter(language):
        html, text = as_html(letter, LOOK), as_text(letter, LOOK)
        for said in (letter.heading, letter.why, letter.button, letter.link):
            assert said
            assert said in text
            assert said in unescape(html)
        assert f'lang="{language}"' in html
        assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_a_mail_is_loaded_from_anywhere(language: str) -> None:
    for letter in every_letter(language):
        html = as_html(letter, LOOK)
        assert not re.search(r"<(img|script|link|iframe|object|video)\b|url\(|@import|src=", html)
        addresses = set(re.findall(r'href="([^"]*)"', html))
        assert addresses <= {MATTER.link, LINK}


def test_what_people_wrote_stays_text() -> None:
    nasty = "<script>alert(1)</script>\"'&"
    letter = letters.comment(
        Reader("en", "team", nasty),
        Matter("CRM-1", nasty, "https://desk.example/", facts=((nasty, nasty),), files=(nasty,)),
        author=nasty,
        visibility="public",
        body=nasty,
    )
    assert "<script" not in as_html(letter, LOOK)
    assert nasty in as_text(letter, LOOK)


def test_the_subject_carries_the_number_and_stays_the_same_all_through() -> None:
    subjects = {letter.subject for letter in every_letter("en") if letter.link == MATTER.link}
    assert subjects == {"[CRM-1042] Report & more"}


def test_of_a_sensitive_matter_a_mail_holds_no_word() -> None:
    matter = Matter("HR-1", "Hush", "https://desk.example/1", link_only=True, files=("hush.pdf",))
    reader = Reader("en", "requester")
    letter = letters.comment(reader, matter, author="Agent", visibility="public", body="Hush")
    whole = letter.subject + as_html(letter, LOOK) + as_text(letter, LOOK)
    assert "hush" not in whole.lower()
    assert letter.subject == "[HR-1]"


def test_the_plain_text_reads_as_a_letter() -> None:
    letter = letters.status_changed(Reader("en", "requester"), MATTER, status="Closed", closed=True)
    look = MailLook(
        "N", "#000000", "#ffffff", "#000000", "#ffffff", "#000", "#fff", "Arial", ("Bye",)
    )
    assert as_text(letter, look) == (
        "CRM-1042 is closed\n"
        "Report & more\n"
        "\n"
        "Type: Bug\n"
        "Files: a <b>.png, log.txt\n"
        "\n"
        "Open CRM-1042:\n"
        "https://desk.example/tickets/1\n"
        "\n"
        "-- \n"
        "Bye\n"
        "\n"
        "You get this mail because CRM-1042 is registered in your name.\n"
    )


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (45, "45 minutes"),
        (60, "60 minutes"),
        (120, "2 hours"),
        (1440, "24 hours"),
        (10080, "7 days"),
    ],
)
def test_how_long_a_link_works_is_said_in_the_unit_people_count_in(minutes: int, said: str) -> None:
    reader = Reader("en", "account")
    letter = letters.password_reset(
        reader, portal="P", email="c@acme.example", link=LINK, minutes=minutes
    )
    assert any(said in paragraph for paragraph in letter.paragraphs)


colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(color=colors, ground=colors)
def test_whatever_colours_a_portal_has_its_mails_can_be_read(color: str, ground: str) -> None:
    assert contrast(ink_on(ground), ground) >= 4.5
    assert contrast(readable(color, ground), ground) >= 4.5


def test_a_colour_that_reads_well_is_left_alone() -> None:
    assert readable("#0b6fb8", "#ffffff") == "#0b6fb8"
