from config.problems import InvalidRequest, Problem


class InvalidKey(InvalidRequest):
    code = "invalid_idempotency_key"
    message = "Idempotency-Key must be 1 to 255 visible ASCII characters."
    message_ar = "يجب أن يتكون Idempotency-Key من 1 إلى 255 من محارف ASCII المرئية."


class KeyReused(Problem):
    """The key belongs to another request; carrying this one out could double or lose work."""

    status, code, type = 422, "idempotency_key_reused", "idempotency_error"
    message = "This Idempotency-Key was used with another body. Use a new key for a new request."
    message_ar = "استُخدم مفتاح Idempotency-Key هذا مع طلب مختلف. استخدم مفتاحًا جديدًا لكل طلب جديد."


class InFlight(Problem):
    status, code, type = 409, "idempotency_in_flight", "idempotency_error"
    message = "A request with this Idempotency-Key is being carried out. Ask again shortly."
    message_ar = "يجري تنفيذ طلب بمفتاح Idempotency-Key هذا. أعد المحاولة بعد قليل."
