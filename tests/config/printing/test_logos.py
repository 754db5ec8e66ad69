"""What is taken for a logo, by what it is and not by what it is called."""

import pytest

from config.printing.errors import LogoUnfit
from config.printing.logos import MAX_BYTES, logo_of
from tests.config.printing.pictures import png, raster, svg


@pytest.mark.parametrize(("content", "kind"), [
    (png(), "image/png"),
    (raster("JPEG"), "image/jpeg"),
    (svg(), "image/svg+xml"),
    (b"\xef\xbb\xbf" + svg(), "image/svg+xml"),
])  # fmt: skip
def test_pictures_are_taken(content, kind):
    assert logo_of(content).kind == kind


@pytest.mark.parametrize("content", [
    b"",
    b"%PDF-1.7",
    raster("GIF"),
    raster("BMP"),
    png()[:60],
    b"\x89PNG\r\n\x1a\n" + b"0" * 100,
    png(2001, 4),
    b"<html></html>",
    b"<svg></svg>",
    b'<!DOCTYPE svg [<!ENTITY a "a">]>' + svg(),
    svg("<script>alert(1)</script>"),
    svg('<rect onload="alert(1)"/>'),
    svg('<image href="file:///etc/passwd"/>'),
    svg('<image xmlns:x="http://www.w3.org/1999/xlink" x:href="https://example.com/a.png"/>'),
    svg("<foreignObject/>"),
    svg("<style>@import 'https://example.com/a.css';</style>"),
    svg(fill="url(https://example.com/a)"),
    svg('<?xml-stylesheet href="https://example.com/a.css"?>'),
    png() + b"0" * MAX_BYTES,
])  # fmt: skip
def test_anything_else_is_refused_in_two_languages(content):
    with pytest.raises(LogoUnfit) as refusal:
        logo_of(content)

    assert (refusal.value.status, refusal.value.param) == (400, "logo")
    assert refusal.value.message_ar
