"""An uploaded file as a request body: `text/csv` as it is, or a form with a file in it.

Both parsers give an `Upload`, which the strict JSON rules of every other request do not fit: it is
spooled to disk, never held as one text.
"""

import hashlib
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from rest_framework.parsers import BaseParser, MultiPartParser

from config.json import PayloadTooLarge
from config.problems import FieldError, InvalidRequest

MAX_BYTES = 64 * 1024 * 1024
IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024


class Upload(dict):
    """What was said beside the file, with the file's digest, so that equal uploads are equal."""

    file: IO[bytes]

    def __init__(self, file: IO[bytes], name: str, said: Mapping[str, Any]) -> None:
        super().__init__({**said, "file_name": name, "file_sha256": _digest(file)})
        self.file = file


class CSVParser(BaseParser):
    """`text/csv`; `unit`, `date_from`, `date_to` and `column` stand in the query."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Upload:
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - read by the view
        size = 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise PayloadTooLarge
            file.write(chunk)
        file.seek(0)
        return Upload(file, "", _said((parser_context or {})["request"].query_params))


class ExportFormParser(MultiPartParser):
    """`multipart/form-data` with the field `file`; the rest are fields beside it."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Upload:
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > MAX_BYTES:
            raise PayloadTooLarge
        parsed = super().parse(stream, media_type, parser_context)
        upload = parsed.files.get("file")
        if upload is None:
            raise InvalidRequest(
                errors=[FieldError("file", "required", "A file is required.", "الملف مطلوب.")]
            )
        return Upload(upload.file, upload.name or "", _said(parsed.data))


def _said(values: Any) -> dict[str, Any]:
    names = ("unit", "date_from", "date_to")
    said = {name: values[name] for name in names if values.get(name)}
    return {**said, "column": values.getlist("column")}


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
