"""Which addresses are for programs; the others are the back office and the pages of documents."""

# The second is where the first generation of policies posted to.
API = ("/api/", "/triton/api/")


# Where D2's envelope is around every answer (contracts 9).
ENVELOPED = ("/api/v1/health/", "/api/v1/auth/")


def envelope_of(path: str) -> str | None:
    """What stands around the answers there where no view says it."""
    return "health" if path.startswith(ENVELOPED) else None


def is_api(path: str) -> bool:
    """Whether programs are answered there: in JSON, English with Arabic beside it, UTC."""
    return path.startswith(API)
