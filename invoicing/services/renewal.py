"""A new CSID for a unit that has one, before the old one expires (zatca.md §8, PATCH).

The present CSID vouches for the new key, so that the compliance checks are needed only where the
authority answers 428. Until the last step the unit keeps and uses the CSID it has.
"""

from invoicing import errors
from invoicing.failpoints import reached
from invoicing.gateways import Gateway, gateway_for
from invoicing.models import Chain, EGSUnit
from invoicing.services.csids import activate_chain, begin_chain, keep_compliance
from invoicing.services.onboarding import pass_checks
from invoicing.zatca.client import CSIDAnswer
from invoicing.zatca.errors import OnboardingRefused

ISSUED, NOT_COMPLIANT = "ISSUED", "NOT_COMPLIANT"


def renew_unit(unit: EGSUnit, *, otp: str, by: str) -> Chain:
    """Trade the unit's CSID for a new one and start the chain of that; the unit can seal all along.

    Commits: the new key and its CSR before anything is asked for; after 428 the compliance CSID; in
    the end the production CSID with the retirement of the chain before it, whose documents keep
    it. A renewal that breaks off leaves the unit as it was, and the next one begins with a new key.
    Raises UnitNotOnboarded, UnitUnfit and NetworkInTransaction before anybody is asked;
    RenewalFailed with the authority's own words, and OnboardingFailed where it does not accept a
    compliance document.
    """
    current = unit.active_chain()
    if current is None:
        raise errors.UnitNotOnboarded(unit.name)
    gateway = gateway_for(unit, current)
    chain = begin_chain(unit)
    reached("renewal_begun")
    try:
        issued = _issued(gateway, unit, chain, otp)
    except OnboardingRefused as refusal:
        raise _failed(unit, refusal) from None
    reached("renewal_issued")
    return activate_chain(unit, chain, token=issued.token, secret=issued.secret, by=by)


def _issued(gateway: Gateway, unit: EGSUnit, chain: Chain, otp: str) -> CSIDAnswer:
    """The production CSID for the new key; an answer nobody knows is never taken for one."""
    answer = gateway.renew_csid(chain.csr, otp)
    reached("renewal_answered")
    if answer.disposition == ISSUED:
        return answer
    if answer.disposition != NOT_COMPLIANT:
        raise OnboardingRefused("zatca_unreadable", f"it said {answer.disposition!r}", None)
    keep_compliance(chain, answer)
    pass_checks(gateway, unit, chain, answer)
    reached("renewal_checked")
    return gateway.production_csid(answer.credentials, answer.request_id)


def _failed(unit: EGSUnit, refusal: OnboardingRefused) -> errors.RenewalFailed:
    told = f"{refusal.code}: {refusal.message}"
    if refusal.http_status in (401, 403):
        told = "it does not accept the present CSID any more. Onboard the unit again instead."
    return errors.RenewalFailed(
        f"ZATCA refused the renewal of {unit.name}: {told}",
        message_ar=f"رفضت الهيئة تجديد شهادة الوحدة {unit.name}: {refusal.code}",
        param="otp" if "OTP" in refusal.code else None,
    )
