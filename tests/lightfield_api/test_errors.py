"""The one place that maps an answer to its error."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield_api import errors
from lightfield_api.errors import LightfieldError, error_from_answer
from lightfield_api.refusals import is_refusal, may_be_incomplete, may_be_taken

BODY = {"error": {"type": "t", "message": "The field is unknown", "code": "unknown_field", "param": "$x"}}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.BadRequest), (401, errors.Unauthorized), (403, errors.Forbidden),
        (409, errors.Conflict), (415, errors.UnsupportedMediaType), (422, errors.Unprocessable),
        (429, errors.TooManyRequests), (500, errors.ServerError), (501, errors.ServerError),
        (503, errors.ServerError), (599, errors.ServerError), (302, errors.UnexpectedAnswer),
        (304, errors.UnexpectedAnswer), (402, LightfieldError), (408, LightfieldError),
        (418, LightfieldError),
    ],
)  # fmt: skip
def test_the_status_decides_the_type(status, expected):
    assert type(error_from_answer(status, BODY)) is expected


@pytest.mark.parametrize("status", [400, 403, 404, 409, 415, 422])
@pytest.mark.parametrize(
    "body",
    [None, "<html>", [], {}, {"message": "Not Found"}, {"error": "not_found"},
     {"error": {"message": "not_found"}}, {"id": "acc_1", "fields": {}}],
)  # fmt: skip
def test_a_refusal_that_lightfield_did_not_word_is_none_of_its_own(status, body):
    error = error_from_answer(status, body)
    assert type(error) is errors.UnexpectedAnswer
    assert error.status == status
    assert not is_refusal(error)
    assert not may_be_taken(error)
    assert not may_be_incomplete(error)


@pytest.mark.parametrize(("status", "expected"), [(401, errors.Unauthorized), (429, errors.TooManyRequests)])
def test_a_status_that_only_stops_a_client_is_taken_at_its_word(status, expected):
    assert type(error_from_answer(status, "<html>")) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"type": "not_found"}, errors.NotFound),
        ({"type": "not_found", "code": "draft_not_found"}, errors.NotFound),
        ({"code": "draft_not_found"}, errors.NotFound),
        ({"type": "t"}, errors.UnexpectedAnswer),
        ({"type": "bad_request", "message": "not_found"}, errors.UnexpectedAnswer),
    ],
)
def test_a_404_has_to_say_that_it_found_nothing(error, expected):
    assert type(error_from_answer(404, {"error": error})) is expected


@pytest.mark.parametrize("place", ["type", "code"])
def test_an_idempotency_conflict_is_known_by_type_or_code(place):
    assert isinstance(
        error_from_answer(409, {"error": {place: "idempotency_conflict"}}), errors.IdempotencyConflict
    )
    assert not isinstance(
        error_from_answer(422, {"error": {place: "idempotency_conflict"}}), errors.IdempotencyConflict
    )


def test_the_message_alone_never_decides():
    error = error_from_answer(409, {"error": {"type": "conflict", "message": "idempotency_conflict"}})
    assert type(error) is errors.Conflict


def test_an_error_carries_status_type_code_param_and_the_rest_of_its_body():
    body = {"error": {**BODY["error"], "candidates": [{"stageOptionId": "opt_1"}]}}
    error = error_from_answer(422, body)
    assert (error.status, error.type, error.code, error.param) == (422, "t", "unknown_field", "$x")
    assert error.message == "The field is unknown"
    assert error.body["candidates"] == [{"stageOptionId": "opt_1"}]
    assert str(error) == "The field is unknown (status 422, type t, code unknown_field, param $x)"


@pytest.mark.parametrize("body", [None, "", "<html>", [], {}, {"error": None}, {"error": "no"}, {"error": []},
                                  {"error": {"message": 1, "type": [], "code": {}, "param": 5}}])  # fmt: skip
def test_an_error_without_the_documented_body_still_says_its_status(body):
    error = error_from_answer(500, body)
    assert "500" in str(error)
    assert (error.type, error.code, error.param) == (None, None, None)


def test_an_endless_text_is_cut():
    endless = "x" * 100_000
    error = error_from_answer(400, {"error": dict.fromkeys(("type", "message", "code", "param"), endless)})
    assert len(str(error)) < 2500


def test_retry_after_is_on_the_errors_that_have_it():
    assert error_from_answer(429, BODY, retry_after=3).retry_after == 3
    assert error_from_answer(503, BODY, retry_after=3).retry_after == 3
    assert error_from_answer(429, BODY).retry_after is None


@given(
    status=st.integers(100, 599),
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("error"), inner),
    ),
)
def test_any_answer_becomes_an_error_that_can_be_shown_copied_and_sent_to_another_process(status, body):
    error = error_from_answer(status, body)
    assert error.status == status
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is type(error)
        assert (str(other), other.status, other.body) == (str(error), error.status, error.body)
