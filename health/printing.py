"""The laboratory's paper: bills and credit notes as PDF, from the rows that count. Writes nothing.

The same document in the same state and looks gives the same bytes.
"""

from base64 import b64encode
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from typing import Any

from config.printing.pictures import bar_svg, qr_picture, qr_svg
from config.printing.selectors import branding_of
from config.printing.typesetting import typeset
from config.tenancy.models import Tenant
from health import errors
from health.models import CreditNote, LabSettings, TestInvoice
from health.printing_sheet import invoice_sheet, note_sheet, supplier_of
from health.services.checking import settings_of

A4, RECEIPT = "a4", "80mm"
LAYOUTS = {A4: "health/print/a4.typ", RECEIPT: "health/print/receipt.typ"}
NO_CODE = {"svg": "", "modules": 0}


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF and the name to keep it under."""

    content: bytes
    file_name: str


@dataclass(frozen=True, slots=True)
class Codes:
    """Which codes for scanners stand on a page."""

    qr: bool = True
    bars: bool = False


def render_invoice(invoice: TestInvoice, *, size: str = A4, codes: Codes = Codes()) -> Printed:
    """The invoice on A4 or on 80 mm paper; drafts and cancelled ones say on their face what they
    are. Raises LayoutUnknown.
    """
    lab = settings_of(invoice.tenant)
    sheet = invoice_sheet(invoice, lab)
    return _render(
        invoice.tenant,
        sheet,
        size=size,
        made_at=invoice.invoice_date,
        qr=qr_text(invoice, lab) if codes.qr else "",
        bars=invoice.invoice_number if codes.bars else "",
    )


def render_note(note: CreditNote, *, size: str = A4) -> Printed:
    """A credit note on A4 or on 80 mm paper. Raises LayoutUnknown."""
    tenant = note.invoice.tenant
    made_at = datetime.combine(note.date, time.min, UTC)
    return _render(
        tenant, note_sheet(note, settings_of(tenant)), size=size, made_at=made_at, qr="", bars=""
    )


def qr_text(invoice: TestInvoice, lab: LabSettings) -> str:
    """What the QR code of a bill says: who, which, when, how much; a line each."""
    supplier = supplier_of(invoice, lab)
    lines = (
        supplier.name,
        f"GSTIN {supplier.gstin}" if supplier.gstin else "",
        invoice.invoice_number,
        invoice.local_date.isoformat(),
        f"INR {invoice.final_amount:.2f}",
    )
    return "\n".join(filter(None, lines))


def qr_image(invoice: TestInvoice) -> str:
    """The QR code that stands on the paper as a data URI, to be shown as it is."""
    svg = qr_svg(qr_text(invoice, settings_of(invoice.tenant)))
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _render(
    tenant: Tenant, sheet: dict[str, Any], *, size: str, made_at: datetime, qr: str, bars: str
) -> Printed:
    if size not in LAYOUTS:
        raise errors.LayoutUnknown(
            f"There is no size {size[:20]!r}; choose a4 or 80mm.", param="size"
        )
    branding = branding_of(tenant)
    logo = branding.picture
    data = {
        "sheet": sheet,
        "brand": {
            "accent": branding.accent_colour,
            "logo": logo.svg if logo else "",
            "footer": [line for line in branding.footer.splitlines() if line.strip()],
        },
        "qr": asdict(qr_picture(qr)) if qr else NO_CODE,
        "bars": bar_svg(bars) if bars else "",
    }
    pdf = typeset(LAYOUTS[size], data, made_at=made_at)
    return Printed(pdf, f"{file_stem(sheet['number'])}.pdf")


def file_stem(number: str) -> str:
    """A document's number as a file name: letters, digits and hyphens, at most 100 of them."""
    return "".join(c if c.isalnum() else "-" for c in number)[:100]
