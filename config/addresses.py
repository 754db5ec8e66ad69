"""Which addresses are for programs; the others are the back office and the pages of documents."""

# The second is where the first generation of policies posted to.
API = ("/api/", "/triton/api/")


def is_api(path: str) -> bool:
    """Whether programs are answered there: in JSON, English with Arabic beside it, UTC."""
    return path.startswith(API)
