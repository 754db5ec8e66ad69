"""What a person may do with a transaction that does not come through; each way asks first."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from config.json import parse_object
from config.problems import Problem
from integrations.admin.base import ReasonForm
from integrations.admin.pretty import pretty_json
from integrations.admin.story import diff
from integrations.models import SagaStep, Status, TritonTransaction
from integrations.services import repairing
from integrations.services.running import run
from integrations.triton import PayloadRefused, read_transaction
from integrations.words import said as spoken
from integrations.words import step

S = Status
# How long a person waits for what a repair started; the worker goes on with the rest.
PATIENCE = 20.0
TITLES = {
    "retry": "Retry",
    "resume": "Resume from step",
    "correct": "Edit payload",
    "adopt": "Adopt a quote",
    "create": "Create new",
    "close": "Close",
}


class StepForm(ReasonForm):
    field_order = ("step", "reason")

    def __init__(self, transactions: Sequence[TritonTransaction], data: Any = None) -> None:
        super().__init__(data)
        tried = SagaStep.objects.filter(transaction__in=transactions).order_by("id")
        names = dict.fromkeys(tried.values_list("step", flat=True))
        self.fields["step"] = forms.ChoiceField(
            label="Step",
            choices=[(name, capfirst(step(name))) for name in names],
            initial=transactions[0].stage if transactions else None,
            widget=UnfoldAdminSelectWidget,
            help_text="It and what follows is done again, each looked up in IMS first.",
        )
        self.order_fields(["step", "reason"])


class AdoptForm(ReasonForm):
    quote_guid = forms.UUIDField(
        label="Quote GUID",
        widget=UnfoldAdminTextInputWidget,
        help_text="As IMS shows it.",
    )
    field_order = ("quote_guid", "reason")


class PayloadForm(ReasonForm):
    """The payload as JSON; it is shown once more, with what changes, before it is kept."""

    payload = forms.CharField(
        label="Payload",
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 28, "dir": "ltr", "spellcheck": "false", "class": "daftar-json"}
        ),
    )
    field_order = ("payload", "reason")

    def __init__(self, transaction: TritonTransaction, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.kind = transaction.kind

    def clean_payload(self) -> str:
        """Strict JSON, and a transaction: every field that is wrong is named."""
        text = self.cleaned_data["payload"]
        try:
            self.parsed = parse_object(text.encode())
        except Problem as problem:
            where = f"{problem.param}: " if problem.param else ""
            raise forms.ValidationError(f"{where}{problem.message}") from None
        try:
            # Where the payload names no type, the address it was posted to did.
            read_transaction(self.parsed, type_in_path=self.kind)
        except PayloadRefused as refused:
            raise forms.ValidationError(
                [f"{error.field}: {error.message}" for error in refused.errors]
            ) from None
        return text


class RepairPages:
    """The pages behind the buttons of a transaction; none runs in a transaction of the database."""

    def repair_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = {
            "retry": self.retry_view,
            "resume": self.resume_view,
            "correct": self.correct_view,
            "adopt": self.adopt_view,
            "create": self.create_view,
            "close": self.close_view,
        }
        return [
            path(f"<int:pk>/{way}/", view(page), name=f"integrations_tritontransaction_{way}")
            for way, page in pages.items()
        ]

    def ways(self: Any, request: HttpRequest, transaction: TritonTransaction) -> list[Any]:
        """(way, title) of the buttons for this person, the most likely first."""
        if not self.has_repair_permission(request):
            return []
        return [(way, TITLES[way]) for way in repairing.exits(transaction)]

    def retry_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        return self._repair(
            request,
            pk,
            "retry",
            lambda transaction: None,
            lambda transaction, said, by: repairing.retry(transaction, actor=by),
            lambda transaction: [
                "It goes on where it stopped. What IMS may have done is looked up before anything "
                "is asked of it again.",
                f"It stopped because: {transaction.error}",
            ],
        )

    def resume_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        return self._repair(
            request,
            pk,
            "resume",
            lambda transaction: StepForm([transaction], request.POST or None),
            lambda transaction, said, by: repairing.resume_from(
                transaction, said["step"], actor=by, reason=said["reason"]
            ),
            lambda transaction: [
                "For set-up that was changed after a step had used it. A step that IMS has done "
                "and that would be done twice is refused.",
            ],
        )

    def adopt_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        return self._repair(
            request,
            pk,
            "adopt",
            lambda transaction: AdoptForm(request.POST or None),
            lambda transaction, said, by: repairing.adopt(
                transaction, UUID(str(said["quote_guid"])), actor=by, reason=said["reason"]
            ),
            lambda transaction: [
                "IMS has a quote of it that Daftar does not know of, be it that an answer was lost "
                "or that somebody made it there: this transaction goes on with that quote.",
                "One at a time, since every transaction has a quote of its own.",
                "Adopt an endorsement's own quote once more to say that its premium is right as "
                "IMS has it: it is bound then, and the figures stay as a warning.",
                f"Why it stopped: {transaction.error}",
            ],
        )

    def create_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        return self._repair(
            request,
            pk,
            "create",
            lambda transaction: ReasonForm(request.POST or None),
            lambda transaction, said, by: repairing.create_new(
                transaction, actor=by, reason=said["reason"]
            ),
            lambda transaction: [
                "You have looked in IMS, and it is not there, or another quote was adopted for it: "
                "it is made now.",
                "If it is there after all, it will be there twice.",
                _in_doubt(transaction),
            ],
        )

    def close_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        return self._repair(
            request,
            pk,
            "close",
            lambda transaction: ReasonForm(request.POST or None),
            lambda transaction, said, by: repairing.close(
                transaction, actor=by, reason=said["reason"]
            ),
            lambda transaction: [
                "Nothing more is done for it, for good. What IMS has done stays as it is.",
                *(
                    ["What waits for it is released."]
                    if transaction.blocks.filter(status=S.BLOCKED).exists()
                    else []
                ),
            ],
            runs=False,
        )

    def correct_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """First the text, then what changes in it, then a new version of the payload."""
        if detour := self._detour(request):
            return detour
        if not self.has_repair_permission(request):
            raise PermissionDenied
        transaction = self.get_object(request, str(pk))
        current = transaction.current
        stored = pretty_json(current.payload).text
        form = PayloadForm(transaction, request.POST or None, initial={"payload": stored})
        if request.method == "POST" and form.is_valid():
            changes = diff(current.payload, form.parsed)
            if not changes:
                form.add_error("payload", "Nothing is different.")
            elif request.POST.get("seen") != str(current.number):
                return self._review(request, transaction, form, changes)
            else:
                return self._correct(request, transaction, form)
        title = f"Edit the payload of {transaction}"
        context = {
            **self.page(request, transaction, title),
            "form": form,
            "sentences": [
                "It is kept as a new version; the one that was posted stays.",
                f"It stopped because: {transaction.error}",
            ],
            "submit": "Show what changes",
            "back": self.back_to(transaction),
            "wide": True,
        }
        return TemplateResponse(request, "admin/integrations/confirm.html", context)

    def _review(
        self: Any,
        request: HttpRequest,
        transaction: TritonTransaction,
        form: PayloadForm,
        changes: list[tuple[str, str]],
    ) -> HttpResponse:
        context = {
            **self.page(request, transaction, f"What changes in {transaction}"),
            "changes": changes,
            "hidden": [
                ("payload", form.cleaned_data["payload"]),
                ("reason", form.cleaned_data["reason"]),
                ("seen", str(transaction.version)),
            ],
            "reason": form.cleaned_data["reason"],
            "submit": f"Keep as version {transaction.version + 1} and resume",
            "back": request.path,
        }
        return TemplateResponse(request, "admin/integrations/review.html", context)

    def _correct(
        self: Any, request: HttpRequest, transaction: TritonTransaction, form: PayloadForm
    ) -> HttpResponse:
        def do(said: dict[str, Any]) -> str:
            corrected = repairing.correct(
                transaction,
                form.parsed,
                actor=request.credential.actor,
                reason=said["reason"],
            )
            return told(run(corrected, seconds=PATIENCE))

        title = f"Edit the payload of {transaction}"
        more = {"wide": True, "submit": "Show what changes"}
        return self.ask(request, transaction, title=title, form=form, sentences=[], do=do, **more)

    def _repair(
        self: Any,
        request: HttpRequest,
        pk: int,
        way: str,
        form_of: Callable[[TritonTransaction], forms.Form | None],
        do: Callable[[TritonTransaction, dict[str, Any], str], TritonTransaction],
        tell: Callable[[TritonTransaction], list[str]],
        *,
        runs: bool = True,
    ) -> HttpResponse:
        if detour := self._detour(request):
            return detour
        if not self.has_repair_permission(request):
            raise PermissionDenied
        transaction = self.get_object(request, str(pk))

        def repair(said: dict[str, Any]) -> str:
            repaired = do(transaction, said, request.credential.actor)
            return told(run(repaired, seconds=PATIENCE) if runs else repaired)

        return self.ask(
            request,
            transaction,
            title=f"{TITLES[way]}: {transaction}",
            form=form_of(transaction),
            sentences=tell(transaction),
            do=repair,
            submit=TITLES[way],
        )


def _in_doubt(transaction: TritonTransaction) -> str:
    names = ", ".join(step(name) for name in repairing.doubtful_steps(transaction))
    doubt = f"It is not known whether IMS did this: {names}. " if names else ""
    return f"{doubt}It stopped because: {transaction.error}"


def told(transaction: TritonTransaction) -> str:
    """What became of it, in a sentence."""
    state = spoken(transaction.status)
    if transaction.status == S.COMPLETED or not transaction.error:
        return f"{transaction}: {state}."
    return f"{transaction}: {state}. {transaction.error}"
