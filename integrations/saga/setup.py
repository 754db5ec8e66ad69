"""What the set-up says for a transaction: line, program, aliases. Raises SetupMissing."""

from dataclasses import replace
from decimal import Decimal

from integrations.errors import SetupMissing
from integrations.models import (
    IMSEnvironment,
    Line,
    LineKind,
    ProducerAlias,
    Program,
    UnderwriterAlias,
    normalised_name,
)
from integrations.triton import Transaction


def line_for(environment: IMSEnvironment, said: Transaction) -> Line:
    kind = LineKind.EXCESS if said.is_excess else LineKind.PRIMARY
    line = environment.lines.select_related("office").filter(kind=kind).first()
    if line is None:
        raise SetupMissing("line_missing", f"No {kind} line is set up for IMS.")
    return line


def program_for(environment: IMSEnvironment, said: Transaction) -> Program | None:
    """The program that fits best: name and segment, name alone, segment alone, any."""
    name, segment = said.program_name or "", said.market_segment_code or ""
    found = {(row.program_name, row.market_segment_code): row for row in environment.programs.all()}
    keys = ((name, segment), (name, ""), ("", segment), ("", ""))
    return next((found[key] for key in keys if key in found), None)


def commissions(line: Line, said: Transaction) -> tuple[Decimal, Decimal]:
    """The company's and the producer's, as fractions; the line's where the payload has none."""
    producer, company = said.commission_rate, said.commission_percent
    producer = line.producer_commission if producer is None else producer
    company = line.company_commission if company is None else company
    if producer is None or company is None:
        sentence = "Neither the transaction nor the line says the commission."
        raise SetupMissing("commission_missing", sentence)
    return company, producer


def with_aliases(environment: IMSEnvironment, said: Transaction) -> Transaction:
    """The transaction with producer and underwriter as IMS writes them."""
    written = [*said.producer_emails, said.producer_email or "", said.producer_name or ""]
    keys = [normalised_name(word) for word in written if word]
    aliases = {
        a.key: a for a in ProducerAlias.objects.filter(environment=environment, key__in=keys)
    }
    producer = next((aliases[key] for key in keys if key in aliases), None)
    if producer is not None:
        said = replace(
            said, producer_email=producer.email or None, producer_name=producer.name or None
        )
    if said.underwriter_name:
        key = normalised_name(said.underwriter_name)
        alias = UnderwriterAlias.objects.filter(environment=environment, key=key).first()
        if alias is not None:
            said = replace(said, underwriter_name=alias.name)
    return said
