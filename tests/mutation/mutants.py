"""Small mistakes, put into a module's source one at a time.

None is made where nobody could tell: in annotations, docstrings and sentences for people, and never
the same mistake twice (`a == b` turned round, and `if a == b` negated)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
#: What is called by its name, or on something; the one for the other.
_CALLED = {
    "and_": "or_",
    "or_": "and_",
    "true": "false",
    "false": "true",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "in_": "not_in",
    "not_in": "in_",
    "is_": "is_not",
    "is_not": "is_",
}
#: Of these, each argument is left out in turn.
_CONDITIONS = frozenset({"and_", "or_", "where"})
_ANNOTATIONS = frozenset({"annotation", "returns"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's source with one mistake in it: where, what was there and what is."""

    line: int
    before: str
    after: str
    source: str


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One change to a tree: `what` at `place` of `holder`. People are told how `where` reads."""

    where: ast.AST
    holder: object
    place: int | str
    what: Any

    def make(self) -> None:
        if isinstance(self.place, int):
            self.holder[self.place] = self.what  # type: ignore[index]
        else:
            setattr(self.holder, self.place, self.what)


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of `source`."""
    for nth in range(len(_mistakes_of(ast.parse(source)))):
        tree = ast.parse(source)
        mistake = _mistakes_of(tree)[nth]
        before = ast.unparse(mistake.where)
        mistake.make()
        after = ast.unparse(mistake.where)
        yield Mutant(
            line=mistake.where.lineno,  # type: ignore[attr-defined]
            before=before,
            after=after if after != before else ast.unparse(mistake.what),
            source=ast.unparse(tree),
        )


def _mistakes_of(tree: ast.AST) -> list[_Mistake]:
    return [mistake for node in _working(tree) for mistake in _at(node)]


def _working(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below that does something when the program runs."""
    yield node
    for name, value in ast.iter_fields(node):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST) and name not in _ANNOTATIONS and not _is_silent(part):
                yield from _working(part)


def _is_silent(node: ast.AST) -> bool:
    """A docstring, the list of what a type allows, how a class is laid out in memory."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.keyword(arg="slots"):
            return True
        case _:
            return False


def _at(node: ast.AST) -> Iterator[_Mistake]:
    yield from _deeds_left_out(node)
    match node:
        case ast.Constant():
            yield from _of_a_constant(node)
        case ast.Call():
            yield from _of_a_call(node)
        case ast.If() | ast.IfExp() | ast.While() | ast.comprehension():
            yield from _of_a_condition(node)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield _Mistake(node, node, "value", ast.Constant(None))
        case _:
            yield from _of_an_operator(node)


def _deeds_left_out(node: ast.AST) -> Iterator[_Mistake]:
    """Each line of a block that stands for itself: a call, a refusal."""
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        for at, line in enumerate(block if isinstance(block, list) else []):
            if isinstance(line, ast.Raise | ast.Expr) and not _is_silent(line):
                yield _Mistake(line, block, at, ast.Pass())


def _of_an_operator(node: ast.AST) -> Iterator[_Mistake]:
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                if type(op) in _COMPARED:
                    yield _Mistake(node, ops, at, _COMPARED[type(op)]())
        case ast.BoolOp(op=op):
            yield _Mistake(node, node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.BinOp(op=op) if type(op) in _RECKONED:
            yield _Mistake(node, node, "op", _RECKONED[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.Invert() as op, operand=operand):
            yield _Mistake(node, node, "operand", ast.UnaryOp(op, operand))
        case _:
            pass


def _of_a_constant(node: ast.Constant) -> Iterator[_Mistake]:
    match node.value:
        case bool() as value:
            yield _Mistake(node, node, "value", not value)
        case int() as value:
            yield _Mistake(node, node, "value", value + 1)
        case str() as value if len(value.split()) <= 1:
            yield _Mistake(node, node, "value", f"{value}~")
        case _:
            pass


def _of_a_call(node: ast.Call) -> Iterator[_Mistake]:
    match node.func:
        case ast.Name(id=name):
            place = "id"
        case ast.Attribute(attr=name):
            place = "attr"
        case _:
            return
    if name in _CALLED:
        yield _Mistake(node, node.func, place, _CALLED[name])
    if name in _CONDITIONS and len(node.args) > 1:
        for at in range(len(node.args)):
            yield _Mistake(node, node, "args", node.args[:at] + node.args[at + 1 :])


def _of_a_condition(
    node: ast.If | ast.IfExp | ast.While | ast.comprehension,
) -> Iterator[_Mistake]:
    if isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            if not _is_turned_round_anyway(test):
                yield _Mistake(test, node.ifs, at, ast.UnaryOp(ast.Not(), test))
    elif not _is_turned_round_anyway(node.test):
        yield _Mistake(node.test, node, "test", ast.UnaryOp(ast.Not(), node.test))


def _is_turned_round_anyway(test: ast.expr) -> bool:
    """Whether the whole condition, negated, is what a mistake inside of it comes to."""
    match test:
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.In() | ast.NotIn()]):
            return True
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.UnaryOp(op=ast.Not()):
            return True
        case _:
            return False
