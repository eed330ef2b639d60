"""The preset of files is valid, and knows the columns of the files that other products export."""

from __future__ import annotations

from pathlib import Path

import pytest

from target_lightfield.presets.converted import compared
from target_lightfield.presets.headers import Headers
from target_lightfield.presets.preset import Route
from tests.migrations.csv.expected import WITHOUT_A_NAME
from tests.migrations.csv.tap_run import FORMATS, files_of, rows_of
from tests.migrations.preset_files import (
    all_routes,
    built_in,
    columns_of_route,
    sources_of,
    specs_of,
    system_columns,
)

PRESET = built_in("csv")
ROUTES = all_routes(PRESET)
FILES = [(product, path) for product in FORMATS for path in files_of(product)]


@pytest.mark.parametrize(("stream", "route"), ROUTES, ids=lambda value: getattr(value, "to", value))
def test_each_column_is_one_of_the_system(stream: str, route: Route) -> None:
    assert columns_of_route(route) <= system_columns(route.to)


@pytest.mark.parametrize(("stream", "route"), ROUTES, ids=lambda value: getattr(value, "to", value))
def test_each_column_that_is_looked_for_has_headers(stream: str, route: Route) -> None:
    for spec in specs_of(route):
        assert sources_of(spec) <= {*PRESET.headers[stream]}, spec
        for other, column in (spec.record_by or {}).items():
            assert column in PRESET.headers[other], spec


@pytest.mark.parametrize("stream", PRESET.headers)
def test_no_header_means_two_columns(stream: str) -> None:
    meanings: dict[str, str] = {}
    for name, headers in PRESET.headers[stream].items():
        for header in headers:
            assert meanings.setdefault(compared(header), name) == name, header


def test_no_name_means_two_streams() -> None:
    meanings: dict[str, str] = {}
    for name, others in PRESET.stream_names.items():
        for other in (name, *others):
            assert meanings.setdefault(compared(other), name) == name, other


@pytest.mark.parametrize(("product", "path"), FILES, ids=lambda value: getattr(value, "stem", value))
def test_the_columns_of_each_product_are_known(product: str, path: Path) -> None:
    stream = PRESET.called(path.stem)
    assert stream in PRESET.streams
    columns = list(rows_of(product, path)[0])
    found = Headers(PRESET).of(stream, columns)

    known = {column for several in found.values() for column in several}
    assert set(columns) - known == WITHOUT_A_NAME.get((product, path.stem), set())
