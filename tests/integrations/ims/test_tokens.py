"""The token: fifty minutes, one login for all threads, one more when IMS refuses it."""

import copy
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from integrations.ims import (
    Credentials,
    Login,
    LoginRefused,
    NotSent,
    Outcome,
    Refused,
    TokenCache,
    TokenRefused,
    shared_tokens,
)
from tests.integrations.ims.recorded import (
    LOGIN,
    POLICY,
    QUOTE,
    TOKEN,
    fault,
    ims,
    operations,
    soap,
)
from tests.invoicing.zatca.faulty import http

SECOND = "7d0c1c52-5e0a-4f0e-9a55-0b6d3c0f1a02"
LOGINS = [http("200 OK", LOGIN.encode()), http("200 OK", LOGIN.replace(TOKEN, SECOND).encode())]
STALE = fault("Invalid token")


def a_login(number: int = 1) -> Login:
    return Login(UUID(int=1), UUID(int=number))


def test_a_token_is_kept_for_fifty_minutes():
    now = [0.0]
    cache, made = TokenCache(clock=lambda: now[0]), []

    def log_in() -> Login:
        made.append(a_login(len(made) + 1))
        return made[-1]

    for moment, logins in ((0, 1), (2999.9, 1), (3000, 2), (5999, 2)):
        now[0] = moment
        assert cache.get(log_in, wait=1) == made[-1]
        assert len(made) == logins
    cache.discard(made[0])  # an old one: the newer stays
    assert cache.get(log_in, wait=1) == made[1]
    cache.discard(made[1])
    assert cache.get(log_in, wait=1) == made[2]


def test_eight_threads_log_in_once_and_hear_the_same_refusal():
    for result in (a_login(), LoginRefused("no", code="ims_login_refused")):
        cache, calls, start = TokenCache(), [], threading.Barrier(8)

        def log_in(result=result, calls=calls):
            calls.append(1)
            time.sleep(0.1)
            if isinstance(result, Exception):
                raise result
            return result

        def ask(_, cache=cache, start=start, log_in=log_in):
            start.wait()
            try:
                return cache.get(log_in, wait=2)
            except LoginRefused as refused:
                return refused

        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(ask, range(8)))
        assert len(calls) == 1
        if isinstance(result, Login):
            assert got == [result] * 8
        else:
            assert {str(error) for error in got} == {"no"}
            assert {error.code for error in got} == {"ims_login_refused"}
            assert len({id(error) for error in got}) == 8


def test_who_waits_too_long_gives_up_and_a_bug_frees_the_others():
    cache, inside, go_on = TokenCache(), threading.Event(), threading.Event()

    def slow() -> Login:
        inside.set()
        go_on.wait(5)
        raise ZeroDivisionError

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cache.get, slow, wait=5)
        inside.wait(5)
        with pytest.raises(NotSent) as caught:
            cache.get(slow, wait=0.02)
        assert caught.value.code == "ims_deadline"
        go_on.set()
        assert isinstance(first.exception(5), ZeroDivisionError)
    assert cache.get(a_login, wait=1) == a_login()


def test_a_refused_token_is_renewed_once_and_the_bind_sent_again():
    bound = [STALE, soap("BindQuote", POLICY)]
    with ims(LoginIMSUser=list(LOGINS), BindQuote=bound) as (client, server, journal):
        assert client.bind(QUOTE) == POLICY
    assert operations(server) == ["LoginIMSUser", "BindQuote"] * 2
    assert TOKEN.encode() in server.requests[1]
    assert SECOND.encode() in server.requests[3]
    assert [call.code for call in journal] == ["", "token", "", ""]


def test_a_fresh_token_that_is_refused_too_ends_it():
    with (
        ims(LoginIMSUser=list(LOGINS), BindQuote=[STALE, STALE]) as (client, server, _),
        pytest.raises(TokenRefused) as caught,
    ):
        client.bind(QUOTE)
    assert caught.value.outcome is Outcome.REFUSED
    assert operations(server) == ["LoginIMSUser", "BindQuote"] * 2


def test_no_other_refusal_is_repeated():
    with ims(BindQuote=fault("No quote found")) as (client, server, _), pytest.raises(Refused):
        client.bind(QUOTE)
    assert operations(server) == ["LoginIMSUser", "BindQuote"]


def test_ten_threads_with_a_stale_token_log_in_once_more():
    fresh = SECOND.encode()

    def found(connection, request):
        answer = soap("GetControlNumber", "7") if fresh in request else STALE
        connection.sendall(answer)

    with ims(LoginIMSUser=list(LOGINS), GetControlNumber=found) as (client, server, _):
        client.login()
        with ThreadPoolExecutor(10) as pool:
            assert list(pool.map(client.control_number, [QUOTE] * 10)) == [7] * 10
    assert operations(server).count("LoginIMSUser") == 2


def test_a_process_shares_a_token_by_environment_user_and_password():
    first = shared_tokens("https://ims.example", Credentials("a", "b"))
    assert shared_tokens("https://ims.example", Credentials("a", "b")) is first
    for other in (("https://ims.example", "a", "c"), ("https://two.example", "a", "b")):
        assert shared_tokens(other[0], Credentials(*other[1:])) is not first


def test_neither_password_nor_token_is_in_a_repr():
    shown = repr((Credentials("user", "pass-word"), a_login(77)))
    assert "pass-word" not in shown
    assert str(UUID(int=77)) not in shown
    error = copy.copy(Refused("x", code="y", operation="z", http_status=500))
    assert (str(error), error.code, error.operation, error.http_status) == ("x", "y", "z", 500)
