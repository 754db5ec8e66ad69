"""Codes that a scanner reads, as pictures for a page."""

import re
from dataclasses import dataclass
from math import isqrt

import zxingcpp

QUIET_ZONE = 4
PIXELS = 4  # a module's, where nobody says how large the picture is to be
_DARK = re.compile(b"\0+")


@dataclass(frozen=True, slots=True)
class QRPicture:
    """A QR code as an SVG document, and how many modules wide it is with its quiet zone."""

    svg: str
    modules: int


def qr_picture(payload: str) -> QRPicture:
    """The QR picture of a payload, with medium error correction and its quiet zone.

    Zint, inside zxing-cpp, takes a tenth of the time that a library in Python takes.
    """
    barcode = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = bytes(memoryview(barcode.to_image(scale=1, add_quiet_zones=False)))
    width = isqrt(len(pixels))
    whole = width + 2 * QUIET_ZONE
    runs = (
        f"M{run.start() + QUIET_ZONE} {row + QUIET_ZONE}.5h{len(run[0])}"
        for row in range(width)
        for run in _DARK.finditer(pixels[row * width : (row + 1) * width])
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole * PIXELS}" '
        # Without a viewBox a page that sizes the picture would cut it.
        f'height="{whole * PIXELS}" viewBox="0 0 {whole} {whole}">'
        f'<path stroke="#000" d="{"".join(runs)}"/></svg>'
    )
    return QRPicture(svg, whole)


def qr_svg(payload: str) -> str:
    """The QR picture as an SVG document, which an HTML page may also hold as it is."""
    return qr_picture(payload).svg


def bar_svg(payload: str) -> str:
    """`payload` as bars (Code 128) in an SVG document; empty where it has a letter of no bars.

    Code 128 knows ASCII; its quiet zone is ten modules on each side.
    """
    if not payload.isascii():
        return ""
    barcode = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.Code128)
    pixels = memoryview(barcode.to_image(scale=1, add_quiet_zones=False))
    # Every row of it is the same.
    row = bytes(pixels.tolist()[0])
    runs = (f"M{run.start() + 10} 20h{len(run[0])}" for run in _DARK.finditer(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{len(row) + 20}" height="40" '
        f'viewBox="0 0 {len(row) + 20} 40">'
        f'<path stroke="#000" stroke-width="40" d="{"".join(runs)}"/></svg>'
    )
