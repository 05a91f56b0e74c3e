"""Finds every sentence that reaches a person, and keeps the catalogues of `app/locales` complete.

Found in the source, in three ways: titles and details of classes that have a `code`; the table
that words pydantic's findings; and the literal given to whatever speaks (`say`, `translate`,
`Fault`, and any function that hands its own argument on to one of them).

    python -m tests.locales.extraction          says what each catalogue lacks
    python -m tests.locales.extraction --write  adds it, untranslated, and drops what is gone
"""

import ast
import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import app
from app.access.permissions import PERMISSIONS
from app.kernel.locale import FALLBACK, LANGUAGES

APP = Path(app.__file__).parent
TRANSLATED = tuple(language for language in LANGUAGES if language != FALLBACK)


class Ear(NamedTuple):
    """Which argument of a call is a sentence: its place and its name."""

    place: int
    name: str


SPEAKERS = {
    "say": Ear(0, "sentence"),
    "translate": Ear(0, "sentence"),
    "Fault": Ear(1, "detail"),
    "Refusal": Ear(1, "detail"),
    "SpokenError": Ear(1, "sentence"),
}


def sentences() -> dict[str, set[str]]:
    """Every sentence (a message id) and the files it stands in."""
    found: dict[str, set[str]] = {}
    said = (*_of_problems(), *_of_validation(), *_of_permissions(), *_in_the_source())
    for sentence, place in said:
        if _says_something(sentence):
            found.setdefault(sentence, set()).add(place)
    return found


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands on disk; empty where there is none."""
    file = file_of(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as handle:
        return read_po(handle, locale=language)


def translations(language: str) -> dict[str, str]:
    """Message id → translation, untranslated ones as the empty text."""
    return {
        message.id: str(message.string)
        for message in read(language)
        if isinstance(message.id, str) and message.id
    }


def file_of(language: str) -> Path:
    return APP / "locales" / language / "messages.po"


def write(language: str, found: dict[str, set[str]]) -> None:
    """Bring a catalogue up to date: keeps translations, adds what is new, drops what is gone."""
    known = translations(language)
    fresh = Catalog(locale=language)
    for sentence in sorted(found):
        places = [(place, 0) for place in sorted(found[sentence])]
        fresh.add(sentence, known.get(sentence, ""), locations=places)
    body = io.BytesIO()
    write_po(body, fresh, width=100, omit_header=True, include_lineno=False, sort_output=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    file_of(language).parent.mkdir(parents=True, exist_ok=True)
    file_of(language).write_text(header + body.getvalue().decode("utf-8").lstrip("\n"))


def _of_problems() -> Iterator[tuple[str, str]]:
    for file, tree in _trees():
        for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            said = {
                _name(target): text
                for node in kind.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                for text in _literals(node.value)
            }
            if "code" in said:
                for part in ("title", "detail"):
                    yield said.get(part, ""), str(file.relative_to(APP.parent))


def _of_validation() -> Iterator[tuple[str, str]]:
    place = "app/web/problem_json.py"
    for node in ast.parse((APP.parent / place).read_text()).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if _name(target) in {"SENTENCES", "OTHERWISE"}:
            for pair in (item for item in ast.walk(node) if isinstance(item, ast.Tuple)):
                for sentence in _literals(pair.elts[1]):
                    yield sentence, place


def _of_permissions() -> Iterator[tuple[str, str]]:
    """What an app asks for is told in words."""
    for sentence in PERMISSIONS.values():
        yield sentence, "app/access/permissions.py"


def _in_the_source() -> Iterator[tuple[str, str]]:
    for file, tree in _trees():
        speakers, constants = _speakers_in(tree), _constants_of(tree)
        for call in _calls(tree):
            ear = speakers.get(_name(call.func))
            said = [_heard(call, ear)] if ear else []
            # A problem's `reason` is a sentence that is said inside another.
            said += [word.value for word in call.keywords if word.arg == "reason"]
            for node in said:
                spoken = constants.get(_name(node), node) if node else None
                for sentence in _literals(spoken):
                    if " " in sentence or ear:
                        yield sentence, str(file.relative_to(APP.parent))


def unheard() -> list[str]:
    """Calls that speak with something other than a literal, where it cannot be looked up."""
    silent = []
    for file, tree in _trees():
        for call in _calls(tree):
            name = _name(call.func)
            if name not in {"say", "translate"}:
                continue
            heard = _heard(call, SPEAKERS[name])
            # Titles and details are found where the problem or the fault is declared.
            declared = isinstance(heard, ast.Attribute) and heard.attr in {"title", "detail"}
            # So is what a permission lets one do.
            declared |= isinstance(heard, ast.Subscript) and _name(heard.value) == "PERMISSIONS"
            if not declared and not _literals(heard):
                silent.append(f"{file.relative_to(APP.parent)}:{call.lineno}")
    return silent


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted(APP.rglob("*.py")):
        yield file, ast.parse(file.read_text(), str(file))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _speakers_in(tree: ast.Module) -> dict[str, Ear]:
    """The speakers known everywhere, and functions of this file that hand a sentence on."""
    speakers = dict(SPEAKERS)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for _ in functions:
        before = len(speakers)
        for function in functions:
            own = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
            own = own[1:] if own[:1] in (["self"], ["cls"]) else own
            named = [item.arg for item in function.args.kwonlyargs]
            for call in _calls(function):
                ear = speakers.get(_name(call.func))
                heard = _heard(call, ear) if ear else None
                if isinstance(heard, ast.Name) and heard.id in own + named:
                    place = own.index(heard.id) if heard.id in own else sys.maxsize
                    speakers.setdefault(function.name, Ear(place, heard.id))
        if len(speakers) == before:
            break
    return speakers


def _heard(call: ast.Call, ear: Ear) -> ast.expr | None:
    for word in call.keywords:
        if word.arg == ear.name:
            return word.value
    return call.args[ear.place] if ear.place < len(call.args) else None


def _constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    """The texts a file has given a name at its top."""
    return {
        _name(target): node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if _literals(node.value)
    }


def _literals(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    # `text.translate(table)` is Python's own and says nothing.
    attribute: str = getattr(node, "attr", "")
    return "" if attribute == "translate" else attribute


def _says_something(sentence: str) -> bool:
    """Whether there are words in it besides the names of its values."""
    plain = "".join(text for text, *_ in string.Formatter().parse(sentence))
    return any(letter.isalpha() for letter in plain)


if __name__ == "__main__":
    everything = sentences()
    for tongue in TRANSLATED:
        if "--write" in sys.argv:
            write(tongue, everything)
        there = translations(tongue)
        for missing in sorted(item for item in everything if not there.get(item)):
            print(f"{tongue}: {missing}")  # noqa: T201 - it is a program
