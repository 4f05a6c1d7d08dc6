"""Accounts of social networks that people connected, sign-ins under way, and Chorus as networks know it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storage.base import Base, OneOf, PersonalText, PlainText, Sealed, Utc, advance, is_value
from storage.people.employees import Employee, EmployeeState


class AccountState(StrEnum):
    """The state of a connected account. Expired: its sign-in has ended, the person may sign in again."""

    ACTIVE = "active"
    EXPIRED = "expired"
    ENDED = "ended"


_IN_USE = text("state <> 'ended'")


class ConnectedAccount(Base):
    """An employee's own account of a network, for as long as they want. Its credentials go when it ends."""

    __tablename__ = "connected_accounts"
    __table_args__ = (
        Index(
            "uq_connected_accounts_employee",
            *("employee_id", "network"),
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        Index("ix_connected_accounts_subject", "network", "subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    network: Mapped[str]
    subject: Mapped[str] = mapped_column(PersonalText("connected_accounts.subject", is_found=True))
    name: Mapped[str] = mapped_column(PersonalText("connected_accounts.name"))
    url: Mapped[str] = mapped_column(PersonalText("connected_accounts.url"))
    host: Mapped[str] = mapped_column(PlainText)
    sealed: Mapped[str | None] = mapped_column(Sealed)  # the network's credentials, JSON
    state: Mapped[AccountState] = mapped_column(OneOf(AccountState), default=AccountState.ACTIVE)
    max_length: Mapped[int | None]
    connected_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    warned_at: Mapped[datetime | None] = mapped_column(Utc)
    busy_until: Mapped[datetime | None] = mapped_column(Utc)  # one use at a time: tokens are renewed by it

    employee: Mapped[Employee] = relationship()

    @property
    def credentials(self) -> dict[str, Any]:
        """Raises KeyRingError; empty once ended."""
        return json.loads(self.sealed) if self.sealed else {}

    @credentials.setter
    def credentials(self, value: dict[str, Any]) -> None:
        self.sealed = json.dumps(value)

    def is_usable(self, at: datetime) -> bool:
        return self.state == AccountState.ACTIVE and (self.expires_at is None or self.expires_at > at)

    def sign_in(
        self,
        *,
        name: str,
        url: str,
        host: str,
        credentials: dict[str, Any],
        expires_at: datetime | None,
        max_length: int | None,
        now: datetime,
    ) -> None:
        """Its owner has signed in, for the first time or again."""
        self.state, self.name, self.url, self.host = AccountState.ACTIVE, name, url, host
        self.credentials, self.expires_at, self.max_length = credentials, expires_at, max_length
        self.connected_at, self.warned_at, self.busy_until = now, None, None

    def expire(self) -> None:
        """The network does not take its sign-in any more."""
        if self.state == AccountState.ACTIVE:
            self.state, self.sealed = AccountState.EXPIRED, None

    def end(self) -> None:
        """Its owner does not want it any more, or has left."""
        advance(self, AccountState.ENDED, after=tuple(AccountState))
        self.sealed, self.subject, self.url, self.host = None, "", "", ""


class AccountRequest(Base):
    """A sign-in under way at a network, begun by one person. `digest` is of the link in their chat, `state_digest` of
    what the network sends back: it is used once."""

    __tablename__ = "account_requests"

    digest: Mapped[str] = mapped_column(primary_key=True)
    state_digest: Mapped[str | None] = mapped_column(index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"))
    network: Mapped[str]
    host: Mapped[str] = mapped_column(PlainText)
    sealed: Mapped[str | None] = mapped_column(Sealed)
    workspace_id: Mapped[str | None]  # where the person's card is
    message: Mapped[str | None]
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)

    employee: Mapped[Employee] = relationship(lazy="joined", innerjoin=True)

    @property
    def kept(self) -> dict[str, Any]:
        """What the network's adapter wants back."""
        return json.loads(self.sealed) if self.sealed else {}

    @kept.setter
    def kept(self, value: dict[str, Any]) -> None:
        self.sealed = json.dumps(value)


class NetworkClient(Base):
    """Chorus as one server of a network knows it: registered when first met."""

    __tablename__ = "network_clients"

    network: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Sealed)  # id and secret, JSON


def account(session: Session, account_id: int) -> ConnectedAccount | None:
    return session.get(ConnectedAccount, account_id)


def accounts_of(session: Session, employee_id: int) -> list[ConnectedAccount]:
    """Those in use, by network."""
    found = select(ConnectedAccount).where(
        ConnectedAccount.employee_id == employee_id, ConnectedAccount.state != AccountState.ENDED
    )
    return list(session.scalars(found.order_by(ConnectedAccount.network)))


def account_for(session: Session, employee_id: int, network: str) -> ConnectedAccount | None:
    """The one in use, which may have expired."""
    return session.scalar(
        select(ConnectedAccount).where(
            ConnectedAccount.employee_id == employee_id,
            ConnectedAccount.network == network,
            ConnectedAccount.state != AccountState.ENDED,
        )
    )


def is_anothers(session: Session, network: str, subject: str, employee_id: int) -> bool:
    """Whether a colleague has connected that very account."""
    found = select(ConnectedAccount.id).where(
        ConnectedAccount.network == network,
        is_value(ConnectedAccount.subject, subject),
        ConnectedAccount.employee_id != employee_id,
        ConnectedAccount.state != AccountState.ENDED,
    )
    return session.scalar(found.limit(1)) is not None


def seize(session: Session, account_id: int, *, now: datetime, until: datetime) -> bool:
    """Take the account for oneself until then; False while somebody else has it."""
    done = session.execute(
        update(ConnectedAccount)
        .where(
            ConnectedAccount.id == account_id,
            or_(ConnectedAccount.busy_until.is_(None), ConnectedAccount.busy_until <= now),
        )
        .values(busy_until=until)
    )
    return done.rowcount == 1  # type: ignore[attr-defined, no-any-return]


def of_leavers(session: Session) -> list[ConnectedAccount]:
    """Accounts in use of people who have left."""
    found = (
        select(ConnectedAccount)
        .join(ConnectedAccount.employee)
        .where(ConnectedAccount.state != AccountState.ENDED, Employee.state == EmployeeState.LEFT)
    )
    return list(session.scalars(found.order_by(ConnectedAccount.id)))


def expiring(session: Session, *, before: datetime) -> Iterable[ConnectedAccount]:
    """Active accounts whose sign-in ends before that moment and cannot be renewed."""
    return session.scalars(
        select(ConnectedAccount)
        .where(ConnectedAccount.state == AccountState.ACTIVE, ConnectedAccount.expires_at < before)
        .order_by(ConnectedAccount.id)
    ).all()


def request_by_digest(session: Session, digest: str, *, now: datetime) -> AccountRequest | None:
    row = session.get(AccountRequest, digest)
    return row if row is not None and row.expires_at > now else None


def take_request(session: Session, state_digest: str, *, now: datetime) -> AccountRequest | None:
    """Consume the sign-in under way. One statement decides which of two concurrent uses has it."""
    row = session.scalar(select(AccountRequest).where(AccountRequest.state_digest == state_digest))
    if row is None:
        return None
    session.expunge(row)
    gone = session.execute(delete(AccountRequest).where(AccountRequest.digest == row.digest))
    taken = gone.rowcount == 1  # type: ignore[attr-defined]
    return row if taken and row.expires_at > now else None


def drop_request(session: Session, digest: str) -> None:
    """The sign-in under way came to nothing."""
    session.execute(delete(AccountRequest).where(AccountRequest.digest == digest))


def client(session: Session, network: str, host: str) -> dict[str, Any] | None:
    """What the server gave to Chorus, if they have met."""
    row = session.get(NetworkClient, (network, host))
    return json.loads(row.sealed) if row else None


def remember_client(session: Session, network: str, host: str, value: dict[str, Any]) -> None:
    session.merge(NetworkClient(network=network, host=host, sealed=json.dumps(value)))


def forget_client(session: Session, network: str, host: str) -> None:
    """The server does not know Chorus any more."""
    session.execute(delete(NetworkClient).where(NetworkClient.network == network, NetworkClient.host == host))


def prune(session: Session, *, now: datetime) -> None:
    """Delete sign-ins that were not finished in time."""
    session.execute(delete(AccountRequest).where(AccountRequest.expires_at < now))
