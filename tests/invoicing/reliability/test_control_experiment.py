"""The checker can see: the naive flow, under the same faults, is convicted by it."""

import signal

from invoicing.sandbox.faults import ROWS
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability import callers, naive
from tests.invoicing.reliability.checker import Broken
from tests.invoicing.reliability.processes import ended


def submit_until_taken(shop, stand_in, payload) -> None:
    while not naive.submit(shop.tenant, payload, stand_in.base_url("SANDBOX")):
        pass


def test_without_faults_the_naive_flow_passes(shop, stand_in):
    for number in range(4):
        submit_until_taken(shop, stand_in, simplified(f"S-{number}"))

    report = shop.report()
    assert not report.violations
    assert report.statuses == {"CLEARED": 4}


def test_a_lost_answer_makes_the_naive_flow_register_twice(shop, stand_in):
    cuts = [fault.name for fault in ROWS if fault.name in {"drop_after", "truncated", "html"}]
    for name in cuts:
        shop.control.script(name, delivery=1, fault=name)
        submit_until_taken(shop, stand_in, standard(name))

    report = shop.report()
    assert report.statuses == {"CLEARED": 3}
    assert report.accepted == 6
    # Its own books are perfect: no log, no chain and no lease of its own is broken here.
    assert report.broken == {Broken.DOUBLED, Broken.STRANGER, Broken.CHAIN}
    told = [v.says for v in report.violations if v.promise is Broken.DOUBLED]
    assert sorted(told) == sorted(f"{name} was accepted as 2 documents" for name in cuts)


def test_a_kill_makes_the_naive_flow_forget_what_it_sent(shop, stand_in, workers):
    killed = workers.start(callers.submit_naively, shop.tenant.pk, [simplified("S-1")], "sent")
    assert ended(killed) == -signal.SIGKILL
    submit_until_taken(shop, stand_in, simplified("S-2"))

    report = shop.report()
    assert report.statuses == {"CLEARED": 1}
    assert report.broken == {Broken.STRANGER, Broken.CHAIN}
