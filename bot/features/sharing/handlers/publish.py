"""Posts on a person's own account: when, by whose tap, and what its writer decides afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.cards import Card
from bot.core.context import (
    Arrival,
    ComposeRequest,
    Context,
    Effect,
    Job,
    Publish,
    Reply,
    Send,
)
from bot.core.errors import Gone, NotUnderstood
from bot.core.events import Pressed, Submitted
from bot.core.moments import moment_of
from bot.core.network_names import in_words
from bot.core.ownership import own_publication
from bot.features.sharing.cards.lists import further_down_card
from bot.features.sharing.cards.nudge import card_of_share, current_card, left_behind
from bot.features.sharing.cards.publication import delete_card
from bot.features.sharing.domain.confirming import confirm
from bot.features.sharing.domain.good_hours import next_good_hour
from bot.features.sharing.domain.may_share import check_may_share
from bot.features.sharing.domain.publishing import as_read
from bot.features.sharing.forms.timing import When, usable_account
from content.channels import with_link
from content.record_keys import record_key
from storage.publishing import publications
from storage.publishing.publications import Publication, PublicationState
from storage.sharing import nudges
from storage.sharing.nudges import Nudge
from storage.sharing.posts import PostState
from storage.sharing.shares import Share, ShareState

MOST_AHEAD = timedelta(days=60)
Errors = tuple[tuple[str, str], ...]


def chosen_moment(context: Context, values: Mapping[str, str]) -> datetime | None:
    return moment_of(values.get("moment", ""), context.person.time_zone)


def due_of(context: Context, nudge: Nudge, channel: str, values: Mapping[str, str]) -> tuple[datetime | None, Errors]:
    """When the post is to go out by itself after this tap; None: the person posts by hand. Or what is wrong with it."""
    out = publications.out_of_nudge(context.session, nudge.id, channel)
    if out is not None:
        kept, network = values.get("text", ""), in_words(out.account.network, context.words.language)
        if out.is_posted:
            raise NotUnderstood("You’ve posted this {in_network} already.", kept=kept, **network)
        raise NotUnderstood("This is on its way {to_network} already.", kept=kept, **network)
    account, when = usable_account(context, channel), values.get("when", When.NOW)
    if account is None or when == When.BY_HAND or "when" not in values:
        return None, ()
    if values.get("account", str(account.id)) != str(account.id):
        said = context.words.t("You’ve connected another account since: {name}.", name=account.name)
        return None, (("when", said),)
    if when == When.NOW:
        return context.now, ()
    moment = _good_hour(context) if when == When.GOOD_HOUR else chosen_moment(context, values)
    words = context.words
    if moment is None:
        return None, (("moment", words.t("Choose a day and a time.")),)
    if moment <= context.now:
        return None, (("moment", words.t("Choose a time that’s still to come.")),)
    if moment > context.now + MOST_AHEAD:
        return None, (("moment", words.t("Choose a time within the next 60 days.")),)
    if nudge.post.expires_at is not None and moment >= nudge.post.expires_at:
        day = words.day(nudge.post.expires_at)
        return None, (("moment", words.t("This can be shared until {day}. Choose an earlier time.", day=day)),)
    if not account.is_usable(moment):
        day = words.day(account.expires_at or moment)
        return None, (
            ("moment", words.t("Your sign-in ends on {day}. Choose an earlier time, or sign in again.", day=day)),
        )
    return moment, ()


def timing_of(context: Context, share: Share) -> tuple[str, datetime | None]:
    """When the share goes out, as its writer chose: that stands until they choose otherwise."""
    row = publications.of_share(context.session, share.id)
    if row is not None and row.state == PublicationState.CANCELLED and share.state != ShareState.UNDONE:
        return When.BY_HAND, None
    if row is None or not row.is_shown or row.due_at <= context.now:
        return "", None
    return When.CHOSEN, row.due_at


def as_planned(context: Context, event: Pressed) -> list[Effect]:
    """`publication.as_planned`: held back for a while, it goes out at its own time after all."""
    row = own_publication(context, event.ref)
    if row.state == PublicationState.HELD and row.share.post.is_shareable(context.now) and row.due_at > context.now:
        as_read(row)
        row.schedule(row.due_at)
    return _shown(context, row)


def goes_by_hand(context: Context, share: Share) -> bool:
    """Whether it is the person's to say what becomes of the share: what only waited is not posted by us any more, but
    what is out or on its way is."""
    row = publications.of_share(context.session, share.id)
    if row is not None and row.is_its_writers:
        row.cancel()
    return is_by_hand(context, share)


def is_by_hand(context: Context, share: Share) -> bool:
    """Whether nobody but the person posts it."""
    row = publications.of_share(context.session, share.id)
    return row is None or not row.is_shown


def store(context: Context, share: Share, due: datetime | None) -> list[Effect]:
    """Have the share go out at `due`, or have it posted by hand. Raises NotUnderstood where it is out already."""
    row = publications.of_share(context.session, share.id)
    if due is None:
        if row is not None and row.is_shown:
            row.cancel()
        return []
    account = usable_account(context, share.channel)
    if account is None:
        raise Gone("Your account isn’t connected any more.", kept=share.text)
    link = share.link_in(context.rules.base_url)
    if row is None or not row.is_shown or row.account_id != account.id:
        if row is not None:
            context.session.delete(row)
            context.session.flush()
        row = Publication(
            share=share, account=account, key=_key(share.channel, context.now), state=PublicationState.WAITING
        )
    row.text, row.link, row.written_at = with_link(share.text, link), link, context.now
    as_read(row)
    row.schedule(due)
    context.session.add(row)
    context.session.flush()
    return _begun(context, row)


def said_anew(context: Context, nudge: Nudge, event: Submitted) -> Effect:
    """The nudge's card as a message of its own, the one that is kept up to date from then on."""
    return Send(context.person, f"publication:{event.keys[0]}", kind="publication", subject=nudge.id)


