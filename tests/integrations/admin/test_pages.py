"""What the pages show: stories, calls, policies, environments, set-up; and what none ever shows."""

import pytest
from django.apps import apps

from config.attention.models import Attention
from integrations.models import IMSCall, IMSEnvironment, IMSPolicy, ProducerAlias
from integrations.services.environments import hold_for_login
from tests.integrations.admin.pages import HOME, TRANSACTIONS, form_of, of, words

LISTS = [
    "tritontransaction", "imspolicy", "imsinvoice", "imscall", "produceralias",
    "underwriteralias", "imsenvironment", "source", "office", "line", "program",
]  # fmt: skip


@pytest.fixture
def bound(desk):
    return desk.post()


def test_every_list_opens_for_who_may_and_for_nobody_else(viewer, clerk, stranger, bound):
    for name in LISTS:
        page = f"{HOME}{name}/"
        assert viewer.get(page).status_code == 200, name
        assert clerk.get(page).status_code == 403, name
        assert stranger.get(page).context["cl"].result_count == 0, name
        row = apps.get_model("integrations", name).objects.first()
        if row is not None:
            assert viewer.get(of(row)).status_code == 200, name
            assert stranger.get(of(row)).status_code == 404, name


def test_a_story_tells_each_step_with_its_calls(viewer, bound):
    page = viewer.get(of(bound))
    told = words(page)
    assert "completed in IMS: issued" in told.lower().replace("ims", "IMS")
    for step in ("Tell IMS of it", "Find or add the insured", "Bind", "Look for the invoice"):
        assert step in told
    assert "Invoice 286201" in told
    bind = IMSCall.objects.get(operation="BindQuote")
    assert f'href="{of(bind)}"' in page.content.decode()


def test_a_story_says_what_waits_for_what(viewer, desk):
    first = desk.post(producer_email="who@example.com", producer_name="")
    second = desk.post("issue", prior_transaction_id=first.transaction_id)
    assert f"It waits for {first.transaction_id} , which is needs attention" in words(
        viewer.get(of(second))
    )
    assert "waits for this one" in words(viewer.get(of(first)))
    [task] = Attention.objects.open()
    page = viewer.get("/admin/attention/attention/").content.decode()
    assert task.subject == f"ims_group:{first.group_key}"
    assert f"{TRANSACTIONS}groups/{first.group_key}/" in page


def test_a_call_is_laid_out_and_masked(viewer, desk, bound):
    call = IMSCall.objects.get(procedure="ryan_rptInvoice")
    told = words(viewer.get(of(call)))
    assert "<OfficeInvoiceNum>261</OfficeInvoiceNum>" in viewer.get(
        of(call)
    ).content.decode().replace("&lt;", "<").replace("&gt;", ">")
    assert "Token, password" not in told
    for page in (of(call), f"{HOME}imscall/{call.pk}/response.xml"):
        body = viewer.get(page).content.decode()
        assert "000111222" not in body
        assert "***" in body
    payload = IMSCall.objects.get(procedure="spProcessTritonPayload")
    assert (
        "&quot;policy_number&quot;: &quot;AAA0000295-2511&quot;"
        in viewer.get(of(payload)).content.decode()
    )


def test_bodies_are_of_the_tenant_alone(viewer, clerk, stranger, bound):
    page = f"{HOME}imscall/{IMSCall.objects.latest('pk').pk}/request.xml"
    assert viewer.get(page)["Content-Disposition"].endswith('request.xml"')
    assert clerk.get(page).status_code == 403
    assert stranger.get(page).status_code == 404
    assert viewer.get(page.replace("request", "secret")).status_code == 404


def test_a_policy_has_its_invoice_retrieved_by_hand(integrator, viewer, desk):
    desk.ims.knobs.turn({"invoice_after": 99})
    desk.post()
    desk.ims.knobs.turn({"invoice_after": 0})
    policy = IMSPolicy.objects.get()
    assert viewer.post(of(policy, "retrieve")).status_code == 403
    assert "Retrieve invoice" not in words(viewer.get(of(policy)))
    assert "Retrieve invoice" in words(integrator.get(of(policy)))
    told = words(integrator.post(of(policy, "retrieve"), follow=True))
    assert "AAA0000295-2511: invoice 286201." in told
    policy.refresh_from_db()
    assert policy.invoice_number == "286201"


def test_the_invoices_of_many_are_asked_for(integrator, desk):
    desk.ims.knobs.turn({"invoice_after": 99})
    desk.post()
    policy = IMSPolicy.objects.get()
    said = {"action": "retrieve_selected", "_selected_action": [str(policy.pk)]}
    told = words(integrator.post(f"{HOME}imspolicy/", said, follow=True))
    assert "IMS has no invoice for it yet." in told
    desk.ims.knobs.add("html_503", "ryan_rptInvoice")
    told = words(integrator.post(f"{HOME}imspolicy/", said, follow=True))
    assert "IMS could not be asked for the invoice." in told


