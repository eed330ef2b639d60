"""Presets with something wrong in them, and what is said of it."""

from __future__ import annotations

from tests.target.presets.preset_files import BASE


def wrong(line: str, *, of: str = "deals") -> str:
    """Return the base with a further line of a stream, in line 14."""
    return BASE.replace(f"  {of}:\n    to: opportunities\n", f"  {of}:\n    to: opportunities\n    {line}\n")


def column(spec: str) -> str:
    return BASE.replace("      name: dealname\n", f"      name: {spec}\n")


HERE = r"my\.yml:16: streams\.deals\.columns\.name"

WRONG = [
    ("extends: [hubspot, csv]\n", r"my\.yml:1: extends: this has to be the name of one built-in preset\."),
    (
        wrong("without_account: reject"),
        r"my\.yml:14: streams\.deals\.without_account: there is no such key: .* `account_id: \{else: …\}`",
    ),
    (
        wrong("colums: {}"),
        r"my\.yml:14: streams\.deals\.colums: there is no key 'colums'\. Nearest: 'columns'",
    ),
    (column("{form: dealname}"), rf"{HERE}\.form: there is no key 'form'\. Nearest: 'from'"),
    (
        column("3"),
        rf"{HERE}: this has to be a text or a mapping, and 3 is none: put a column's name in quotes; a",
    ),
    (column("{from: true}"), rf"{HERE}\.from: this has to be a text, and true is none: put it in quotes"),
    (column("[a, b]"), rf"{HERE}: this has to be a text or a mapping, and no list"),
    (column("{first_of: a}"), rf"{HERE}\.first_of: this has to be a list, and not 'a'"),
    (column("{from: a, only: urls}"), rf"{HERE}\.only: this has to be .*, and not 'urls'\. Nearest: 'url'"),
    (
        column("{from: a, first_line: many}"),
        rf"{HERE}\.first_line: this has to be a whole number, and not 'many'",
    ),
    (
        column("{from: a, first_line: 1.5}"),
        rf"{HERE}\.first_line: this has to be a whole number, and 1\.5 is none",
    ),
    (BASE.replace("preset: 1", "preset: 2"), r"my\.yml:1: preset: this has to be 1, and 2 is none"),
    (BASE.replace("preset: 1", "preset: true"), r"my\.yml:1: preset: this has to be 1, and true is none"),
    (BASE.replace("preset: 1\n", ""), r"my\.yml:1: the key 'preset' is missing"),
    (BASE.replace("    to: opportunities\n", ""), r"my\.yml:12: streams\.deals: the key 'to' is missing"),
    (BASE + "streems: {}\n", r"streems: there is no key 'streems'\. Nearest: 'streams'"),
    (BASE.replace("owners: {to: members, columns: {email: email}}", "owners: ignored"), r"and not 'ignored'"),
    (
        BASE.replace("- to: tasks", "- too: tasks"),
        r"my\.yml:23: streams\.meetings\[1\]\.too: .* Nearest: 'to'",
    ),
    (
        BASE.replace("to: accounts", "to: acounts"),
        r"my\.yml:11: .*\.to: there is no stream .* Nearest: 'accounts'",
    ),
]
"""What the types say, and with them the JSON Schema."""

