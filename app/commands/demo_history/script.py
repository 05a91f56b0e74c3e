"""The script of a portal's past as a document: who did what with which ticket, and when."""

from typing import Annotated, Literal

from pydantic import EmailStr, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from app.commands.demo_history.moments import Moment
from app.domain.tenants.definition.base import Key, Line, Part, Prose

#: As the API takes it, but a date is the number of days after the opening, a person an address,
#: an agreement its template.
Answer = StrictBool | StrictInt | StrictFloat | StrictStr | tuple[StrictStr, ...]
Answers = dict[Key, Answer | None]


class Chart(Part):
    """A picture of bars."""

    title: Line = Field(description="What stands above it.")
    bars: dict[Line, Annotated[float, Field(ge=0)]] = Field(
        min_length=2, max_length=12, description="The bars: what stands below, and how high."
    )


class Paper(Part):
    """A small file, drawn up when it is needed."""

    name: Line = Field(description="Its name, with the extension that fits.")
    text: Prose | None = Field(None, description="What stands in a text file.")
    rows: tuple[tuple[str | int | float, ...], ...] = Field(
        (), description="The rows of a CSV file, the heading first."
    )
    chart: Chart | None = Field(None, description="What a PNG picture shows.")

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> "Paper":
        endings = {".csv": bool(self.rows), ".png": bool(self.chart), ".txt": bool(self.text)}
        endings[".log"] = endings[".txt"]
        if sum((bool(self.rows), bool(self.chart), bool(self.text))) != 1:
            raise ValueError("give exactly one of text, rows, chart")
        if not endings.get(self.name[-4:], False):
            raise ValueError("a text is called .txt or .log, rows .csv, a chart .png")
        return self


class Giving(Part):
    """Who gets a ticket."""

    to: EmailStr | None = Field(None, description="The agent.")
    team: Key | None = Field(None, description="The team.")

    @model_validator(mode="after")
    def _names_somebody(self) -> "Giving":
        if self.to is None and self.team is None:
            raise ValueError("say to whom, or to which team")
        return self


class Step(Part):
    """What one person did at one moment, in this order: invite, change and assign, then comment
    with its files and its move (or the move alone, or files alone), or decide."""

    at: Moment = Field(description="When.")
    by: EmailStr = Field(description="Who.")
    invite: tuple[EmailStr, ...] = Field((), description="People who take part from now on.")
    change: Answers = Field(default_factory=dict, description="Answers of the form changed.")
    assign: Giving | None = Field(None, description="Who gets the ticket.")
    comment: Prose | None = Field(None, description="What was said.")
    note: Literal["internal", "private"] | None = Field(
        None, description="Who may read it, where not everybody."
    )
    corrects: bool = Field(False, description="Whether it takes the place of one's last comment.")
    solution: bool = Field(False, description="Whether the comment is the solution.")
    move: Key | None = Field(None, description="Transition made.")
    fields: Answers = Field(default_factory=dict, description="Answers that the move needs.")
    files: tuple[Paper, ...] = Field((), description="Files added, with the comment if any.")
    decide: Key | None = Field(None, description="Verb of the approval that is asked for.")

    @model_validator(mode="after")
    def _does_something(self) -> "Step":
        spoken = self.comment is not None
        moved = self.move is not None
        if not spoken and (self.note or self.solution or self.corrects):
            raise ValueError("note, solution and corrects need a comment")
        if self.corrects and (self.note or self.solution or moved or self.files):
            raise ValueError("a comment that corrects another one stands alone")
        if self.fields and not moved:
            raise ValueError("fields belong to a move")
        if moved and not spoken and self.files:
            raise ValueError("a move takes files with a comment only")
        if self.decide and (moved or self.files or self.corrects):
            raise ValueError("a decision stands alone, or with a comment")
        deeds = (self.invite, self.change, self.assign, spoken, moved, self.files, self.decide)
        if not any(deeds):
            raise ValueError("nothing is done here")
        return self


class OldTicket(Part):
    """A ticket, from its opening to where it stands today."""

    opened: Moment = Field(description="When.")
    by: EmailStr = Field(description="Who opened it.")
    on_behalf_of: EmailStr | None = Field(None, description="For whom, where an agent opened it.")
    form: Key | None = Field(None, description="Form, where the type alone does not say.")
    private: bool = Field(False, description="Whether it is its requester's own.")
    answers: Answers = Field(description="Answers to the form.")
    files: tuple[Paper, ...] = Field((), description="Files it was opened with.")
    steps: tuple[Step, ...] = Field((), description="What was done since, in its order.")
    ends: Key = Field(description="Status it has today.")


class Agreement(Part):
    """An agreement that an agent gave an organization, made from a template of the portal."""

    since: Moment = Field(description="When.")
    by: EmailStr = Field(description="Who.")
    organization: Key = Field(description="Organization, as the demo people name it.")
    template: Key = Field(description="Template. Answers name the agreement by it.")


class History(Part):
    """The past of one portal."""

    version: Literal[1] = Field(description="Format of this document.")
    portal: Key = Field(description="Slug of the portal it is the past of.")
    agreements: tuple[Agreement, ...] = Field(
        (), description="Its agreements, at most one of a template for each organization."
    )
    tickets: tuple[OldTicket, ...] = Field(description="Its tickets, in any order.")
