"""API key <-> column name: every key has exactly one column, and keeps it."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lightfield_api.columns import CUSTOM_PREFIX, ENVELOPE, OPTIONAL_ENVELOPE, Role, column_name, columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions, Option, RelationshipDefinition
from lightfield_api.value_reading import read_text
from lightfield_api.value_types import VALUE_TYPES, ValueType
from lightfield_api.value_writing import write_option
from lightfield_api.values import read_labels, same_value, write_value

WHOLE_ENVELOPE = (*ENVELOPE, *OPTIONAL_ENVELOPE)

# Few words and many ways to put them together, so that keys land on one column all the time.
_WORDS = st.lists(
    st.sampled_from(["stage", "label", "labels", "owner", "id", "ids", "as", "source", "destination",
                     "custom",
                     "created", "at", "external", "http", "link", "object", "type", "sdc", "deleted",
                     "name", "x", "2"]),
    min_size=1, max_size=4,
)  # fmt: skip
_SPELLINGS = st.sampled_from(
    [
        "_".join,
        "-".join,
        " ".join,
        "__".join,
        "".join,
        lambda words: words[0] + "".join(word.title() for word in words[1:]),
        lambda words: "".join(word.title() for word in words),
        lambda words: "_".join(words).upper(),
        lambda words: "_" + "_".join(words) + "_",
        lambda words: ".".join(words) + "?",
    ]
)
_BARE_KEYS = st.builds(lambda spell, words: spell(words), _SPELLINGS, _WORDS) | st.text(max_size=8)
KEYS = st.builds(lambda dollar, key: dollar + key, st.sampled_from(["$", ""]), _BARE_KEYS)
FIELDS = st.builds(
    FieldDefinition, KEYS, st.sampled_from(["TEXT", "SINGLE_SELECT", "MULTI_SELECT", "FULL_NAME", "NEW"])
)
_CARDINALITIES = st.sampled_from(["HAS_ONE", "HAS_MANY"])
RELATIONSHIPS = st.builds(
    RelationshipDefinition,
    KEYS,
    _CARDINALITIES,
    st.just("account"),
    directions=st.dictionaries(st.sampled_from(["asSource", "asDestination"]), _CARDINALITIES),
)
DEFINITIONS = st.builds(
    ObjectDefinitions.of, st.just("account"), st.lists(FIELDS, max_size=12), st.lists(RELATIONSHIPS,
    max_size=8)
)  # fmt: skip


def of(*keys: str, value_type: str = "TEXT") -> ObjectDefinitions:
    return ObjectDefinitions.of("account", [FieldDefinition(key, value_type) for key in keys])


def names(definitions: ObjectDefinitions, envelope=WHOLE_ENVELOPE) -> dict[tuple[str, Role], str]:
    return {key: column.name for key, column in columns_of(definitions, envelope).by_key.items()}


def wanted(definitions: ObjectDefinitions, envelope=WHOLE_ENVELOPE) -> set[tuple[str, Role]]:
    """Return every key and role that must have a column."""
    known = {**ENVELOPE, **OPTIONAL_ENVELOPE}
    found = {(known[name], Role.ENVELOPE) for name in envelope}
    for key, field in definitions.fields.items():
        found.add((key, Role.FIELD))
        if field.value_type in ("SINGLE_SELECT", "MULTI_SELECT"):
            found.add((key, Role.LABEL))
    for key, relationship in definitions.relationships.items():
        found.add((key, Role.RELATIONSHIP))
        found |= {(key, Role(direction)) for direction in relationship.directions}
    return found


class TestTheRule:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("$name", "name"), ("$lastFundingType", "last_funding_type"),
            ("renewalDate", "custom_renewal_date"),
            ("icp-score", "custom_icp_score"), ("ICP Score", "custom_icp_score"), ("$linkedIn", "linked_in"),
            ("$HTMLBody", "html_body"), ("$x2Y", "x2_y"), ("$already_snake", "already_snake"),
            ("a__b", "custom_a_b"),
            ("_sdc_deleted_at", "custom_sdc_deleted_at"), ("$_sdc_deleted_at", "sdc_deleted_at"),
            ("$größe", "größe"), ("株式", "custom_株式"),
        ],
    )  # fmt: skip
    def test_a_field_has_the_name_that_the_design_says(self, key, name):
        assert column_name(key) == name
        assert names(of(key))[key, Role.FIELD] == name

    @pytest.mark.parametrize(
        ("key", "cardinality", "name"),
        [("$owner", "HAS_ONE", "owner_id"), ("$contact", "HAS_MANY", "contact_ids"),
         ("partners", "HAS_MANY", "custom_partners_ids"), ("$assignedTo", "HAS_ONE", "assigned_to_id")],
    )  # fmt: skip
    def test_a_relationship_has_the_name_that_the_design_says(self, key, cardinality, name):
        columns = columns_of(
            ObjectDefinitions.of("x", relationships=[RelationshipDefinition(key, cardinality, "y")])
        )
        column = columns.find(key, Role.RELATIONSHIP)
        assert (column.name, column.is_array) == (name, cardinality == "HAS_MANY")
        assert columns.by_name[name] is column

    def test_a_self_referential_relationship_has_a_column_for_each_direction(self):
        parent = RelationshipDefinition(
            "$parent", "HAS_MANY", "account", directions={"asSource": "HAS_ONE", "asDestination": "HAS_MANY"}
        )
        columns = columns_of(ObjectDefinitions.of("account", relationships=[parent]), ())
        assert [(c.name, c.role, c.is_array) for c in columns] == [
            ("parent_ids", Role.RELATIONSHIP, True),
            ("parent_as_source_id", Role.AS_SOURCE, False),
            ("parent_as_destination_ids", Role.AS_DESTINATION, True),
        ]

    def test_a_select_has_a_column_for_its_labels(self):
        stage, industry = (
            FieldDefinition("$stage", "SINGLE_SELECT"),
            FieldDefinition("$industry", "MULTI_SELECT"),
        )
        columns = columns_of(ObjectDefinitions.of("x", [stage, industry]), ())
        assert [column.name for column in columns] == ["stage", "stage_label", "industry", "industry_labels"]
        assert columns.find("$stage", Role.LABEL).field is stage

    def test_the_columns_come_in_the_order_of_the_api(self):
        columns = columns_of(of("$b", "a", "$a"))
        assert [column.name for column in columns] == [*ENVELOPE, "b", "custom_a", "a"]

    def test_what_a_workspace_does_not_have_is_not_found(self):
        assert columns_of(of("$name")).find("$name", Role.LABEL) is None
        assert columns_of(of("$name")).find("name", Role.FIELD) is None


class TestCollisions:
    @pytest.mark.parametrize(
        "key", ["$id", "$createdAt", "$created_at", "$httpLink", "$externalId", "$object_type"]
    )
    def test_the_envelope_always_keeps_its_columns(self, key):
        found = columns_of(of(key), WHOLE_ENVELOPE)
        for name in WHOLE_ENVELOPE:
            assert found.by_name[name].role is Role.ENVELOPE
        assert found.find(key, Role.FIELD).name.startswith(f"{column_name(key)}_")

    def test_a_relationship_can_collide_with_the_envelope_too(self):
        external = RelationshipDefinition("$external", "HAS_ONE", "x")
        found = columns_of(ObjectDefinitions.of("x", relationships=[external]))
        assert found.by_name["external_id"].role is Role.ENVELOPE
        assert found.find("$external", Role.RELATIONSHIP).name.startswith("external_id_")

    @pytest.mark.parametrize(
        ("keeps", "others"),
        [
            ("$foo_bar", ["$fooBar", "$foo-bar", "$FooBar"]),
            ("foo_bar", ["fooBar", "foo-bar", "$custom_foo_bar", "$customFooBar"]),
            ("$stage_label", ["$stageLabel"]),
        ],
    )
    def test_the_key_that_is_spelled_like_the_column_keeps_it(self, keeps, others):
        found = names(of(keeps, *others, "$stage", value_type="SINGLE_SELECT"))
        assert found[keeps, Role.FIELD] == column_name(keeps)
        for other in others:
            assert found[other, Role.FIELD].startswith(f"{column_name(keeps)}_")
        if keeps == "$stage_label":
            assert found["$stage", Role.LABEL].startswith("stage_label_")

    def test_the_field_that_is_spelled_like_it_keeps_the_column_of_a_relationship(self):
        definitions = ObjectDefinitions.of(
            "x",
            [FieldDefinition("$ownerId", "TEXT"), FieldDefinition("$owner_id", "TEXT")],
            [RelationshipDefinition("$owner", "HAS_ONE", "member")],
        )
        found = names(definitions)
        assert found["$owner_id", Role.FIELD] == "owner_id"
        assert found["$ownerId", Role.FIELD].startswith("owner_id_")
        assert found["$owner", Role.RELATIONSHIP].startswith("owner_id_")

    def test_where_no_key_is_spelled_like_it_none_keeps_it(self):
        found = names(of("$fooBar", "$foo-bar"), ())
        assert all(name.startswith("foo_bar_") for name in found.values())
        assert len(set(found.values())) == 2

    def test_the_names_are_the_same_on_every_run(self):
        found = names(of("$fooBar", "$foo-bar"), ())
        assert found == {
            ("$fooBar", Role.FIELD): "foo_bar_22048840",
            ("$foo-bar", Role.FIELD): "foo_bar_59691d08",
        }


class TestUniqueness:
    @given(DEFINITIONS, st.sampled_from([(), tuple(ENVELOPE), WHOLE_ENVELOPE]))
    def test_every_key_has_exactly_one_column_and_back(self, definitions, envelope):
        columns = columns_of(definitions, envelope)
        assert set(columns.by_key) == wanted(definitions, envelope)
        assert list(columns.by_key.values()) == list(columns)
        assert len(columns.by_name) == len(columns.by_key)
        for name, column in columns.by_name.items():
            assert column.name == name
            assert columns.find(column.key, column.role) is column

    @given(DEFINITIONS)
    def test_every_name_is_one_that_a_warehouse_and_the_sdk_take(self, definitions):
        for column in columns_of(definitions, WHOLE_ENVELOPE):
            assert column.name == column.name.lower()
            assert not column.name.startswith("_")
            assert "__" not in column.name
            assert column.name

    @given(DEFINITIONS)
    def test_a_custom_key_never_has_a_bare_name_of_the_system(self, definitions):
        for column in columns_of(definitions, WHOLE_ENVELOPE):
            if column.role is not Role.ENVELOPE and not column.key.startswith("$"):
                assert column.name.startswith(CUSTOM_PREFIX)

    @given(DEFINITIONS, st.integers(0, 1000))
    def test_the_names_do_not_depend_on_the_order(self, definitions, seed):
        shuffled = random.Random(seed)
        fields, relationships = list(definitions.fields.values()), list(definitions.relationships.values())
        shuffled.shuffle(fields)
        shuffled.shuffle(relationships)
        other = ObjectDefinitions.of("account", fields, relationships)
        assert names(other, WHOLE_ENVELOPE[::-1]) == names(definitions)

    @given(DEFINITIONS, DEFINITIONS)
    def test_a_name_does_not_depend_on_keys_that_do_not_collide_with_it(self, some, others):
        alone, beside = names(some), names(others)
        together = names(
            ObjectDefinitions(
                "account", {**others.fields, **some.fields}, {**others.relationships, **some.relationships}
            )
        )
        claims: dict[str, set] = {}
        for definitions in (some, others):
            for key, name in _bare_names(definitions).items():
                claims.setdefault(name, set()).add(key)
        for key, name in _bare_names(some).items():
            if claims[name] == {key} and name not in WHOLE_ENVELOPE:
                assert together[key] == alone[key] == name
            elif claims[name] <= set(alone) and name not in set(beside.values()):
                assert together[key] == alone[key]

    @given(st.lists(KEYS, min_size=2, max_size=6, unique=True))
    def test_a_key_keeps_its_bare_name_when_keys_of_other_spellings_come(self, keys):
        keeper = "$" + column_name(keys[0]) if keys[0].startswith("$") else column_name(keys[0])[7:]
        assume(column_name(keeper) == column_name(keys[0]))
        assume(column_name(keeper) not in WHOLE_ENVELOPE)
        assume(keeper.startswith("$") is not column_name(keeper).startswith("custom_"))
        found = names(of(keeper, *keys))
        assert found[keeper, Role.FIELD] == column_name(keeper)

    @given(st.integers(1, 4), st.booleans())
    @example(1, False)
    @example(3, True)
    def test_a_key_that_spells_out_the_hash_of_another_takes_no_column_from_it(self, depth, select):
        keys = ["$fooBar", "$foo_bar"]
        for _ in range(depth):
            hashed = names(of(*keys))["$fooBar", Role.FIELD]
            keys.append(f"${hashed}")
        columns = columns_of(of(*keys, value_type="SINGLE_SELECT" if select else "TEXT"))
        assert len(columns.by_name) == len(columns.by_key)
        for key in keys[1:]:
            assert columns.find(key, Role.FIELD).name == key[1:]

    def test_keys_whose_short_hashes_are_equal_have_columns_of_their_own(self):
        one, other, spelled = "$a----.-----.-.......-b", "$a---..--...---.-.----b", "$a_b"
        # Found by trying spellings: 32 bits have birthdays. Alone, each has the same column.
        assert (
            names(of(one, spelled), ())[one, Role.FIELD] == names(of(other, spelled), ())[other, Role.FIELD]
        )
        found = names(of(one, other, spelled), ())
        assert len(set(found.values())) == 3
        assert found == names(of(spelled, other, one), ())


def _bare_names(definitions: ObjectDefinitions) -> dict[tuple[str, Role], str]:
    """Return the name that each key has where nothing else is."""
    found = {}
    for key, field in definitions.fields.items():
        found.update(names(ObjectDefinitions.of("x", [field]), ()))
        if field.value_type.endswith("SELECT"):
            assert (key, Role.LABEL) in found
    for relationship in definitions.relationships.values():
        found.update(names(ObjectDefinitions.of("x", relationships=[relationship]), ()))
    return found


def test_a_type_of_the_table_has_the_labels_and_values_that_its_row_says(monkeypatch):
    rank = ValueType(read_text, write_option, label_suffix="_title", comparable=str.casefold)
    monkeypatch.setitem(VALUE_TYPES, "RANK", rank)
    definition = FieldDefinition("$rank", "RANK", options=(Option("opt_1", "First"),))
    columns = columns_of(ObjectDefinitions.of("account", [definition]), ())
    assert list(columns.by_name) == ["rank", "rank_title"]
    assert write_value(definition, " first ") == "opt_1"
    assert read_labels(definition, "opt_1") == "First"
    assert same_value(definition, "opt_1", "OPT_1")
