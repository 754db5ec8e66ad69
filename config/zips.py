"""A zip of any number of files, written one after another."""

import pickle
import zipfile
from collections.abc import Iterator
from typing import IO, Any


class LongZip(zipfile.ZipFile):
    """A zip whose table of contents waits in `contents`, a file, until the end.

    Python's own keeps an object for each entry, so that memory grows with their number. Nothing is
    looked up by name: whoever writes sees to it that no name comes twice.
    """

    def __init__(self, file: Any, contents: IO[bytes]) -> None:
        super().__init__(file, "w", zipfile.ZIP_DEFLATED)
        self.filelist = _OnDisk(contents)
        self.NameToInfo = _Forgetful()


class _OnDisk(list[zipfile.ZipInfo]):
    """What zipfile does with its list: append, and go through it once at the end."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._length = 0

    def append(self, info: zipfile.ZipInfo) -> None:
        pickle.dump(info, self._file)
        self._length += 1

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.seek(0)
        for _ in range(self._length):
            yield pickle.load(self._file)  # noqa: S301 - our own, never anybody else's

    def __len__(self) -> int:
        return self._length


class _Forgetful(dict[str, zipfile.ZipInfo]):
    def __setitem__(self, name: str, info: zipfile.ZipInfo) -> None:
        """Keep nothing."""
