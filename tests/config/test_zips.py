"""A zip with a table of contents on disk is a zip like any other."""

import io
import tracemalloc
import zipfile
from tempfile import TemporaryFile

from config.zips import LongZip

EPOCH = (1980, 1, 1, 0, 0, 0)


def written(count: int, file) -> None:
    with TemporaryFile() as contents, LongZip(file, contents) as archive:
        for number in range(count):
            archive.writestr(zipfile.ZipInfo(f"a folder/{number}.txt", EPOCH), f"{number}\n")
        with archive.open(zipfile.ZipInfo("فاتورة.txt", EPOCH), "w", force_zip64=True) as last:
            last.write(b"last")


def test_it_holds_what_was_written():
    file = io.BytesIO()
    written(2_000, file)
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert (len(names), names[0], names[-1]) == (2_001, "a folder/0.txt", "فاتورة.txt")
        assert archive.read("a folder/1999.txt") == b"1999\n"
        assert archive.read("فاتورة.txt") == b"last"


def test_memory_does_not_grow_with_the_entries():
    def peak(count: int) -> int:
        with TemporaryFile() as file:
            tracemalloc.start()
            written(count, file)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    assert peak(1_500) - peak(500) < 50_000  # bytes; Python's own takes 400,000 more
