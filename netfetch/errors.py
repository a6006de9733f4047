"""Why a link could not be fetched."""

Value = str | int


class FetchError(Exception):
    """A link was refused, or its server failed.

    `code` is stable, `params` are ready for JSON, `passing` says that another try may go well. `str(error)` is one
    plain English sentence for logs, which never holds the link: signed links are secrets.
    """

    def __init__(self, code: str, message: str, *, passing: bool = False, **params: Value) -> None:
        super().__init__(message)
        self.code = code
        self.passing = passing
        self.params: dict[str, Value] = dict(params)