def show(context: Context, event: Pressed) -> list[Effect]:
    """`publication.show`: its card as it stands now."""
    return _shown(context, own_publication(context, event.ref))


def post_now(context: Context, event: Pressed) -> list[Effect]:
    """`publication.now`: not later; or once more after it failed, or after its writer looked."""
    row = own_publication(context, event.ref)
    if not row.is_its_writers:
        return _shown(context, row)
    check_may_share(row.share.post, context.person, context.now, kept=row.text)
    account = usable_account(context, row.share.channel)
    if account is None:
        raise Gone("Your account isn’t connected any more.", kept=row.text)
    is_another, row.account = row.account.name != account.name, account
    if is_another:  # they have read it with another name above it
        row.hold("account")
        return _shown(context, row)
    if row.state == PublicationState.IN_DOUBT:
        row.key = _key(row.share.channel, context.now)  # its writer has looked: it is another post
    row.written_at = context.now
    as_read(row)
    row.schedule(context.now)
    context.session.flush()
    return [*_shown(context, row), *_begun(context, row)]


def cancel(context: Context, event: Pressed) -> list[Effect]:
    """`publication.cancel`: not posted; the post is offered again."""
    row = own_publication(context, event.ref)
    if row.is_its_writers:
        row.cancel()
        row.share.undo()
    return _shown(context, row)


def by_hand(context: Context, event: Pressed) -> list[Effect]:
    """`publication.by_hand`: the text to take along."""
    row = own_publication(context, event.ref)
    if row.is_its_writers:
        row.cancel()
    return _shown(context, row)


def it_is_there(context: Context, event: Pressed) -> list[Effect]:
    """`publication.there`: its writer has looked."""
    row = own_publication(context, event.ref)
    if row.state == PublicationState.IN_DOUBT:
        row.posted("", "", context.now)
        confirm(context.session, row.share, context.now)
    return _shown(context, row)


def ask_to_delete(context: Context, event: Pressed) -> list[Effect]:
    """`publication.delete`."""
    row = own_publication(context, event.ref)
    if row.state != PublicationState.POSTED or row.post is None:
        return _shown(context, row)
    return [Reply(delete_card(row, context.words))]


def delete(context: Context, event: Pressed) -> list[Effect]:
    """`publication.delete_now`."""
    row = own_publication(context, event.ref)
    if row.state != PublicationState.POSTED or row.post is None:
        return _shown(context, row)
    row.attempts = 0
    row.remove(context.now, context.now)
    return [*_shown(context, row), Publish(row.id)]


def compose(job: Job, asked: ComposeRequest) -> Card | None:
    """The card of a nudge whose publication needs a word, as a message of its own."""
    nudge = nudges.nudge(job.session, asked.subject)
    return current_card(job, nudge) if nudge is not None and asked.person.is_active else None


def arrived(job: Job, arrivals: Sequence[Arrival]) -> list[Effect]:
    """The new message is the one that is kept up to date from now on; the older card says that it goes on below."""
    effects = list[Effect]()
    for arrival in arrivals:
        nudge = nudges.nudge(job.session, arrival.subject)
        if nudge is None:
            continue
        before = (nudge.message, nudge.workspace_id)
        nudges.move(job.session, arrival.subject, arrival.delivery)
        effects += left_behind(nudge, before, further_down_card, job.now)
    return effects


def _good_hour(context: Context) -> datetime:
    person = context.person
    return next_good_hour(context.now, time_zone=person.time_zone, country=person.country)


def _begun(context: Context, row: Publication) -> list[Effect]:
    return [Publish(row.id)] if row.due_at <= context.now else []


def _shown(context: Context, row: Publication) -> list[Effect]:
    if row.share.state == ShareState.UNDONE or row.share.post.state == PostState.RECALLED:
        return [Reply(current_card(context, row.share.nudge))]
    return [Reply(card_of_share(context, row.share))]


def _key(channel: str, now: datetime) -> str:
    """What the network recognises a repeat by."""
    return record_key(now, secrets.randbits(10)) if channel == "bluesky" else secrets.token_hex(16)
