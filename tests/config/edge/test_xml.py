import re
import time
from pathlib import Path

import pytest

from config.xml import MAX_BYTES, XMLRefused, parse

ROOT = Path(__file__).resolve().parents[3]
PARSERS = re.compile(
    r"etree\.(XMLParser|HTMLParser|fromstring|parse|iterparse|XML|fromstringlist)\(|minidom"
    r"|ElementTree import|import ElementTree|xml\.sax|xml\.dom|objectify|lxml\.html"
)
BOMB = b"<!DOCTYPE a [<!ENTITY a0 'x'>%s]><a>&a9;</a>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10)
)


def test_a_document_is_read_as_it_is():
    root = parse("<a><!-- c --> <b x='1'>é</b>\n</a>".encode())

    assert (root.tag, root[1].text, root[1].tail) == ("a", "é", "\n")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"<!DOCTYPE a><a/>", "xml_doctype"),
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "xml_doctype"),
        (b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", "xml_doctype"),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>", "xml_doctype"),
        (BOMB, "xml_malformed"),
        (b"<a>&e;</a>", "xml_malformed"),
        (b"<a>", "xml_malformed"),
        (b"", "xml_malformed"),
        (b"{}", "xml_malformed"),
        (b"<a>\0</a>", "xml_malformed"),
        (b"<a>" * 300 + b"</a>" * 300, "xml_malformed"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "xml_malformed"),
        (b"<a>" + b" " * MAX_BYTES + b"</a>", "xml_too_large"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_not_read_has_a_code(document, code):
    started = time.process_time()

    with pytest.raises(XMLRefused) as refused:
        parse(document)

    assert refused.value.code == code
    assert time.process_time() - started < 2


def test_nothing_else_in_the_tree_builds_a_parser():
    builders = [
        f"{path.relative_to(ROOT)}:{number}"
        for app in ("config", "invoicing", "health", "integrations")
        for path in sorted((ROOT / app).rglob("*.py"))
        if path != ROOT / "config" / "xml.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if PARSERS.search(line)
    ]
    assert builders == []
