"""The back office at work: people of Najd, and what they meet."""

from tests.invoicing.admin.conftest import (
    cleared,
    clerk,
    failed,
    owner,
    post,
    rejected,
    signed_in,
    stranger,
    viewer,
)

__all__ = [
    "cleared",
    "clerk",
    "failed",
    "owner",
    "post",
    "rejected",
    "signed_in",
    "stranger",
    "viewer",
]
