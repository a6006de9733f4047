"""Writes files of a request body to the disk."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from jobs import work_folders


class PlainlyNamedUploadHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file whose name contains nothing of the client's file name, which may be too long.

    The file is locked, so that the clean-up can tell a killed process' file from one in use.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; its `name` attribute is still the client's name."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = TemporaryUploadedFile(
            "file", self.content_type, 0, self.charset, self.content_type_extra
        )
        self.file.name = self.file_name
        assert self.file.file is not None  # noqa: S101 -- the constructor opened it
        work_folders.lock_file(self.file.file)
