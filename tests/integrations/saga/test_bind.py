"""A bind goes through IMS to a policy that is issued and has its invoice number."""

from integrations.models import IMSInvoice, SagaStep

STEPS = [
    "store", "existing", "producer", "underwriter", "insured", "quote", "submission",
    "external_id", "options", "payload", "bind", "invoice", "issue",
]  # fmt: skip


def test_a_bind_is_bound_invoiced_and_issued(desk):
    done = desk.post()

    assert (done.status, done.ims_status, done.error) == ("completed", "issued", "")
    assert done.bound_policy_number == "AAA0000295-2511"
    counts = desk.ims.counts()
    assert [counts[name] for name in ("insured", "submission", "quote", "policy", "invoice")] == [
        1,
        1,
        1,
        1,
        1,
    ]
    invoice = IMSInvoice.objects.get(transaction=done)
    assert (invoice.status, invoice.invoice_number, invoice.ims_invoice_num) == (
        "found",
        "286201",
        286201,
    )
    policy = done.policy
    assert (policy.invoice_number, policy.policy_number) == ("286201", "AAA0000295-2511")
    assert policy.invoice_retrieved_at is not None
    steps = SagaStep.objects.filter(transaction=done).order_by("id")
    assert [(step.step, step.outcome) for step in steps] == [(name, "ok") for name in STEPS]
