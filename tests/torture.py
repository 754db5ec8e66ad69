"""Input that stock parsers, calendars and databases trip over (reliability.md §4.4), as data.

Aimed at any endpoint by naming one of its text, number, whole-number and date fields; every answer
must be in `statuses`, and none may be a 5xx on either database.
"""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACCEPTED = frozenset({200, 201, 202})
REFUSED = frozenset({400})
EITHER = ACCEPTED | REFUSED | {404, 406, 409, 413, 415, 422}

_HERE = "@@here@@"


@dataclass(frozen=True, slots=True)
class Case:
    """One POST: a raw body, and the statuses that are right for it."""

    name: str
    body: bytes
    statuses: frozenset[int] = REFUSED
    content_type: str = "application/json"


# Whole bodies: wrong before any field is looked at.
WHOLE = [
    Case("not json", b"{name: 1}"),
    Case("cut short", b'{"a": "b'),
    Case("only a quote", b'"'),
    Case("quotes that backtrack", b'"' + b'\\"' * 200_000),
    Case("trailing comma", b'{"a": 1,}'),
    Case("two objects", b"{} {}"),
    Case("comment", b'{"a": 1} // note'),
    Case("single quotes", b"{'a': 1}"),
    Case("white space only", b"   "),
    Case("null", b"null"),
    Case("list", b"[]"),
    Case("list of objects", b'[{"a": 1}]'),
    Case("string", b'"text"'),
    Case("number", b"12"),
    Case("true", b"true"),
    Case("byte order mark", b"\xef\xbb\xbf{}"),
    Case("utf-16", '{"a": 1}'.encode("utf-16")),
    Case("latin-1", '{"a": "é"}'.encode("latin-1")),
    Case("overlong utf-8", b'{"a": "\xc0\x80"}'),
    Case("surrogate in utf-8", b'{"a": "\xed\xa0\x80"}'),
    Case("raw NUL", b'{"a": "\0"}'),
    Case("raw line break in a string", b'{"a": "x\ny"}'),
    Case("bad escape", b'{"a": "\\x41"}'),
    Case("deep lists, 33", b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}"),
    Case("deep lists, 2000", b'{"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}"),
    Case("deep lists, 100000 unclosed", b"[" * 100_000),
    Case("deep objects, 900", b'{"a": ' * 900 + b"1" + b"}" * 900),
    Case("duplicate keys", b'{"a": 1, "a": 2}'),
    Case("duplicate keys by escape", b'{"a": 1, "\\u0061": 2}'),
    Case("duplicate keys deep down", b'{"a": [{"b": {"c": 1, "c": 1}}]}'),
    Case("duplicate key with NUL", b'{"\\u0000": 1, "\\u0000": 2}'),
    Case("NaN in an unknown key", b'{"zz": NaN}'),
    Case("Infinity", b'{"zz": Infinity}'),
    Case("-Infinity", b'{"zz": -Infinity}'),
    Case("exponent", b'{"zz": 1e2}'),
    Case("exponent that overflows", b'{"zz": 1E400}'),
    Case("integer of 5000 digits", b'{"zz": ' + b"9" * 5_000 + b"}"),
    Case("fraction of 5000 digits", b'{"zz": 0.' + b"9" * 5_000 + b"}"),
    Case("NUL in an unknown value", b'{"zz": "\\u0000"}'),
    Case("NUL in a key", b'{"z\\u0000z": 1}'),
    Case("NUL in a key deep down", b'{"zz": [{"y\\u0000": 1}]}'),
    Case("lone surrogate in a value", b'{"zz": "\\ud800"}'),
    Case("lone low surrogate", b'{"zz": "\\udc00"}'),
    Case("reversed surrogates", b'{"zz": "\\ude00\\ud83d"}'),
    Case("lone surrogate in a key", b'{"\\udfff": 1}'),
    Case("three megabytes", b'{"zz": "' + b"x" * 3_000_000 + b'"}', frozenset({413})),
    Case("form body", b"name=x&amount=1", frozenset({415}), "application/x-www-form-urlencoded"),
    Case("multipart without boundary", b"x", frozenset({415}), "multipart/form-data"),
    Case("xml", b"<a/>", frozenset({415}), "application/xml"),
    Case("charset that is no charset", b"{}", EITHER, "application/json; charset=nonsense"),
    Case("charset that inflates", b"{}", EITHER, "application/json; charset=bz2_codec"),
    Case("empty object", b"{}"),
    Case("empty body", b""),
]

# One field each: (name, the raw JSON literal in its place, statuses).
TEXTS = [
    ("NUL", rb'"a\u0000b"', REFUSED),
    ("C0 control", rb'"a\u0007b"', REFUSED),
    ("escape", rb'"a\u001bb"', REFUSED),
    ("DEL", rb'"a\u007fb"', REFUSED),
    ("C1 control", rb'"a\u0085b"', REFUSED),
    ("line break", rb'"a\nb"', REFUSED),
    ("line separator", rb'"a\u2028b"', REFUSED),
    ("bidi override", rb'"a\u202eb"', REFUSED),
    ("bidi isolate", rb'"a\u2066b\u2069"', REFUSED),
    ("zero width space", rb'"a\u200bb"', REFUSED),
    ("byte order mark inside", rb'"a\ufeffb"', REFUSED),
    ("noncharacter", rb'"a\uffffb"', REFUSED),
    ("noncharacter, Arabic block", rb'"a\ufdd0b"', REFUSED),
    ("noncharacter, plane 16", rb'"a\udbff\udfffb"', REFUSED),
    ("leading space", b'" ab"', REFUSED),
    ("trailing no-break space", rb'"ab\u00a0"', REFUSED),
    ("blank", b'""', REFUSED),
    ("spaces only", b'"   "', REFUSED),
    ("too long", b'"' + b"x" * 100_000 + b'"', REFUSED),
    ("number", b"12", REFUSED),
    ("true", b"true", REFUSED),
    ("null", b"null", REFUSED),
    ("list", b'["a"]', REFUSED),
    ("object", b'{"a": 1}', REFUSED),
    ("Arabic with joiner", '"شرکت\u200cها ومؤسسة"'.encode(), EITHER),
    ("emoji", rb'"a\ud83d\ude00"', EITHER),
    ("combining marks", '"e\u0301\u0301\u0301"'.encode(), EITHER),
    ("SQL", b'"x\'; DROP TABLE invoices; --"', EITHER),
    ("markup", b'"<script>alert(1)</script>]]>&amp;"', EITHER),
    ("format string", b'"%s %(a)s {0} {a.b}"', EITHER),
]
NUMBERS = [
    ("underscore", b'"1_000"', REFUSED),
    ("Arabic-Indic digits", '"١٢.٥٠"'.encode(), REFUSED),
    ("full-width digits", '"１２"'.encode(), REFUSED),
    ("superscript", '"2²"'.encode(), REFUSED),
    ("leading space", b'" 1"', REFUSED),
    ("trailing line break", rb'"1\n"', REFUSED),
    ("plus", b'"+1"', REFUSED),
    ("thousands separator", b'"1,000"', REFUSED),
    ("no whole part", b'".5"', REFUSED),
    ("no fraction", b'"5."', REFUSED),
    ("hexadecimal", b'"0x10"', REFUSED),
    ("exponent in text", b'"1e2"', REFUSED),
    ("exponent literal", b"1e2", REFUSED),
    ("huge exponent literal", b"1E400", REFUSED),
    ("NaN in text", b'"NaN"', REFUSED),
    ("sNaN in text", b'"sNaN"', REFUSED),
    ("Infinity in text", b'"Infinity"', REFUSED),
    ("empty text", b'""', REFUSED),
    ("true", b"true", REFUSED),
    ("null", b"null", REFUSED),
    ("list", b"[1]", REFUSED),
    ("object", b'{"v": 1}', REFUSED),
    ("16 digits", b"1234567890123456", REFUSED),
    ("many decimals", b"0.0000000000000000001", REFUSED),
    ("long text", b'"' + b"1" * 5_000 + b'"', REFUSED),
    ("minus zero", b"-0", EITHER),
    ("minus zero with decimals", b'"-0.00"', EITHER),
    ("leading zeros", b'"0012.50"', EITHER),
]
WHOLE_NUMBERS = [
    ("2^31", b"2147483648", EITHER),
    ("2^63", b"9223372036854775808", REFUSED),
    ("minus 2^63 - 1", b"-9223372036854775809", REFUSED),
    ("4301 digits in text", b'"' + b"9" * 4_301 + b'"', REFUSED),
    ("fraction", b"1.5", REFUSED),
    ("text", b'"x"', REFUSED),
    ("object", b"{}", REFUSED),
]
DATES = [
    ("year 1 east of Greenwich", b'"0001-01-01T00:00:00+14:00"', REFUSED),
    ("year 9999 west of it", b'"9999-12-31T23:59:59-14:00"', REFUSED),
    ("year 10000", b'"10000-01-01T00:00:00Z"', REFUSED),
    ("February 30th", b'"2024-02-30T00:00:00Z"', REFUSED),
    ("minute 61", b'"2024-01-01T00:61:00Z"', REFUSED),
    ("number", b"20240101", REFUSED),
    ("text", b'"yesterday"', REFUSED),
    ("object", b"{}", REFUSED),
    ("Arabic-Indic digits", '"٢٠٢٤-٠١-٠١T00:00:00Z"'.encode(), EITHER),
]

# Values for query parameters, percent-encoded.
QUERY_VALUES = {
    "page": ["0", "-1", "1e9", "abc", "9" * 30, "%D9%A1", "1.0", "", "%00", "2147483647"],
    "size": ["0", "101", "-1", "abc", "9" * 30, ""],
    "search": [
        "%00",
        "%ED%A0%80",
        "%FF%FE",
        "+".join(["word"] * 1_500),
        "%25" * 60_000,
        "a" * 60_000,
        "%27%20OR%201%3D1--",
    ],
    "date": [
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "9999-12-31",
        "2024-02-30",
        "%00",
        "x" * 10_000,
    ],
    "choice": ["%00", "NOSUCH", "%ED%A0%80", "x" * 10_000],
}

HEADERS = [
    ("unknown Accept", {"Accept": "application/pdf"}),
    ("broken Accept", {"Accept": ";;q=="}),
    ("Accept of 10,000 characters", {"Accept": "a/b," * 2_500}),
    ("binary Accept-Language", {"Accept-Language": "\xff\xfe"}),
    ("broken Prefer", {"Prefer": ",;=,,handling==strict;;"}),
    ("request id with a line break", {"X-Request-ID": "a b\\n" * 100}),
    ("unknown credential scheme", {"Authorization": "Bearer"}),
    ("binary credential", {"X-API-Key": "\xff"}),
    ("empty credential", {"X-API-Key": ""}),
    ("override", {"X-HTTP-Method-Override": "DELETE"}),
    ("forwarded host", {"X-Forwarded-Host": "evil.example"}),
]


def bodies(
    valid: Mapping[str, Any], *, text: str, number: str, whole: str = "", date: str = ""
) -> list[Case]:
    """Every case for an endpoint that takes `valid`; a field is named like ``lines.0.name``."""
    fields = [(text, TEXTS), (number, NUMBERS), (whole, WHOLE_NUMBERS), (date, DATES)]
    return WHOLE + [
        Case(f"{path}: {name}", _placed(valid, path, literal), statuses)
        for path, literals in fields
        if path
        for name, literal, statuses in literals
    ]


def queries(**parameters: str) -> list[str]:
    """Query strings for a list, as in ``queries(page="page", size="limit", search="search")``."""
    return [f"{name}={value}" for kind, name in parameters.items() for value in QUERY_VALUES[kind]]


def _placed(valid: Mapping[str, Any], path: str, literal: bytes) -> bytes:
    body = copy.deepcopy(dict(valid))
    inner: Any = body
    *outer, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in outer:
        inner = inner[step]
    inner[last] = _HERE
    return json.dumps(body).encode().replace(json.dumps(_HERE).encode(), literal)
