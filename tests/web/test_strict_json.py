"""JSON as a contract means it."""

import json

import pytest

from app.kernel.problems import Problem
from app.web.problems import InvalidInput, MalformedBody
from app.web.strict_json import read_json


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {"b": 2}',
        b"// words\n{}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 01}',
        b'{"a": "\n"}',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": "\xff"}',
        '{"a": "é"}'.encode("latin-1"),
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedBody):
        read_json(body)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ('{"a": "x\\u0000"}', "/a", "not-a-text"),
        ('{"a": ["\\ud800"]}', "/a/0", "not-a-text"),
        ('{"a": {"\\udfff": 1}}', "/a", "not-a-text"),
        ('{"\\u0000": 1}', "", "not-a-text"),
        ('{"a": 9223372036854775808}', "/a", "too-large"),
        ('{"a": {"b/c~": -9223372036854775808}}', "/a/b~1c~0", "too-large"),
        ('{"a": 1e400}', "/a", "too-large"),
        ('{"a": -1e30}', "/a", "too-large"),
    ],
)
def test_what_cannot_be_kept_is_refused_where_it_stands(body: str, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_json(body.encode())
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, code)]


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(2**62), 0.5, "Ærlig \U0001f600", [], {}, {"a": [{"b": None}]}, "x" * 9000],
)
def test_everything_else_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


def test_thirty_levels_are_enough_for_anybody() -> None:
    try:
        read_json(b"[" * 33 + b"]" * 33)
    except Problem:
        pytest.fail("33 levels are not too deep")
    with pytest.raises(MalformedBody):
        read_json(b"[" * 34 + b"]" * 34)
