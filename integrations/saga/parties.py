"""Who stands behind a quote: the producer, the underwriter, and the policy that is renewed."""

from dataclasses import replace

from integrations.errors import SetupMissing
from integrations.ims.rows import ZERO_GUID
from integrations.saga.parts import Context, Done, text
from integrations.saga.setup import line_for


def producer(context: Context) -> Done:
    """The producer's contact, by each e-mail and then by name. Raises SetupMissing."""
    said, look_up = context.said, context.gateway.procedures.producer
    tries = [{"email": email} for email in said.producer_emails]
    tries += [{"name": said.producer_name}] if said.producer_name else []
    for words in tries:
        found = look_up(**words)
        if found is not None:
            email = words.get("email", "")
            context.said = replace(said, producer_email=email or said.producer_email)
            return Done(
                changes={"producer_contact": found.contact, "producer_location": found.location},
                result={"contact": text(found.contact), "email": email},
                message=f"Producer {next(iter(words.values()))}.",
            )
    # Unquoted, so that each producer is a group of its own: one alias mends one of them.
    asked = ", ".join(filter(None, (said.producer_email, said.producer_name)))
    raise SetupMissing("producer_not_found", f"IMS knows no producer contact {asked}")


def underwriter(context: Context) -> Done:
    """The underwriter by name, else the producer's own. Raises SetupMissing."""
    said = context.said
    if said.underwriter_name:
        guid = context.gateway.procedures.user(said.underwriter_name)
    else:
        line = line_for(context.environment, said)
        location = context.transaction.producer_location or ZERO_GUID
        guid = context.gateway.ims.producer_underwriter(location, line.line_guid)
    if guid is None:
        who = said.underwriter_name or "of the producer"
        raise SetupMissing("underwriter_not_found", f"IMS knows no underwriter {who}")
    return Done(changes={"underwriter_guid": guid}, result={"underwriter": text(guid)})


def renews(context: Context) -> bool:
    return context.said.is_renewal and bool(context.said.expiring_policy_number)


def renewal(context: Context) -> Done:
    """The quote that is renewed, where IMS has it."""
    number = context.said.expiring_policy_number or ""
    found = context.gateway.procedures.quote_by_expiring_policy_number(number)
    if found is None:
        sentence = "IMS does not know the policy that expires; the new one is not linked with it."
        return Done(warnings=[{"code": "renewal_not_linked", "message": sentence}])
    return Done(changes={"expiring_quote_guid": found.quote}, result={"quote": text(found.quote)})
