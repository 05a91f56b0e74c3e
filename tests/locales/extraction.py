"""Finds every sentence that reaches a person, and keeps the catalogues of `app/locales` complete.

Sentences are found in three ways: titles and details of every `Problem` the program knows; the
table that words pydantic's findings; and, in the source, the literal given to whatever speaks
(`say`, `translate`, `Fault`, and any function that hands its own argument on to one of them).

    python -m tests.locales.extraction          says what each catalogue lacks
    python -m tests.locales.extraction --write  adds it, untranslated, and drops what is gone
"""

import ast
import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import app
from app.kernel.locale import FALLBACK, LANGUAGES
from app.kernel.problems import catalogue

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
    for sentence, place in (*_of_problems(), *_of_validation(), *_in_the_source()):
        if sentence and any(letter.isalpha() for letter in _without_names(sentence)):
            found.setdefault(sentence, set()).add(place)
    return found


def load_everything() -> None:
    """Import the whole program but its doors, so that every problem class is known."""
    for file in sorted(APP.rglob("*.py")):
        module = file.relative_to(APP.parent).with_suffix("")
        if len(module.parts) > 2 or file.stem == "reactions":
            importlib.import_module(".".join(module.parts).removesuffix(".__init__"))


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
    load_everything()
    for kind in catalogue():
        file = str(sys.modules[kind.__module__].__file__)
        place = str(Path(file).relative_to(APP.parent))
        yield kind.title, place
        yield kind.detail, place


def _of_validation() -> Iterator[tuple[str, str]]:
    from app.web.problem_json import OTHERWISE, SENTENCES  # noqa: PLC0415 - after everything loaded

    for _, sentence in (*SENTENCES.values(), OTHERWISE):
        yield sentence, "app/web/problem_json.py"


def _in_the_source() -> Iterator[tuple[str, str]]:
    for file, tree in _trees():
        speakers = _speakers_in(tree)
        for call in _calls(tree):
            if ear := speakers.get(_name(call.func)):
                for sentence in _literals(_heard(call, ear)):
                    yield sentence, str(file.relative_to(APP.parent))
            for sentence in _reasons(call):
                yield sentence, str(file.relative_to(APP.parent))


def unheard() -> list[str]:
    """Calls that speak with something other than a literal, where it cannot be looked up."""
    silent = []
    for file, tree in _trees():
        for call in _calls(tree):
            name = _name(call.func)
            if name in {"say", "translate"} and not _literals(_heard(call, SPEAKERS[name])):
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


def _reasons(call: ast.Call) -> list[str]:
    """Sentences that a problem is given as its `reason`, to be said inside another."""
    given = [word.value for word in call.keywords if word.arg == "reason"]
    return [text for value in given for text in _literals(value) if " " in text]


def _literals(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return []


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _without_names(sentence: str) -> str:
    return "".join(part.partition("}")[2] or part for part in sentence.split("{"))


if __name__ == "__main__":
    everything = sentences()
    for tongue in TRANSLATED:
        if "--write" in sys.argv:
            write(tongue, everything)
        there = translations(tongue)
        for missing in sorted(item for item in everything if not there.get(item)):
            print(f"{tongue}: {missing}")  # noqa: T201 - it is a program
