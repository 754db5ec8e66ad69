"""From a layout and its data to a PDF/A-3b document whose bytes depend on nothing else.

A layout is a Typst file below `templates/`. Data reaches it as JSON, never as markup, so that
nobody's text can become an instruction: `json(bytes(sys.inputs.data))`. An attachment arrives as
the text `sys.inputs.attachment`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from typing import Any

import typst
from django.conf import settings

from config.printing.fonts import fonts, showable

_of_thread = local()


def typeset(
    layout: str, data: Mapping[str, Any], *, made_at: datetime, attachment: bytes = b""
) -> bytes:
    """The PDF of `data` in `layout`, a path below ``templates/``.

    The same arguments give the same bytes: `made_at`, a moment of the document's own, is the only
    time in it. `data` holds JSON types; its texts may hold any character (see `showable`).
    `attachment` is UTF-8 and is embedded byte for byte where the layout says so. Raises TypstError
    for a layout that does not compile, which is a bug.
    """
    file = _root() / layout
    return _compiler().compile(  # type: ignore[return-value]
        str(file),
        root=str(_root()),
        format="pdf",
        sys_inputs={
            "data": showable(json.dumps(data, ensure_ascii=False)),
            "attachment": attachment.decode(),
        },
        pdf_standards="a-3b",
        timestamp=made_at.astimezone(UTC),
    )


def _root() -> Path:
    return settings.BASE_DIR / "templates"


def _compiler() -> typst.Compiler:
    """One per thread: it keeps parsed layouts and fonts, and serves one call at a time."""
    if not hasattr(_of_thread, "compiler"):
        _of_thread.compiler = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)
    return _of_thread.compiler
