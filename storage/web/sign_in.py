"""Sign-in at the organisation's identity provider (OpenID Connect): sign-ins under way, and whose an account is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, PlainText, Utc


class OidcState(Base):
    """A sign-in under way. `employee_id`: to whom the account is to belong from then on, where a link from the chat
    said who they are."""

    __tablename__ = "oidc_states"

    digest: Mapped[str] = mapped_column(primary_key=True)
    verifier: Mapped[str]
    nonce: Mapped[str]
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employees.id"))
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)


class SignInAccount(Base):
    """An account as the provider names it for good, and whose it is: `subject` is no address, which could be given to
    somebody else one day."""

    __tablename__ = "sign_in_accounts"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(PlainText, primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employees.id"), index=True)
    bound_at: Mapped[datetime] = mapped_column(Utc)
    granted: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")  # roles, by its groups


def take_state(session: Session, digest: str, *, now: datetime) -> OidcState | None:
    """Consume the sign-in under way."""
    row = session.get(OidcState, digest)
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row if row.expires_at > now else None


def account(session: Session, issuer: str, subject: str) -> SignInAccount | None:
    return session.get(SignInAccount, (issuer, subject))


def owner_of(session: Session, issuer: str, subject: str) -> int | None:
    """Whose account it is; None where nobody has shown it yet."""
    found = account(session, issuer, subject)
    return found.employee_id if found is not None else None


def bind(session: Session, issuer: str, subject: str, employee_id: int, *, now: datetime) -> bool:
    """Make it the account of the person, who has no other there. Whether it is theirs now."""
    known = account(session, issuer, subject)
    if known is not None:
        return known.employee_id == employee_id
    theirs = select(SignInAccount).where(SignInAccount.issuer == issuer, SignInAccount.employee_id == employee_id)
    if session.scalar(theirs) is not None:
        return False
    session.add(SignInAccount(issuer=issuer, subject=subject, employee_id=employee_id, bound_at=now, granted=[]))
    session.flush()
    return True


def accounts_of(session: Session, employee_id: int) -> list[SignInAccount]:
    return list(session.scalars(select(SignInAccount).where(SignInAccount.employee_id == employee_id)))


def unbind(session: Session, employee_id: int) -> int:
    """Forget which accounts are the person's. Returns how many there were."""
    rows = accounts_of(session, employee_id)
    for row in rows:
        session.delete(row)
    return len(rows)


def prune(session: Session, *, now: datetime) -> None:
    """Delete sign-ins that were not finished in time."""
    session.execute(delete(OidcState).where(OidcState.expires_at < now))
