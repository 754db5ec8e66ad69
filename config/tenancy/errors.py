"""What can be refused at the door: who are you, for whom, and may you do that?"""

from collections.abc import Iterable

from config.problems import Forbidden, Problem, Unauthenticated
from config.tenancy.models import Tenant


class WrongCredentials(Unauthenticated):
    """One sentence for a wrong name, a wrong password and a deactivated person alike."""

    code = "wrong_credentials"
    message = "The username or the password is not correct."
    message_ar = "اسم المستخدم أو كلمة المرور غير صحيحة."


class InvalidApiKey(Unauthenticated):
    """One sentence for unknown, revoked, expired and deactivated."""

    code = "invalid_api_key"
    message = "The API key is not valid."
    message_ar = "مفتاح واجهة البرمجة غير صالح."


class InvalidToken(Unauthenticated):
    code = "invalid_token"
    message = "The token is not valid. Sign in again."
    message_ar = "رمز الدخول غير صالح. سجّل الدخول من جديد."


class TokenExpired(Unauthenticated):
    code = "token_expired"
    message = "The token has expired. Refresh it or sign in again."
    message_ar = "انتهت صلاحية رمز الدخول. جدّده أو سجّل الدخول من جديد."


class NoMembership(Forbidden):
    """The tenant is absent, inactive or somebody else's: one answer, so nothing is inferred."""

    code = "no_membership"
    message = "You are not an active member of that tenant."
    message_ar = "لست عضوًا نشطًا في هذه المنشأة."


class InsufficientScope(Forbidden):
    code = "insufficient_scope"

    def __init__(self, required: str) -> None:
        super().__init__(
            f"This credential lacks the permission {required}.",
            message_ar=f"تنقص بيانات الاعتماد هذه الصلاحية {required}.",
            extra={"required": required},
        )


class TenantRequired(Problem):
    """Several tenants are open to this person; the answer lists them to choose from."""

    code = "tenant_required"
    message = "Several tenants are open to you: name one of them in `tenant`."
    message_ar = "لديك عدة منشآت: حدد إحداها في `tenant`."

    def __init__(self, tenants: Iterable[Tenant]) -> None:
        listed = [
            {"id": tenant.pk, "name": tenant.company_name, "environment": tenant.environment}
            for tenant in tenants
        ]
        super().__init__(param="tenant", extra={"tenants": listed})


class TenantNotChosen(TenantRequired):
    """A signed-in session that has not chosen its tenant in the admin."""

    status, type = 403, "permission_error"
    message = "Choose a tenant in the admin first."
    message_ar = "اختر منشأة في لوحة الإدارة أولًا."


class TooManyAttempts(Problem):
    status, code, type = 429, "too_many_attempts", "rate_limit_error"
    message = "Too many attempts to sign in. Wait before the next one."
    message_ar = "محاولات دخول كثيرة. انتظر قبل المحاولة التالية."
