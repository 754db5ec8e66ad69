"""What a scanner reads off a bill. Pure; no Django."""

import segno

# Scoring all eight masks takes most of the time, and every mask can be read.
MASK = 4


def qr_data_uri(text: str) -> str:
    """`text` as a QR code: an SVG image in a `data:` address."""
    return segno.make(text, error="m", micro=False, mask=MASK).svg_data_uri(scale=4)
