"""The set-up of an environment out of one document: made where it is new, changed where it differs.

Nothing is taken away: what the document does not name stays as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from config.problems import FieldError, InvalidRequest
from config.tenancy.models import Tenant
from config.text import text_problem
from integrations.ims import Procedure
from integrations.models import (
    IMSEnvironment,
    Line,
    Office,
    ProcedureName,
    ProducerAlias,
    Program,
    Source,
    UnderwriterAlias,
    normalised_name,
)

Document = Mapping[str, Any]
# Of each list: its model, and the columns that say which row is meant.
LISTS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "sources": (Source, ("name",)),
    "offices": (Office, ("name",)),
    "lines": (Line, ("kind",)),
    "programs": (Program, ("program_name", "market_segment_code")),
    "procedures": (ProcedureName, ("procedure",)),
    "producer_aliases": (ProducerAlias, ("key",)),
    "underwriter_aliases": (UnderwriterAlias, ("key",)),
}
ENVIRONMENT = (
    "name", "base_url", "user_name", "program_code", "capacity", "invoice_attempts",
    "invoice_wait_seconds", "invoice_number_format", "is_active",
)  # fmt: skip


class SetupRefused(InvalidRequest):
    """The document does not fit; nothing was written."""

    code = "invalid_setup"
    message = "The set-up is not valid."
    message_ar = "الإعداد غير صالح."


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the set-up, and whether it is new."""

    what: str
    is_new: bool


def set_up(tenant: Tenant, document: Document, *, password: str = "") -> list[Change]:
    """Write all of it, or nothing. Commits once. Raises SetupRefused with every field's path."""
    unknown = sorted(set(document) - {"environment", *LISTS})
    if unknown:
        raise SetupRefused(
            errors=[_wrong(name, "This is not part of a set-up.") for name in unknown]
        )
    with transaction.atomic():
        environment, is_new = _environment(tenant, document.get("environment"), password)
        changes = [Change(f"environment {environment}", is_new)]
        for name in LISTS:
            changes += _rows(name, tenant, environment, document.get(name, []))
    return changes


def _environment(tenant: Tenant, said: Any, password: str) -> tuple[IMSEnvironment, bool]:
    if not isinstance(said, Mapping) or not said.get("name"):
        raise SetupRefused(errors=[_wrong("environment.name", "An environment has a name.")])
    _judge(IMSEnvironment, said, ENVIRONMENT, "environment")
    row = IMSEnvironment.objects.filter(tenant=tenant, name=said["name"]).first()
    is_new = row is None
    row = row or IMSEnvironment(tenant=tenant)
    _fill(row, said)
    if password:
        row.seal_password(password)
    _save(row, "environment")
    return row, is_new


def _rows(name: str, tenant: Tenant, environment: IMSEnvironment, said: Any) -> Iterator[Change]:
    if not isinstance(said, list) or not all(isinstance(one, Mapping) for one in said):
        raise SetupRefused(errors=[_wrong(name, "A list of objects is expected.")])
    model, identity = LISTS[name]
    taken = {"id", "tenant", "environment", "key", "created_at", "updated_at"}
    columns = tuple(field.name for field in model._meta.fields if field.name not in taken)
    for place, one in enumerate(said):
        path = f"{name}[{place}]"
        given = dict(one)
        _judge(model, given, columns, path)
        if name == "lines":
            given["office"] = _office(environment, one.get("office"), path)
        if name == "procedures" and one.get("procedure") not in set(Procedure):
            raise SetupRefused(errors=[_wrong(f"{path}.procedure", "There is no such procedure.")])
        keyed = {**given, "key": normalised_name(str(given.get("written", "")))}
        which = {column: keyed.get(column, "") for column in identity}
        which |= {"tenant": tenant} if model is Source else {"environment": environment}
        row = model._default_manager.filter(**which).first()
        is_new = row is None
        row = row or model(**which)
        if model is Source:
            row.environment = environment  # type: ignore[attr-defined]
        _fill(row, given)
        _save(row, path)
        yield Change(f"{model._meta.verbose_name} {row}", is_new)


def _office(environment: IMSEnvironment, name: Any, path: str) -> Office:
    office = environment.offices.filter(name=name).first()
    if office is None:
        raise SetupRefused(errors=[_wrong(f"{path}.office", "There is no office of this name.")])
    return office


def _judge(model: type[models.Model], said: Document, columns: tuple[str, ...], path: str) -> None:
    """Refuse what is no column, or no value that stands for one, before anything is looked up."""
    wrong = [
        _wrong(f"{path}.{name}", "There is no such field." if name not in columns else sentence)
        for name, value in sorted(said.items())
        if name not in columns or (sentence := _odd(model._meta.get_field(name), value))
    ]
    if wrong:
        raise SetupRefused(errors=wrong)


def _odd(field: Any, value: Any) -> str:
    """Why a JSON value cannot be this column's, or nothing."""
    if value is None:
        return "" if field.null else "A value is expected."
    if isinstance(field, models.BooleanField):
        return "" if isinstance(value, bool) else "true or false is expected."
    if isinstance(field, models.IntegerField | models.DecimalField):
        is_number = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
        return "" if is_number else "A number is expected."
    if not isinstance(value, str):
        return "Text is expected."
    problem = text_problem(value.strip())
    return problem.en if problem else ""


def _fill(row: models.Model, said: Document) -> None:
    for name, value in said.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def _save(row: models.Model, path: str) -> None:
    try:
        row.full_clean(exclude=["key"])
    except ValidationError as refused:
        raise SetupRefused(
            errors=[
                _wrong(path if name == "__all__" else f"{path}.{name}", sentence)
                for name, sentences in refused.message_dict.items()
                for sentence in sentences
            ]
        ) from None
    row.save()


def _wrong(path: str, sentence: str) -> FieldError:
    return FieldError(path, "invalid", sentence)
