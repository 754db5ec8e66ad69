"""Which bytes differ: the pages that lay a document open, an invoice's own or a file from anywhere.

Files are read and forgotten; nothing here writes.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.widgets import UnfoldAdminFileFieldWidget

from config.xml import MAX_BYTES, XMLRefused, parse
from invoicing.admin.pretty import Text, shortened
from invoicing.models import Invoice, Revision
from invoicing.zatca.anatomy import Anatomy, dissect
from invoicing.zatca.parting import Parting, parting


@dataclass(frozen=True, slots=True)
class Laid:
    """A document laid open for the page."""

    title: str
    anatomy: Anatomy

    @property
    def canonical(self) -> Text:
        return shortened(self.anatomy.canonical.decode())


@dataclass(frozen=True, slots=True)
class Compared:
    """Two documents side by side; `parting` is None where their canonical bytes are the same."""

    here: str
    there: str
    parting: Parting | None


class DocumentField(forms.FileField):
    """An XML document of at most the size that Daftar reads; its value is the bytes."""

    widget = UnfoldAdminFileFieldWidget

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        upload: UploadedFile | None = super().clean(data, initial)
        if upload is None:
            return None
        if (upload.size or 0) > MAX_BYTES:
            raise ValidationError(f"The file is larger than {MAX_BYTES} bytes.")
        xml = upload.read()
        try:
            parse(xml)
        except XMLRefused as refused:
            raise ValidationError(str(refused), code=refused.code) from None
        return xml


class OneFileForm(forms.Form):
    document = DocumentField(
        label="Compare with a file", help_text="What somebody else has of this invoice, as XML."
    )


class TwoFilesForm(forms.Form):
    document = DocumentField(help_text="Any ZATCA document as XML. It is read and not kept.")
    other = DocumentField(
        label="Compare with", required=False, help_text="Another version of the same document."
    )


class BytesPages:
    """Two pages for the admin of invoices; goes before its other bases."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("bytes/", view(self.file_bytes_view), name="invoicing_invoice_file_bytes"),
            path("<int:pk>/bytes/", view(self.bytes_view), name="invoicing_invoice_bytes"),
            *super().get_urls(),
        ]

    def bytes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sealed document of an invoice, held against its cleared version and a file."""
        if detour := self._detour(request):
            return detour
        invoice = self._owned(request, pk)
        revision = _asked_revision(request, invoice)
        form = OneFileForm(*_sent(request))
        file = form.cleaned_data["document"] if form.is_valid() else None
        laid, compared = _of_revision(revision, file)
        about = {"laid": laid, "compared": compared, "revision": revision}
        return self._bytes_page(request, invoice, f"The bytes of {invoice}", form, about)

    def file_bytes_view(self, request: HttpRequest) -> HttpResponse:
        """A file that somebody brings, alone or held against another."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TwoFilesForm(*_sent(request))
        about: dict[str, Any] = {"laid": [], "compared": []}
        if form.is_valid():
            about = _of_files(form.cleaned_data["document"], form.cleaned_data["other"])
        return self._bytes_page(request, None, "Which bytes differ", form, about)

    def _bytes_page(
        self,
        request: HttpRequest,
        invoice: Invoice | None,
        title: str,
        form: forms.Form,
        about: dict[str, Any],
    ) -> HttpResponse:
        context = {**self._page(request, invoice, title), "invoice": invoice, "form": form, **about}
        return TemplateResponse(request, "admin/invoicing/invoice/bytes.html", context)


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _asked_revision(request: HttpRequest, invoice: Invoice) -> Revision:
    number = request.GET.get("revision", str(invoice.revision))
    rows = (
        invoice.revisions.filter(number=number) if number.isdecimal() else Revision.objects.none()
    )
    revision = rows.first()
    if revision is None or not revision.is_sealed:
        raise Http404
    return revision


def _of_revision(revision: Revision, file: bytes | None) -> tuple[list[Laid], list[Compared]]:
    sealed = bytes(revision.xml or b"")
    laid, compared = [Laid("As it was sealed and sent", dissect(sealed))], []
    others = [("as ZATCA gave it back", revision.cleared_xml), ("the file", file)]
    for title, xml in others:
        if xml is None:
            continue
        laid.append(Laid(title[0].upper() + title[1:], dissect(bytes(xml))))
        compared.append(Compared("the sealed document", title, parting(sealed, bytes(xml))))
    return laid, compared


def _of_files(first: bytes, second: bytes | None) -> dict[str, Any]:
    laid, compared = [Laid("The document", dissect(first))], []
    if second is not None:
        laid.append(Laid("The other", dissect(second)))
        compared.append(Compared("the document", "the other", parting(first, second)))
    return {"laid": laid, "compared": compared}
