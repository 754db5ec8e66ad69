"""The environment, read strictly: a value that cannot be understood stops the start.

A misspelt `true` that silently means `false` is how a safety switch gets lost, so nothing here
guesses.
"""

import contextlib
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def env_text(name: str, default: str = "", *, choices: tuple[str, ...] = ()) -> str:
    """The value of `name`, stripped; with `choices`, one of them or ImproperlyConfigured."""
    value = os.environ.get(name, "").strip() or default
    if choices and value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}; it is {value!r}.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty entries."""
    return [item.strip() for item in env_text(name, default).split(",") if item.strip()]


def env_bool(name: str, default: bool = False) -> bool:
    """1/true/yes/on or 0/false/no/off, in any case."""
    value = env_text(name).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} must be true or false; it is {value!r}.")


def env_int(name: str, default: int, *, at_least: int = 0) -> int:
    """A whole number not below `at_least`."""
    value = env_text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < at_least:
        raise ImproperlyConfigured(f"{name} must be a whole number >= {at_least}; it is {value!r}.")
    return int(value)


def env_secret(name: str, *, generate_in: Path | None = None) -> str:
    """The secret `name`, or the content of the file `NAME_FILE`.

    With `generate_in` a missing secret is made once and kept there with mode 0600, so that a demo
    or a developer's machine needs no set-up; without it a missing secret stops the start.
    """
    path = os.environ.get(f"{name}_FILE", "").strip()
    value = Path(path).read_text().strip() if path else env_text(name)
    if value:
        return value
    if generate_in is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set {name} or {name}_FILE, or DAFTAR_GENERATE_SECRETS=1 to have "
            "one made beside the database."
        )
    return _made_once(generate_in / f"{name.lower()}.secret")


def _made_once(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        # link() refuses to replace: of two processes that start together, one secret wins.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
