"""A laboratory under random hands: hypothesis calls the API, and asks after every step.

Two laboratories, one with settings drawn anew for each story and changed on its way. Every answer
must be a known one, every refusal must leave all tables as they were, and after each step the ten
invariants hold (tests/health/invariants.py). Some calls meet a database that gives way at a random
statement, some steps are attacks in raw SQL, some repeat an earlier request under its key.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.db import DatabaseError, connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from rest_framework.test import APIClient

from config.tenancy.models import Tenant
from health.chart import TEMPLATES
from health.integrity import broken_rules
from health.models import Account, LabSettings
from health.services.accounts import add_account, change_account
from health.services.history import Who
from health.services.locks import lock_period
from health.services.settings import change_settings
from tests.conftest import client_of
from tests.health.books import everything
from tests.health.conftest import URL
from tests.health.invariants import broken, moved_wrongly, of_tenant
from tests.health.test_rollback import giving_way_at

PAYMENTS = "/api/v1/health/payments"
DAYS = ("2024-01-30", "2024-01-31", "2024-02-01", "2025-12-01")
# Halves of a paisa wherever a percentage meets them.
RATES = ("33.33", "0.01", "0.05", "1.00", "0.50", "66.67", "100.10", "500.00", "1234.45", "0.00")
PERCENTAGES = ("0", "0", "0", "5", "12.5", "33.333", "50", "100")
TAXES = ("0", "0", "2.5", "6", "9", "14")
AMOUNTS = ("0.01", "0.05", "1.00", "33.33", "100.00", "1000.00", "99999.99")
MODES = ("CASH", "CHEQUE", "UPI", "CARD")
ATTACKS = (
    "UPDATE voucher_lines SET debit = debit + 1 WHERE debit > 0",
    "UPDATE vouchers SET date = '2024-02-02'",
    "DELETE FROM vouchers",
    "DELETE FROM voucher_lines",
    "UPDATE voucher_seals SET total = total + 1",
    "UPDATE test_invoices SET final_amount = final_amount + 1, roundoff = roundoff + 1 "
    "WHERE status <> 'DRAFT'",
    "UPDATE test_invoices SET status = 'DRAFT' WHERE status <> 'DRAFT'",
    "UPDATE test_invoices SET paid_amount = paid_amount + 1",
    "DELETE FROM payment_allocations",
    "UPDATE payment_allocations SET amount = amount + 1",
    "UPDATE ledger_heads SET sequence = sequence + 2",
    "UPDATE ledger_heads SET last_hash = 'x'",
    "UPDATE test_invoices SET credited_amount = credited_amount + 1 WHERE final_amount > 0",
    "UPDATE test_invoices SET gross_revenue = NOT gross_revenue WHERE status <> 'DRAFT'",
    "UPDATE test_invoices SET patient_email = 'x@example.com' WHERE status <> 'DRAFT'",
    "UPDATE test_invoices SET due_date = '1999-01-01' WHERE status <> 'CANCELLED'",
    "UPDATE payments SET allocated_amount = allocated_amount + 1",
    "UPDATE payments SET refunded_amount = refunded_amount + 1",
    "UPDATE payments SET status = 'REVERSED' WHERE status = 'POSTED'",
    "INSERT INTO payment_allocations (tenant_id, payment_id, invoice_id, amount, created_at, "
    "created_by) SELECT tenant_id, id, invoice_id, amount + 1, created_at, 'x' FROM payments",
    "UPDATE health_number_series SET last = last + 2",
    "DELETE FROM health_history",
)
REFUSED = (400, 404, 409, 412, 422)


def few(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


def seldom(draw: Any) -> bool:
    return draw(st.integers(0, 7)) == 7


@st.composite
def lines(draw: Any, number: int) -> dict[str, Any]:
    line: dict[str, Any] = {"line_no": number, "rate": draw(few(*RATES))}
    kind = draw(few("test", "panel"))
    line |= {f"{kind}_name": draw(few("Sugar", "Lipids", "شوغر"))}
    if draw(st.booleans()):
        line["disc_percentage"] = draw(few(*PERCENTAGES))
    elif draw(st.booleans()):
        line["disc_amount"] = draw(few("0.00", "0.01"))
    half = draw(few(*TAXES))
    line |= {"cgst_rate": half, "sgst_rate": half, "cess_rate": draw(few("0", "0", "1", "0.125"))}
    if seldom(draw):
        said = draw(few("0.00", "0.01", "0.02"))
        line |= {"cgst_amount": said, "sgst_amount": said}
    return line


@st.composite
def bills(draw: Any) -> dict[str, Any]:
    """A bill that mostly adds up; what is left out, the server computes."""
    count = draw(st.integers(1, 4))
    said: dict[str, Any] = {
        "patient_name": draw(few("Asha", "Omkar")),
        "patient_id": draw(few(None, 1, 2)),
        "test_order_id": draw(few(None, None, 7)),
        "invoice_date": draw(few(*DAYS)) + draw(few("T00:00:00", "T23:59:59")),
        "items": [draw(lines(number)) for number in range(1, count + 1)],
    }
    extra = draw(few("", "", "percentage", "amount"))
    if extra == "percentage":
        said["overall_disc_percentage"] = draw(few(*PERCENTAGES))
    elif extra == "amount":
        said["overall_disc_amount"] = draw(few("0.01", "0.05", "10.00"))
    if seldom(draw):
        said["roundoff"] = draw(few("0.50", "-0.50", "0.30", "-0.01", "0.51"))
    if seldom(draw):
        said["invoice_number"] = draw(few("V-1", "V-2", "V-3"))
    return said


def two_laboratories() -> list[tuple[Tenant, APIClient]]:
    made = []
    for name in ("City Lab", "Other Lab"):
        tenant = Tenant.objects.create(
            company_name=name, environment="SANDBOX", timezone="Asia/Kolkata"
        )
        made.append((tenant, client_of(tenant, "health:read", "health:write")))
    return made


class Laboratory(RuleBasedStateMachine):
    """One story; `doors` are the two laboratories with their programs, made by whoever runs it."""

    doors: ClassVar[list[tuple[Tenant, APIClient]]] = []
    steps: ClassVar[int] = 0
    answers: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.story = transaction.atomic()
        # As pytest-django's own: what insists on being outermost is let through.
        self.story._from_testcase = True  # type: ignore[attr-defined]
        self.story.__enter__()
        self.done: list[tuple[int, str, Any, str, bytes]] = []
        self.keys = 0
        self.acting: int | None = None
        self.held = everything()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.story.__exit__(None, None, None)

    @initialize(
        policy=few("ADVANCE", "ADVANCE", "ALLOW", "REJECT"),
        layout=few("SPLIT", "SPLIT", "COMPACT"),
        switches=st.fixed_dictionaries(
            {name: st.booleans() for name in ("gross_revenue", "allow_zero", "strict_orders")}
        ),
    )
    def open(self, policy: str, layout: str, switches: dict[str, bool]) -> None:
        tenant, _ = self.doors[0]
        LabSettings.objects.create(
            tenant=tenant, overpay_policy=policy, voucher_layout=layout, **switches
        )
        self.held = everything()

    # --- Calling -----------------------------------------------------------------------------

    def call(self, who: int, method: str, path: str, said: Any, fault: int = 0) -> Any:
        """Call the API; a refusal must change nothing, and only a fault may be a 503."""
        tenant, api = self.doors[who]
        self.acting = tenant.pk
        headers = {}
        if method == "post" and not fault:
            self.keys += 1
            headers = {"Idempotency-Key": f"k{self.keys}"}
        with giving_way_at(fault) as asked:
            answer = getattr(api, method)(path, said, headers=headers)
        self.answers[f"{method} {path.rpartition('/')[2].strip('0123456789')}"] += 1
        self.answers[str(answer.status_code)] += 1
        what = (method, path, said, answer.status_code, answer.content)
        if 0 < fault <= len(asked):
            assert answer.status_code == 503, (what, asked[-1])
        if answer.status_code >= 400:
            assert answer.status_code in (*REFUSED, *([503] if fault else [])), what
            assert everything() == self.held, what
        else:
            assert answer.status_code in (200, 201), what
            if headers:
                self.done.append((who, path, said, headers["Idempotency-Key"], answer.content))
        return answer

    def one_of(self, data: Any, table: str, who: int) -> int:
        """The id of some row of that laboratory."""
        rows = [row for row in self.held[table] if row["tenant_id"] == self.doors[who][0].pk]
        return data.draw(st.sampled_from([row["id"] for row in rows] or [10**9]))

    def has(self, table: str) -> bool:
        return bool(self.held[table])

    def row(self, table: str, pk: int) -> dict[str, Any]:
        return next((row for row in self.held[table] if row["id"] == pk), {})

    # --- Invoices ----------------------------------------------------------------------------

    @rule(who=few(0, 0, 0, 1), said=bills(), draft=few(False, False, True), data=st.data())
    def bill(self, who: int, said: dict[str, Any], draft: bool, data: Any) -> None:
        """What a quote says is what the invoice says, in whatever order its lines come."""
        quote = self.doors[who][1].post(f"{URL}/quote", said)
        turned = self.doors[who][1].post(f"{URL}/quote", {**said, "items": said["items"][::-1]})
        assert turned.status_code == quote.status_code
        said |= {"status": "DRAFT" if draft else "POSTED"}
        answer = self.call(who, "post", URL, said, self.fault(data))
        if answer.status_code != 201:
            return
        totals, other = quote.json()["data"], turned.json()["data"]
        body = self.doors[who][1].get(f"{URL}/{answer.json()['data']['id']}").json()["data"]
        for name in ("taxable_amount", "cgst_amount", "total_tax_amount", "final_amount"):
            if name in totals:
                assert body[name] == totals[name] == other[name], (name, said)

    @rule(said=bills(), data=st.data())
    def a_paisa_more(self, said: dict[str, Any], data: Any) -> None:
        """A full document in which one amount is off by a paisa is refused."""
        api = self.doors[1][1]
        quote = api.post(f"{URL}/quote", said)
        if quote.status_code != 200:
            return
        full = quote.json()["data"]
        amounts = [name for name in full if name.endswith("_amount") or name == "roundoff"]
        items = [{**line, **more} for line, more in zip(said["items"], full["items"], strict=True)]
        whole = {**said, **{name: str(full[name]) for name in amounts}, "items": items}
        if full["overall_disc_amount"] == 0:
            amounts.remove("overall_disc_amount")  # nought there may mean "not given"
        assert api.post(f"{URL}/quote", whole).status_code == 200, whole
        name = data.draw(st.sampled_from(amounts))
        off = {**whole, name: str(Decimal(str(full[name])) + Decimal("0.01"))}
        assert api.post(f"{URL}/quote", off).status_code == 400, (name, off)

    @precondition(lambda self: self.has("test_invoices"))
    @rule(who=few(0, 0, 1), data=st.data())
    def change(self, who: int, data: Any) -> None:
        said = data.draw(
            st.one_of(
                st.fixed_dictionaries({"notes": few("called", "waits")}),
                st.fixed_dictionaries({"due_date": few("2024-01-01", "2024-03-01")}),
                st.fixed_dictionaries({"invoice_date": few(*DAYS).map("{}T12:00:00".format)}),
                st.fixed_dictionaries({"overall_disc_percentage": few(*PERCENTAGES)}),
                bills(),
            )
        )
        if status := data.draw(few(None, None, "POSTED", "CANCELLED", "DRAFT")):
            said = {**said, "status": status}
        pk = self.one_of(data, "test_invoices", who)
        self.call(who, "put", f"{URL}/{pk}", said, self.fault(data))

    @precondition(lambda self: self.has("test_invoices"))
    @rule(who=few(0, 0, 1), data=st.data())
    def post(self, who: int, data: Any) -> None:
        pk = self.one_of(data, "test_invoices", who)
        self.call(who, "post", f"{URL}/{pk}/post", None, self.fault(data))

    @precondition(lambda self: self.has("test_invoices"))
    @rule(who=few(0, 0, 1), data=st.data(), day=few(*DAYS))
    def cancel(self, who: int, data: Any, day: str) -> None:
        pk = self.one_of(data, "test_invoices", who)
        said = {"reason": "twice", "date": day}
        self.call(who, "post", f"{URL}/{pk}/cancel", said, self.fault(data))

    @precondition(lambda self: self.has("test_invoices"))
    @rule(data=st.data())
    def put_away(self, data: Any) -> None:
        pk = self.one_of(data, "test_invoices", 0)
        self.call(0, "delete", f"{URL}/{pk}", None, self.fault(data))

    @precondition(lambda self: self.has("test_invoices"))
    @rule(data=st.data(), day=few(*DAYS), whole=st.booleans())
    def credit(self, data: Any, day: str, whole: bool) -> None:
        pk = self.one_of(data, "test_invoices", 0)
        said: dict[str, Any] = {"reason": "wrong", "date": day}
        if not whole:
            numbers = data.draw(st.sets(st.integers(1, 4), min_size=1, max_size=2))
            amounts = few(None, None, "0.01", "0.25", "1.00", "33.33", "250.00")
            said["items"] = [
                {"line_no": number} | ({"taxable_amount": amount} if amount else {})
                for number, amount in ((n, data.draw(amounts)) for n in sorted(numbers))
            ]
        self.call(0, "post", f"{URL}/{pk}/credit-notes", said, self.fault(data))

    # --- Money -------------------------------------------------------------------------------

    @precondition(lambda self: self.has("test_invoices"))
    @rule(who=few(0, 0, 0, 1), data=st.data(), mode=few(*MODES), day=few(*DAYS))
    def pay(self, who: int, data: Any, mode: str, day: str) -> None:
        pk = self.one_of(data, "test_invoices", who)
        due = Decimal(self.row("test_invoices", pk).get("balance_amount", 0)) / 100
        amount = data.draw(few(str(due), str(due), str(due / 2), *AMOUNTS))
        said = {"amount": amount, "payment_mode": mode, "date": day}
        if mode == "UPI":
            said["gateway_id"] = data.draw(few("g1", "g2", "g3"))
        self.call(who, "post", f"{URL}/{pk}/payments", said, self.fault(data))

    @precondition(lambda self: self.has("payments"))
    @rule(data=st.data(), what=few("confirm", "confirm", "fail", "reverse"), day=few(*DAYS))
    def settle(self, data: Any, what: str, day: str) -> None:
        pk = self.one_of(data, "payments", 0)
        said = {"confirm": None, "fail": {"reason": "declined"}}.get(
            what, {"reason": "bounced", "date": day}
        )
        self.call(0, "post", f"{PAYMENTS}/{pk}/{what}", said, self.fault(data))

    @precondition(lambda self: self.has("payments"))
    @rule(data=st.data(), amount=few(*AMOUNTS), day=few(*DAYS))
    def allocate(self, data: Any, amount: str, day: str) -> None:
        pk, invoice = self.one_of(data, "payments", 0), self.one_of(data, "test_invoices", 0)
        said = {"invoice_id": invoice, "amount": amount, "date": day}
        self.call(0, "post", f"{PAYMENTS}/{pk}/allocate", said, self.fault(data))

    @precondition(lambda self: self.has("payments"))
    @rule(data=st.data(), amount=few(*AMOUNTS), mode=few(*MODES), day=few(*DAYS))
    def give_back(self, data: Any, amount: str, mode: str, day: str) -> None:
        pk = self.one_of(data, "payments", 0)
        said = {"amount": amount, "payment_mode": mode, "reason": "too much", "date": day}
        self.call(0, "post", f"{PAYMENTS}/{pk}/refund", said, self.fault(data))

    # --- The owner ---------------------------------------------------------------------------

    @rule(
        changes=st.fixed_dictionaries(
            {"voucher_layout": few("SPLIT", "COMPACT"), "gross_revenue": st.booleans()},
            optional={
                "overpay_policy": few("ADVANCE", "ALLOW", "REJECT"),
                "discount_mode": few("POST_TAX", "PRE_TAX"),
                **{name: st.booleans() for name in ("allow_zero", "strict_orders")},
                "strict_roundoff": st.booleans(),
            },
        )
    )
    def want_otherwise(self, changes: dict[str, Any]) -> None:
        """What was posted stays as it was, and is settled and undone so."""
        tenant = self.doors[0][0]
        self.acting = tenant.pk
        change_settings(tenant, changes, Who("owner"))

    @rule(part=few(*TEMPLATES), suffix=few("", ".2"))
    def play(self, part: str, suffix: str) -> None:
        """Another account plays the part from now on, or the one of the template again."""
        tenant, template = self.doors[0][0], TEMPLATES[part]
        self.acting = tenant.pk
        code, who = template.code + suffix, Who("owner")
        account = Account.objects.filter(tenant=tenant, code=code).first()
        if account is None:
            account = add_account(
                tenant, who, code=code, name=part, account_type=template.account_type
            )
        change_account(account, who, system_codes=[part])

    # --- Against the rules -------------------------------------------------------------------

    @precondition(lambda self: not self.held["period_locks"])
    @rule(day=few("2024-01-29", "2024-01-30"), scope=few("ALL", "TAX"), data=st.data())
    def lock(self, day: str, scope: str, data: Any) -> None:
        if seldom(data.draw):
            tenant = self.doors[0][0]
            self.acting = tenant.pk
            upto = date.fromisoformat(day)
            lock_period(tenant, upto=upto, scope=scope, reason="filed", actor="t")

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def again(self, data: Any) -> None:
        """The same key and body: the same answer, and not a row more."""
        who, path, said, key, content = data.draw(st.sampled_from(self.done))
        answer = self.doors[who][1].post(path, said, headers={"Idempotency-Key": key})
        assert answer.content == content
        assert everything() == self.held

    @precondition(lambda self: self.held["test_invoices"])
    @rule(data=st.data(), path=few("", "/post", "/cancel", "/payments", "/credit-notes"))
    def strange(self, data: Any, path: str) -> None:
        """Another's invoice is not there."""
        row = data.draw(st.sampled_from(self.held["test_invoices"]))
        foreign = next(api for tenant, api in self.doors if tenant.pk != row["tenant_id"])
        said = {"reason": "x", "amount": "1.00", "payment_mode": "CASH"}
        call: Callable[..., Any] = foreign.post if path else foreign.get
        answer = call(f"{URL}/{row['id']}{path}", said if path else None)
        assert answer.status_code == 404, answer.content
        assert everything() == self.held

    @rule(sql=few(*ATTACKS))
    def attack(self, sql: str) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                touched = cursor.rowcount
        except DatabaseError:
            touched = 0
        assert touched <= 0, sql
        assert everything() == self.held

    @rule(day=few(*DAYS))
    def weigh(self, day: str) -> None:
        """The trial balance is even on any day."""
        path = "/api/v1/health/reports/trial-balance"
        data = self.doors[0][1].get(path, {"date_to": day}).json()["data"]
        assert not data["rows"] or data["totals"]["debit"] == data["totals"]["credit"]

    def fault(self, data: Any) -> int:
        """Mostly none; else the statement at which the database gives way."""
        return data.draw(st.integers(1, 30)) if seldom(data.draw) else 0

    @invariant()
    def holds(self) -> None:
        type(self).steps += 1
        now = everything()
        if now == self.held and self.acting is None:
            return
        connection.check_constraints()
        found = [*broken(now), *moved_wrongly(self.held, now)]
        for tenant, _ in self.doors:
            found += broken_rules(tenant.pk)
            if tenant.pk != self.acting and of_tenant(now, tenant.pk) != of_tenant(
                self.held, tenant.pk
            ):
                found.append("9: another laboratory's rows changed")
        assert not found, found
        self.held, self.acting = now, None
