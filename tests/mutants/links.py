"""Controls of importing from links, switched off."""

from typing import Any


def any_address_will_do() -> None:
    """IP addresses are not checked."""
    from netfetch.resolver import Network  # noqa: PLC0415 - Django must be set up

    _replace(Network, "_check_addresses", lambda _self, _addresses: None)


def one_public_address_is_enough() -> None:
    """A name may lead inside as long as it leads outside too."""
    from netfetch.resolver import Network, _refused  # noqa: PLC0415

    def check(self: Network, addresses: Any) -> None:
        if not any(self.is_allowed(address) for address in addresses):
            raise _refused()

    _replace(Network, "_check_addresses", check)


def names_are_looked_up_again() -> None:
    """The connection asks for the name's addresses a second time."""
    from netfetch import fetch  # noqa: PLC0415
    from netfetch.pinned_backend import PinnedBackend  # noqa: PLC0415

    asked = fetch._request

    def again(link: Any, *, limits: Any, deadline: Any, network: Any) -> Any:
        def backend(_addresses: Any, deadline: Any) -> PinnedBackend:
            return PinnedBackend(network.look_up(link.host, link.port), deadline)

        vars(fetch)["PinnedBackend"] = backend
        return asked(link, limits=limits, deadline=deadline, network=network)

    _replace(fetch, "_request", again)


def nobody_looks_for_dead_fetches() -> None:
    """What a killed worker fetched is not found."""
    from videos.models import Upload  # noqa: PLC0415
    from videos.uploads import cleanup  # noqa: PLC0415

    _replace(cleanup, "interrupted_fetches", Upload.objects.none)


def _replace(where: Any, name: str, function: Any) -> None:
    if not hasattr(where, name):
        raise AttributeError(f"{where!r} has no {name}: the mutant changes nothing")
    setattr(where, name, function)
