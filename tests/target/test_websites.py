"""Whose a website is: by that accounts are matched, and no stranger is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_lightfield.matching.websites import website_filters, website_key
from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

SHARED = [
    "https://www.facebook.com/{}",
    "https://sites.google.com/view/{}",
    "https://linktr.ee/{}",
    "https://www.instagram.com/{}/",
    "https://{}.github.io",
    "https://{}.myshopify.com",
    "https://{}.wordpress.com/about",
    "https://apps.apple.com/us/app/{}/id1",
    "https://www.facebook.com/profile.php?id={}",
    "https://s3.amazonaws.com/{}/index.html",
]


@pytest.mark.parametrize("others", [0, 60], ids=["listed", "by its filter"])
def test_on_a_host_that_many_share_no_stranger_is_overwritten(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], others: int
) -> None:
    sandbox = start_sandbox(accounts=others, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    there = {
        workspace.account(f"There {n}", website=[page.format("joespizza")]): f"There {n}"
        for n, page in enumerate(SHARED)
    }

    outcome = target.loaded(
        rows(
            "accounts",
            *({"id": n, "name": f"New {n}", "website": p.format("oldtown")} for n, p in enumerate(SHARED)),
        )
    )

    assert outcome.count("accounts") == {"created": len(SHARED)}
    assert {i: workspace.value("accounts", i, "$name") for i in there} == there


@pytest.mark.parametrize("others", [0, 60], ids=["listed", "by its filter"])
def test_the_same_page_of_a_shared_host_is_a_match(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], others: int
) -> None:
    sandbox = start_sandbox(accounts=others, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    there = [workspace.account(f"There {n}", website=[page.format("joe")]) for n, page in enumerate(SHARED)]

    target.loaded(
        rows(
            "accounts",
            *({"id": n, "name": f"New {n}", "website": p.format("joe")} for n, p in enumerate(SHARED)),
        )
    )

    assert target.ids("accounts") == {str(n): id_ for n, id_ in enumerate(there)}


def test_a_shared_host_alone_leaves_it_to_the_name(target: Setup, workspace: Workspace) -> None:
    meta = workspace.account("Meta", website=["https://facebook.com"])

    target.loaded(
        rows(
            "accounts",
            {"id": 1, "name": "Joe's Pizza", "website": "https://www.facebook.com/"},
            {"id": 2, "name": "meta", "website": "facebook.com"},
        ),
        max_rejects=1,
    )

    assert target.ids("accounts").get("2") == meta
    assert target.ids("accounts").get("1") != meta


@pytest.mark.parametrize("website", ["gmail.com", "https://www.web.de/", "http://yahoo.co.uk"])
def test_a_mail_provider_s_domain_is_no_customer_s(target: Setup, workspace: Workspace, website: str) -> None:
    joe = workspace.account("Joe's Pizza", website=["https://gmail.com", "https://web.de", "yahoo.co.uk"])

    # Lightfield takes no website twice: the row is rejected.
    target.loaded(rows("accounts", {"id": 1, "name": "Maria Photo", "website": website}), max_rejects=1)

    assert workspace.value("accounts", joe, "$name") == "Joe's Pizza"
    assert joe not in target.ids("accounts").values()


@pytest.mark.parametrize(
    "website", ["https://app.acme.example/login", "acme.example", "WWW.acme.example:8080"]
)
def test_on_a_company_s_own_domain_the_domain_decides_and_the_report_names_who_is_called_otherwise(
    target: Setup, workspace: Workspace, website: str
) -> None:
    there = workspace.account("acme.example (from email)", website=["https://acme.example"])

    target.loaded(
        rows("accounts", {"id": "1", "name": "Acme", "website": website}),
        report_path=str(target.folder / "r"),
    )

    assert target.ids("accounts") == {"1": there}
    [match] = target.report("r")["objects"]["accounts"]["doubtful_matches"]["records"]
    assert (match["key"], match["record_id"]) == ("1", there)
    assert match["differences"] == [
        {"column": "name", "before": "acme.example (from email)", "after": "Acme"}
    ]
    page = (target.folder / "r.html").read_text()
    assert "acme.example (from email)" in page


def test_every_match_of_another_name_is_listed_and_no_other(target: Setup, workspace: Workspace) -> None:
    for n in range(12):
        workspace.contact(f"c{n}@x.example", name={"firstName": "Ann", "lastName": f"Old {n}"})
    workspace.account("Same", website=["https://same.example"])
    workspace.account("Moved", website=["https://old.example"])

    target.loaded(
        rows(
            "contacts",
            *(
                {"id": n, "email": f"c{n}@x.example", "name": {"first_name": "ann", "last_name": f"New {n}"}}
                for n in range(12)
            ),
        ),
        rows(
            "accounts",
            {"id": 1, "name": "SAME", "website": "same.example"},
            {"id": 2, "name": "Moved", "website": "new.example"},
        ),
        report_path=str(target.folder / "r"),
        dry_run=True,
    )

    objects = target.report("r")["objects"]
    assert {m["key"] for m in objects["contacts"]["doubtful_matches"]["records"]} == {
        str(n) for n in range(12)
    }
    [moved] = objects["accounts"]["doubtful_matches"]["records"]
    assert moved["differences"] == [
        {"column": "website", "before": "https://old.example", "after": "new.example"}
    ]


@pytest.mark.parametrize("on_ambiguous", ["reject", "first"])
def test_no_row_takes_over_what_another_row_has(
    target: Setup, workspace: Workspace, on_ambiguous: str
) -> None:
    there = workspace.account("Acme", website=["https://acme.example"])
    feed = rows(
        "accounts",
        {"id": 1, "name": "Acme", "website": "acme.example"},
        {"id": 2, "name": "Acme Labs", "website": "labs.acme.example"},
    )

    for _ in range(2):  # the second time the first row is known, and unchanged
        outcome = target.load(feed, on_ambiguous=on_ambiguous)

        assert outcome.status == 1
        assert outcome.count("accounts")["rejected"] == 1
        assert workspace.value("accounts", there, "$name") == "Acme"
    assert {reject["key"] for reject in target.rejects()} == {"2"}


def test_of_several_on_one_domain_the_one_of_the_same_name_is_meant(
    target: Setup, workspace: Workspace
) -> None:
    workspace.account("Acme US", website=["https://us.acme.example"])
    meant = workspace.account("Acme Germany", website=["https://de.acme.example"])

    target.loaded(rows("accounts", {"id": 1, "name": "acme germany", "website": "acme.example"}))

    assert target.ids("accounts") == {"1": meant}


@pytest.mark.parametrize(
    ("website", "key"),
    [
        ("acme.co.uk", "acme.co.uk"),
        ("https://www.müller.example/", "xn--mller-kva.example"),
        ("http://XN--mller-kva.example", "xn--mller-kva.example"),
        ("https://acme.en.alibaba.com", "acme.en.alibaba.com"),
        ("https://www.alibaba.com/showroom/acme", "alibaba.com/showroom/acme"),
        ("docs.google.com/d/1", "docs.google.com/d/1"),
        ("github.io", ""),
        ("https://www.google.com/maps?cid=42&hl=de", "google.com/maps?cid=42"),
        ("https://maps.google.com/?cid=42", "maps.google.com/?cid=42"),
        ("https://www.google.com/maps", ""),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Facme.example", ""),
        ("https://www.google.com/search?q=acme", ""),
        ("https://www.youtube.com/watch?v=1", ""),
        ("co.uk", ""),
        ("192.0.2.7/shop", "192.0.2.7"),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_whose_a_website_is(website: str, key: str) -> None:
    assert website_key(website) == key


@given(st.text(max_size=80))
def test_any_text_has_a_key_and_its_filters(text: str) -> None:
    assert bool(website_key(text)) == bool(list(website_filters(text)))


@given(
    st.sampled_from(["acme.com", "joe.github.io", "facebook.com/joe", "sites.google.com/view/joe"]),
    st.sampled_from(["", "http://", "https://", "HTTPS://", "//"]),
    st.sampled_from(["", "/", "?utm_source=x", "/?utm_source=x", "#top"]),
)
def test_how_a_website_is_written_does_not_matter(site: str, scheme: str, rest: str) -> None:
    assert website_key(f"{scheme}{site}{rest}") == website_key(site) == site
