"""Reads of the outbox."""

from config.delivery.models import MailMessage, MailPreferences, MailQuerySet
from config.tenancy.models import Tenant


def preferences_of(tenant: Tenant) -> MailPreferences:
    """How the tenant wants its mail; the defaults, unsaved, where it never said."""
    return MailPreferences.objects.filter(tenant=tenant).first() or MailPreferences(tenant=tenant)


def sender_name(tenant: Tenant) -> str:
    """The name that stands before the sender's address."""
    return tenant.company_name_ar or tenant.company_name


def mail_about(tenant: Tenant, subject: str) -> MailQuerySet:
    """The tenant's mail about `subject`, such as ``invoice:42``, newest first."""
    return MailMessage.objects.for_tenant(tenant).about(subject)