UNDEFINED = [
    (f"{BASE}key_length: 0\n", r"my\.yml:27: key_length: a key has at least one character"),
    (column("{from: a, lookup: stage}"), rf"{HERE}\.lookup: there is no lookup 'stage'\. Nearest: 'stages'"),
    (
        column("{from: a, record: owner}"),
        rf"{HERE}\.record: 'owner' is not in `streams`; .* Nearest: 'owners'",
    ),
    (column("{from: a, record: [owners, user]}"), rf"{HERE}\.record\[1\]: 'user' is not in `streams`"),
    (
        column("{from: a, record: {001: company}}"),
        rf"{HERE}\.record\.001: 'company' is .* Nearest: 'companies'",
    ),
    (column("{from: a, record_by: {company: name}}"), rf"{HERE}\.record_by\.company: 'company' is not in"),
    (
        BASE.replace("of: deals", "of: deal"),
        r"my\.yml:8: links\.deal_companies\.of: 'deal' is .* Nearest: 'deals'",
    ),
    (
        BASE.replace("is: to_id", "is: to_id, lookup: l"),
        "links mean a `record` or, by a `lookup`, a value: not both",
    ),
    (BASE.replace("column: account_id", "when: x"), "links have a `column`, or with `as` a name"),
    (
        BASE.replace("is: to_id", "is: to_id, best: a ="),
        r"deal_companies\.best: this is no expression: it can't be",
    ),
    (
        BASE + "custom_fields: {match: label, labels: label}\n",
        r"custom_fields\.labels: there is no lookup 'label'",
    ),
    (
        BASE + "custom_fields: {options: {deals: stage, compnies: stages}}\n",
        r"custom_fields\.options\.deals: there is no lookup 'stage'",
    ),
    (BASE + "stream_names: {compnies: [Firmen]}\n", r"stream_names\.compnies: .* Nearest: 'companies'"),
    (
        BASE + "stream_names: {companies: [Firmen], deals: [FIRMEN]}\n",
        r"stream_names\.deals\[0\]: 'FIRMEN' means the stream 'companies' already",
    ),
    (
        BASE + "headers: {deals: {name: [Titel], dealstage: [name]}}\n",
        r"headers\.deals\.dealstage\[0\]: 'name' means the column 'name' already",
    ),
    (
        BASE + "custom_fields: {within: {compnies: x}}\n",
        r"custom_fields\.within\.compnies: .* Nearest: 'companies'",
    ),
    (BASE.replace("to: accounts", "to: object_types"), r"there is no stream of Lightfield's 'object_types'"),
    (wrong("when: archived and"), r"my\.yml:14: streams\.deals\.when: this is no expression"),
    (wrong("deleted_when: open('x')"), r"deleted_when: this is no expression: there is no function 'open'"),
    (wrong("needs_any: [nam]"), r"needs_any\[0\]: no line of `columns` fills 'nam'\. Nearest: 'name'"),
    (wrong("when_left: {status: {map: {}}}"), r"when_left\.status: it has no source"),
    (
        wrong("same_as: {from: a, value: b}"),
        r"same_as: a column has one source, and this one has from and value",
    ),
    (wrong("custom: {Phone: {from: a, type: PHONE}}"), r"Phone\.type: there is no type 'PHONE'"),
    (
        wrong("custom: {Phone: {labels: [x], split: true}}"),
        r"custom\.Phone: it has no source, .* for 'split'",
    ),
    (
        BASE + "time_zone: Europe/Berln\n",
        r"time_zone: there is no time zone 'Europe/Berln'\. Nearest: 'Europe/Berlin'",
    ),
    (BASE + "time_zone: ../x\n", r"time_zone: there is no time zone '\.\./x'"),
    (
        BASE + "phone_country: Germany\n",
        r"phone_country: 'Germany' is no country's code .* That of Germany is DE",
    ),
    (BASE + "home_currency: EURO\n", r"home_currency: there is no currency 'EURO'\. Nearest: 'EUR'"),
    (BASE + "home_currency: EUR\nrates: {US: 1}\n", r"my\.yml:28: rates\.US: there is no currency 'US'"),
    (BASE + "home_currency: EUR\nrates: {USD: 0}\n", r"rates\.USD: a rate is a number above 0"),
    (BASE + "rates: {USD: 1}\n", r"rates say what a currency is in `home_currency`, which is not set"),
    (column("{template: 'a {b'}"), rf"{HERE}\.template: the brace in place 3 has no other one"),
    (column("{template: 'a {}'}"), rf"{HERE}\.template: there is no column in the braces in place 3"),
    (column("{template: a}"), rf"{HERE}\.template: there is no {{column}} in it"),
    (
        column("{from: a, template: '{b}'}"),
        rf"{HERE}: a column has one source, and this one has from and template",
    ),
    (column("{pick: value}"), rf"{HERE}: it has no source"),
    (column("{split: true}"), rf"{HERE}: it has no source"),
    (column("{first_of: []}"), rf"{HERE}\.first_of: this list is empty"),
    (column("{first_of: [a, {split: true}]}"), rf"{HERE}\.first_of\[1\]: it has no source"),
    (column("{from: a, else: {lookup: stages}}"), rf"{HERE}\.else: it has no source"),
    (
        column("{from: a, signed: {by: {from: b, lookup: x}}}"),
        rf"{HERE}\.signed\.by\.lookup: there is no lookup 'x'",
    ),
    (column("{from: ''}"), rf"{HERE}\.from: this text is empty"),
    (
        column("{from: a, zone: {from: b, lookup: stage}}"),
        rf"{HERE}\.zone\.lookup: there is no lookup 'stage'\. Nearest: 'stages'",
    ),
    (column("{from: a, zone: ''}"), rf"{HERE}\.zone\.from: this text is empty"),
    (
        wrong("after: [pipelines, compnies]"),
        r"my\.yml:14: streams\.deals\.after\[1\]: there is no stream .* 'compnies'\. Nearest: 'companies'",
    ),
    (
        BASE + "sizes: {attachment: size}\n",
        r"my\.yml:27: sizes\.attachment: there is no stream .* 'attachment'\. Nearest: 'attachments'",
    ),
    (column("{from: a, within: b}"), rf"{HERE}\.within: `within` says which part of a `lookup` is meant"),
    (
        column("{expression: a.__class__}"),
        rf"{HERE}\.expression: this is no expression: '__class__' is not allowed",
    ),
    (BASE.replace("key: stageId", "key: [a, b, c]"), r"lookups\.stages\.key: a key has one or two columns"),
    (BASE.replace("value: label", "value: {lookup: stages}"), r"lookups\.stages\.value: it has no source"),
    (
        BASE.replace("- to: tasks\n    when: datetime(ends) > now()", "- to: meetings"),
        r"my\.yml:23: streams\.meetings\[1\]: this route and another one make records of meetings",
    ),
]
"""What only the whole preset says."""
