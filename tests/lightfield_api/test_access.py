"""What a key is for, and the definitions it can read."""

from __future__ import annotations

import pytest

from lightfield_api.access import read_definitions, validate
from lightfield_api.errors import Forbidden, Unauthorized, UnexpectedAnswer
from lightfield_api.resources import RESOURCES
from tests.lightfield_api.conftest import Answer

FULL = {"active": True, "tokenType": "api_key", "subjectType": "user", "scopes": ["accounts:read"]}


def test_a_key_allows_what_its_scopes_say(serve, connect):
    server = serve(Answer(body=FULL))
    grant = validate(connect(server))
    assert grant.allows("accounts:read")
    assert not grant.allows("accounts:create")
    assert not grant.allows("accounts")
    assert server.requests[0].target == "/v1/auth/validate"


def test_no_scopes_at_all_mean_full_access(serve, connect):
    assert validate(connect(serve(Answer(body={**FULL, "scopes": []})))).allows("anything:at_all")


@pytest.mark.parametrize(
    "answer", [Answer(401, {"error": {"type": "unauthorized"}}), Answer(body={**FULL, "active": False})]
)
def test_a_wrong_or_inactive_key_is_unauthorized(serve, connect, answer):
    with pytest.raises(Unauthorized):
        validate(connect(serve(answer)))


@pytest.mark.parametrize(
    "body",
    [{}, {"status": "ok"}, {"scopes": None}, {"scopes": "all"}, {"active": True}, {**FULL,
    "scopes": {"a": 1}},
     {**FULL, "scopes": [1]}, {**FULL, "scopes": [["accounts:read"]]}, {**FULL, "scopes": [None]},
     b"<html>hello</html>", []],
    ids=repr,
)  # fmt: skip
def test_another_server_is_no_lightfield_and_grants_nothing(serve, connect, body):
    with pytest.raises(UnexpectedAnswer):
        validate(connect(serve(Answer(body=body))))


def test_a_server_that_knows_no_such_path_is_no_lightfield(serve, connect):
    with pytest.raises(UnexpectedAnswer, match="not Lightfield's own"):
        validate(connect(serve(Answer(404, b"no such page"))))


def test_the_definitions_come_by_resource_name_each_from_its_own_place(serve, connect):
    empty = {"fieldDefinitions": {}, "relationshipDefinitions": {}}
    server = serve()
    server._next = lambda request: (
        server.requests.append(request) or Answer(body={**empty, "objectType": request.target})
    )
    wanted = [RESOURCES["notes"], RESOURCES["accounts"], RESOURCES["members"]]
    found = read_definitions(connect(server), wanted)
    assert list(found) == ["notes", "accounts", "members"]
    assert found["notes"].object_type == "/v1/notes/definitions"
    assert found["accounts"].object_type == "/v1/accounts/definitions"
    assert found["members"] is RESOURCES["members"].builtin
    assert len(server.requests) == 2


def test_no_resources_have_no_definitions(serve, connect):
    assert read_definitions(connect(serve()), []) == {}


def test_a_missing_scope_for_definitions_is_forbidden(serve, connect):
    server = serve(Answer(403, {"error": {"type": "forbidden", "message": "accounts:read is missing"}}))
    with pytest.raises(Forbidden):
        read_definitions(connect(server), [RESOURCES["accounts"], RESOURCES["contacts"]])


def test_a_resource_names_its_path_and_scopes():
    assert RESOURCES["accounts"].path == ("accounts",)
    assert RESOURCES["accounts"].scope("restore") == "accounts:restore"
    assert all(name == resource.name for name, resource in RESOURCES.items())


class TestAgainstTheSandbox:
    def test_the_key_of_a_workspace_is_valid_until_it_is_revoked(self, start_sandbox, connect):
        sandbox = start_sandbox()
        client = connect(sandbox.url, sandbox.key)
        assert validate(client).allows("accounts:read")
        sandbox.revoke(sandbox.key)
        with pytest.raises(Unauthorized):
            validate(client)

    def test_the_definitions_of_every_resource_can_be_read(self, start_sandbox, connect):
        sandbox = start_sandbox()
        found = read_definitions(connect(sandbox.url, sandbox.key), RESOURCES.values())
        assert {name: definitions.object_type for name, definitions in found.items()} == {
            name: resource.object_type for name, resource in RESOURCES.items()
        }
        for name, resource in RESOURCES.items():
            assert resource.required <= {*found[name].fields, *found[name].relationships}
