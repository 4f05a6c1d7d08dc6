"""What the console's entrance needs of the organisation's own sign-in."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class SignInFailed(Exception):
    """Nobody is signed in; the reason is for the log."""


class Account(NamedTuple):
    """An account of the provider, as it names it for good."""

    issuer: str
    subject: str


class SignedIn(NamedTuple):
    """`employee`: who the link from the chat said they are; None without one. `groups`: names or ids of those that the
    provider says they are in; None where it does not say."""

    account: Account
    employee: int | None
    groups: tuple[str, ...] | None = None


class IdentityProvider(Protocol):
    async def begin(self, employee: int | None = None) -> tuple[str, str]:
        """(where to send the browser, what to keep in its cookie). `employee`: whose the account is to be from then on.
        Raises SignInFailed."""
        ...

    async def finish(self, code: str, state: str, cookie: str) -> SignedIn:
        """Who signed in. Raises SignInFailed."""
        ...
