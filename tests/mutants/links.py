"""Controls of importing from links, switched off."""

from typing import Any

from tests.mutants.patching import replace


def addresses_are_not_checked() -> None:
    """IP addresses are not checked."""
    from netfetch.resolver import Network  # noqa: PLC0415 - Django must be set up

    replace(Network, _check_addresses=lambda _self, _addresses: None)


def one_public_address_is_enough() -> None:
    """A name may have inner addresses if it also has a public one."""
    from netfetch.resolver import Network, _refused  # noqa: PLC0415

    def check(self: Network, addresses: Any) -> None:
        if not any(self.is_allowed(address) for address in addresses):
            raise _refused()

    replace(Network, _check_addresses=check)


def names_are_resolved_twice() -> None:
    """The connection resolves the name a second time."""
    from netfetch import fetch  # noqa: PLC0415
    from netfetch.pinned_backend import PinnedBackend  # noqa: PLC0415

    request = fetch._request

    def resolve_again(link: Any, *, limits: Any, deadline: Any, network: Any) -> Any:
        def backend(_addresses: Any, deadline: Any) -> PinnedBackend:
            return PinnedBackend(network.look_up(link.host, link.port), deadline)

        vars(fetch)["PinnedBackend"] = backend
        return request(link, limits=limits, deadline=deadline, network=network)

    replace(fetch, _request=resolve_again)


def interrupted_fetches_are_not_found() -> None:
    """The cleanup does not find the fetches of killed workers."""
    from videos.models import Upload  # noqa: PLC0415
    from videos.uploads import cleanup  # noqa: PLC0415

    replace(cleanup, interrupted_fetches=Upload.objects.none)
