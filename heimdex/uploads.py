"""How files in a request body reach the disk."""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class PlainlyNamedUploadHandler(TemporaryFileUploadHandler):
    """Writes to a temporary file that has nothing of the sender's name in its own: that may be too long for it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file; its `name` is still the sender's."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = TemporaryUploadedFile(
            "file", self.content_type, 0, self.charset, self.content_type_extra
        )
        self.file.name = self.file_name
