"""What needs a person: open first, resolved with a name."""

import pytest

from config.attention.models import Attention
from config.attention.services import raise_attention, resolve_attention
from tests.invoicing.admin.pages import story, words

PAGE = "/admin/attention/attention/"


@pytest.fixture
def raised(najd):
    def raised(subject: str, tenant=najd) -> Attention:
        return raise_attention(
            tenant_id=tenant.pk, kind="k", subject=subject, reason=f"{subject}!", next_action="Go."
        )

    return raised


def resolve(browser, *items: Attention):
    form = {"action": "resolve", "_selected_action": [item.pk for item in items], "index": 0}
    return browser.post(PAGE, form, follow=True)


def test_open_rows_come_first(viewer, raised, najd):
    raised("a:1")
    raised("b:2")
    resolve_attention(tenant_id=najd.pk, kind="k", subject="b:2", by="x")
    rows = viewer.get(PAGE).context["cl"].result_list
    assert [row.subject for row in rows] == ["a:1", "b:2"]
    only = viewer.get(f"{PAGE}?state=open").context["cl"].result_list
    assert [row.subject for row in only] == ["a:1"]


def test_it_leads_to_what_it_is_about(viewer, raised, failed):
    raised(failed.subject)
    raised("moon:1")
    page = viewer.get(PAGE)
    assert f'href="{story(failed)}"' in page.content.decode()
    assert "moon:1" in words(page)


def test_a_clerk_resolves_with_a_name(clerk, raised):
    item = raised("a:1")
    assert "1 marked as resolved." in words(resolve(clerk, item))
    item.refresh_from_db()
    assert item.resolved_by == "user:amal"
    first = item.resolved_at
    assert "0 marked as resolved." in words(resolve(clerk, item))
    item.refresh_from_db()
    assert item.resolved_at == first


def test_a_resolved_row_does_not_close_what_was_raised_after_it(clerk, raised):
    old = raised("a:1")
    resolve(clerk, old)
    new = raised("a:1")
    resolve(clerk, old)
    new.refresh_from_db()
    assert new.resolved_at is None


def test_a_viewer_does_not_resolve(viewer, raised):
    item = raised("a:1")
    resolve(viewer, item)
    item.refresh_from_db()
    assert item.resolved_at is None


def test_another_tenants_is_as_absent(clerk, raised, hijaz):
    item = raised("a:1", hijaz)
    assert "a:1!" not in words(clerk.get(PAGE))
    assert clerk.get(f"{PAGE}{item.pk}/change/").status_code == 404
    resolve(clerk, item)
    item.refresh_from_db()
    assert item.resolved_at is None


def test_it_is_only_looked_at(owner, raised):
    item = raised("a:1")
    assert owner.get(f"{PAGE}{item.pk}/change/").status_code == 200
    assert owner.post(f"{PAGE}{item.pk}/change/", {"reason": "x"}).status_code == 403
    assert owner.post(f"{PAGE}{item.pk}/delete/", {"post": "yes"}).status_code == 403
    assert owner.get(f"{PAGE}add/").status_code == 403