def environment_form(environment: IMSEnvironment, **changes) -> dict:
    inline = {f"procedure_names-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}
    kept = {
        "name": environment.name, "base_url": environment.base_url, "is_active": "on",
        "user_name": environment.user_name, "program_code": "", "capacity": "2",
        "invoice_attempts": "3", "invoice_wait_seconds": "2", "invoice_number_format": "",
    }  # fmt: skip
    return kept | inline | changes


def test_a_password_goes_in_and_never_comes_out(owner, viewer, desk):
    environment = desk.environment
    before = environment.password()
    owner.post(of(environment), environment_form(environment))
    environment.refresh_from_db()
    assert environment.password() == before
    owner.post(of(environment), environment_form(environment, new_password="bmV3IG9uZQ=="))
    environment.refresh_from_db()
    assert environment.password() == "bmV3IG9uZQ=="
    for browser in (owner, viewer):
        for page in (of(environment), of(environment, "history"), of(environment, "queue")):
            assert "bmV3IG9uZQ==" not in browser.get(page).content.decode()


def test_what_is_wrong_with_an_environment_is_said_at_its_field(owner, desk):
    for field, value in (
        ("base_url", "http://ims.example.com/"),
        ("invoice_number_format", "INV-{nummer}"),
        ("invoice_number_format", "INV"),
        ("invoice_number_format", "{number.real}"),
        ("invoice_attempts", "0"),
        ("name", ""),
    ):
        form = environment_form(desk.environment, **{field: value})
        answer = owner.post(of(desk.environment), form)
        assert list(answer.context["adminform"].form.errors) == [field], value


def test_only_who_administers_changes_how_ims_is_reached(integrator, desk):
    form = environment_form(desk.environment, base_url="http://127.0.0.1:1/")
    assert integrator.post(of(desk.environment), form).status_code == 403


def test_pausing_holds_transactions_and_resuming_lets_them_go(integrator, viewer, desk):
    environment = desk.environment
    assert viewer.get(of(environment, "pause")).status_code == 403
    page = integrator.get(of(environment, "pause"))
    integrator.post(of(environment, "pause"), form_of(page, reason="IMS is upgraded."))
    assert "paused" in words(viewer.get(f"{HOME}imsenvironment/"))
    row = desk.post()
    assert (row.status, desk.ims.calls()) == ("received", [])
    told = words(viewer.get(of(environment, "queue")))
    assert "IMS is upgraded." in told
    page = integrator.get(of(environment, "resume"))
    assert "It was paused because: IMS is upgraded." in words(page)
    integrator.post(of(environment, "resume"), form_of(page))
    environment.refresh_from_db()
    assert environment.paused_at is None
    told = words(integrator.post(of(environment, "resume"), follow=True))
    assert "The environment is in this state already." in told


def test_the_queue_shows_how_ims_answers(viewer, desk):
    desk.ims.knobs.add("drop_after", "BindQuote")
    desk.post()
    told = words(viewer.get(of(desk.environment, "queue")))
    assert "BindQuote 1" in told
    assert "IMS reset" in told
    hold_for_login(desk.environment, "IMS refuses the user name or password.")
    assert "login refused" in words(viewer.get(f"{HOME}imsenvironment/"))


def test_the_set_up_is_compared_with_ims(integrator, viewer, desk):
    assert viewer.get(of(desk.environment, "check")).status_code == 403
    told = words(integrator.get(of(desk.environment, "check")))
    assert "wrong line Primary IMS does not write it at company location" in told
    assert "ok procedure ryan_rptInvoice" in told
    assert desk.ims.counts()["insured"] == 0


def test_an_alias_is_written_once_and_for_somebody(integrator, viewer, desk):
    page = f"{HOME}produceralias/add/"
    said = {
        "environment": desk.environment.pk,
        "written": "Who@Example.com",
        "email": "",
        "name": "",
    }
    assert viewer.get(page).status_code == 403
    assert "Say whom IMS knows" in words(integrator.post(page, said))
    told = words(integrator.post(page, said | {"name": "Pat Reed"}, follow=True))
    assert "can be replayed from the page Error groups" in told
    again = integrator.post(page, said | {"written": " who@example.com ", "name": "Pat Reed"})
    assert "There is an alias for this already." in words(again)
    assert ProducerAlias.objects.get().key == "who@example.com"


def test_an_office_of_another_environment_is_none_of_a_lines(integrator, najd, desk):
    line = desk.environment.lines.get(kind="primary")
    other = IMSEnvironment.objects.create(
        tenant=najd, name="other", base_url="http://127.0.0.1:2/", user_name="x"
    )
    said = {
        "environment": other.pk, "kind": "primary", "name": "X", "office": line.office_id,
        "line_guid": str(line.line_guid), "company_location": str(line.company_location),
        "company_commission": "1.5", "producer_commission": "", "backdate_days": "14",
    }  # fmt: skip
    errors = integrator.post(f"{HOME}line/add/", said).context["adminform"].form.errors
    assert set(errors) == {"office", "company_commission"}


def test_the_overview_counts_what_waits(viewer, stranger, desk):
    assert "IMS policies" in words(viewer.get("/admin/"))
    desk.post(producer_email="who@example.com", producer_name="")
    panels = {panel["title"]: panel["tiles"] for panel in viewer.get("/admin/").context["panels"]}
    figures = {tile.label: tile.figure for tile in panels["Policies"] + panels["IMS"]}
    assert (figures["needs attention"], figures["completed"]) == ("1", "0")
    assert (figures["IMS demo"], figures["oldest in the queue"]) == ("answers", "none")
    titles = [panel["title"] for panel in stranger.get("/admin/").context["panels"]]
    assert "Policies" not in titles


def test_filters_and_search_answer(viewer, desk):
    row = desk.post(producer_email="who@example.com", producer_name="")
    number = row.opportunity_id
    for query, found in (
        ("waits=person", 1),
        ("waits=nobody", 0),
        ("reason=producer_not_found", 1),
        (f"q={number}", 1),
        ("q=Palm", 1),
        ("status__exact=failed", 0),
    ):
        page = viewer.get(f"{TRANSACTIONS}?{query}")
        assert page.context["cl"].result_count == found, query


def test_the_page_of_an_invoice_says_its_state_in_words(viewer, bound):
    told = words(viewer.get(of(bound.invoice)))
    assert "Status Found" in told
    assert "('found'" not in told
