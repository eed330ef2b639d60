"""The stream of files, with its parts put together."""

from __future__ import annotations

from lightfield_api.resources import Resource
from target_lightfield.errors import TargetError
from target_lightfield.loading.interfaces import RecordLoader
from target_lightfield.loading.stream_loader import RecordStream
from target_lightfield.objects.file_rows import FileReader
from target_lightfield.objects.file_verifier import FileVerifier
from target_lightfield.objects.files import FileLoader
from target_lightfield.objects.local_files import UploadFolder
from target_lightfield.objects.setup import Setup


def file_stream(setup: Setup, resource: Resource) -> RecordStream:
    """Return the stream loader of files.

    Args:
        setup: The run's parts and settings.
        resource: The resource of files.

    Raises:
        TargetError: The API key lacks a scope for it, or the settings are wrong.
    """
    upload_dir = setup.settings.get("file_upload_dir")
    if not upload_dir:
        raise TargetError(
            "The preset leads rows to files: set file_upload_dir to the folder that has the files."
        )
    mode = setup.mode(resource)
    setup.require(resource, ["read"] if mode == "update_only" else ["read", "create"])
    defaults = setup.option(resource, "defaults") or {}
    reader = FileReader(defaults)
    setup.check_defaults(resource, reader, defaults)
    loader = FileLoader(
        reader=reader,
        folder=UploadFolder(upload_dir),
        client=setup.client,
        id_map=setup.id_map,
        directory=setup.directory_of(resource),
        mode=mode,
        tell=setup.outcomes.report.tells,
    )
    report = setup.outcomes.report
    loads: RecordLoader = FileVerifier(loader, report.verification) if report.verification else loader
    trashes = setup.settings["delete_mode"] == "trash"
    return RecordStream(resource, loads, setup.outcomes, setup.submit, trashes=trashes)
