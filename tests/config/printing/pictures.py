"""Small pictures, made here."""

import io

from PIL import Image

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10">'
    '<rect width="40" height="10" fill="{fill}"/>{more}</svg>'
)


def png(width: int = 40, height: int = 10) -> bytes:
    return raster("PNG", width, height)


def raster(kind: str, width: int = 40, height: int = 10) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#a11b2c").save(out, kind)
    return out.getvalue()


def svg(more: str = "", fill: str = "red") -> bytes:
    return SVG.format(more=more, fill=fill).encode()
