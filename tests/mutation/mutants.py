"""Small mistakes, put into a module's source one at a time."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

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
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's source with one mistake in it: where, what was there and what is."""

    line: int
    before: str
    after: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of `source`."""
    places = sum(1 for node in ast.walk(ast.parse(source)) for _ in _mistakes(node))
    for nth in range(places):
        tree = ast.parse(source)
        found = 0
        for node in ast.walk(tree):
            for mistake in _mistakes(node):
                if found == nth:
                    before = ast.unparse(node)
                    mistake()
                    yield Mutant(node.lineno, before, ast.unparse(node), ast.unparse(tree))  # type: ignore[attr-defined]
                found += 1


def _mistakes(node: ast.AST) -> Iterator["Mistake"]:  # noqa: C901 (one case after the other)
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                if type(op) in _COMPARED:
                    yield Mistake(ops, at, _COMPARED[type(op)]())
        case ast.BoolOp(op=op):
            yield Mistake(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.BinOp(op=op) if type(op) in _RECKONED and not _is_type(node):
            yield Mistake(node, "op", _RECKONED[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield Mistake(node, "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.Constant(value=bool() as value):
            yield Mistake(node, "value", not value)
        case ast.Constant(value=int() as value):
            yield Mistake(node, "value", value + 1)
        case ast.If() | ast.IfExp() | ast.While():
            yield Mistake(node, "test", ast.UnaryOp(ast.Not(), node.test))
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield Mistake(node, "value", ast.Constant(None))
        case _:
            pass


def _is_type(node: ast.BinOp) -> bool:
    """Whether this is `X | None` of an annotation."""
    return isinstance(node.right, ast.Constant) and node.right.value is None


class Mistake:
    """One change to a tree, made when called."""

    def __init__(self, holder: object, place: int | str, what: object) -> None:
        self._holder, self._place, self._what = holder, place, what

    def __call__(self) -> None:
        if isinstance(self._place, int):
            self._holder[self._place] = self._what  # type: ignore[index]
        else:
            setattr(self._holder, self._place, self._what)
