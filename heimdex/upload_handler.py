"""How files in a request body reach the disk."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from jobs import work_folders


class PlainlyNamedUploadHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file that has nothing of the sender's name in its own: that may be too long for it.

    The file is held, so that one whose process was killed is known to be nobody's.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; its `name` is still the sender's."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = TemporaryUploadedFile(
            "file", self.content_type, 0, self.charset, self.content_type_extra
        )
        self.file.name = self.file_name
        assert self.file.file is not None  # noqa: S101 -- it was opened just now
        work_folders.lock_file(self.file.file)
