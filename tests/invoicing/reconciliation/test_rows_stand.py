"""What a reconciliation wrote down stands, for whoever reaches the database with SQL of his own."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from invoicing import errors
from invoicing.models import ReconciliationFinding
from invoicing.services.differences import explain
from invoicing.services.reconciling import reconcile_with_list
from tests.invoicing.arranged import World, arranged
from tests.invoicing.reconciliation.conftest import BY

ATTACKS = {
    "edit a finished run": "UPDATE reconciliation_runs SET finding_count = 0",
    "delete runs": "DELETE FROM reconciliation_runs",
    "change what was found": "UPDATE reconciliation_findings SET ours = 'CLEARED'",
    "change an amount": "UPDATE reconciliation_findings SET our_total = 1",
    "delete findings": "DELETE FROM reconciliation_findings",
    "explain without a reason": "UPDATE reconciliation_findings SET state = 'EXPLAINED'",
    "invent a kind": "UPDATE reconciliation_findings SET kind = 'other'",
}


@arranged
def finding(world: World) -> ReconciliationFinding:
    world.issue("S-1", fault="drop_after")
    return reconcile_with_list(tenant=world.najd, by=BY).findings.get()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_sql_is_refused(finding, attack):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_an_explanation_stands(finding):
    explain(finding, reason="Told by phone.", by="amal")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReconciliationFinding.objects.update(reason="Another.")
    with pytest.raises(errors.AlreadyExplained):
        explain(finding, reason="Another.", by="omar")


def test_two_people_explain_at_once(committed, issue, listed):
    issue("S-1", fault="drop_after")
    finding = listed().findings.get()
    told: list[str] = []
    start = threading.Barrier(2)

    def person(name: str) -> None:
        start.wait()
        try:
            explain(finding_of(finding.pk), reason=f"says {name}", by=name)
            told.append(name)
        except errors.AlreadyExplained:
            pass
        finally:
            connection.close()

    people = [threading.Thread(target=person, args=(name,)) for name in ("amal", "omar")]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    assert [finding_of(finding.pk).explained_by] == told


def finding_of(pk: int) -> ReconciliationFinding:
    return ReconciliationFinding.objects.select_related("run").get(pk=pk)
