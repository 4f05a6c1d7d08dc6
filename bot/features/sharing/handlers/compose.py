"""The composer: posts made from a link, from a draft or from nothing, their versions in other languages, and a look at
the nudge before anybody gets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.core.cancellation import cancel_planned
from bot.core.cards import Card, Form, card, text
from bot.core.context import Context, Effect, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Changed, Command, Pressed, Submitted
from bot.core.i18n import languages
from bot.core.refresh_cards import refresh_others
from bot.features.sharing.cards.nudge import repainted, trial_card
from bot.features.sharing.cards.review import decided_card
from bot.features.sharing.domain.draft import Draft, by_hand, draft_in, draft_of
from bot.features.sharing.forms.compose import compose_form
from bot.features.sharing.forms.compose_errors import errors_of, known_post, told_story
from bot.features.sharing.handlers.review import card_of, review_again
from content.addresses import canonical, host_of, validate_url
from content.errors import NotAnAddress
from content.read_results import PictureInfo
from storage.database import Session
from storage.framework import framework
from storage.people import employees, organisation
from storage.sharing import nudges, post_pictures, posts, topic_names
from storage.sharing.nudges import NudgeState
from storage.sharing.posts import Caption, Post, PostState


def start_post(context: Context, event: Command | Pressed) -> list[Effect]:
    """`compose`, with the address of a page or without."""
    said = event.text.strip() if isinstance(event, Command) else ""
    try:
        known = posts.by_canonical_url(context.session, canonical(validate_url(said))) if said else None
    except NotAnAddress:
        known = None
    if known is not None and known.is_undecided:
        return [OpenForm(form_of(context, known))]
    if known is not None:
        return [Reply(card_of(context, known, context.words.t("There’s a post about that page already.")))]
    return [OpenForm(compose_form(context, None, Draft(address=said, language=context.person.language)))]


def edit_post(context: Context, event: Pressed) -> list[Effect]:
    """`review.edit` on a post that waits, `post.edit` on a live one."""
    post = _post(context, event.ref)
    if not is_editable(post):
        return [Reply(decided_card(post, context.words))]
    return [OpenForm(form_of(context, post))]


def add_version(context: Context, event: Pressed) -> list[Effect]:
    """`compose.version`: the same story in a language in which it is not told yet."""
    post = _post(context, event.ref)
    if not is_editable(post):
        return [Reply(card_of(context, post))]
    draft = draft_of_version(context.session, post, context.person.language)
    if draft is None:
        return [Reply(card_of(context, post, context.words.t("It’s there in every language already.")))]
    return [OpenForm(compose_form(context, None, draft))]


def send_trial(context: Context, event: Pressed) -> list[Effect]:
    """`compose.test`: the nudge as people will get it, to the lead alone."""
    post = _post(context, event.ref)
    units = [organisation.unit_by_id(context.session, one) for one in post.units]
    unit = next((one.name for one in units if one is not None), "")
    shown = trial_card(post, words_of(context.person, context.now), context.rules.base_url, unit)
    notice = context.words.t("I’ve sent you the nudge. Nobody else sees it.")
    return [Reply(card_of(context, post, notice)), Send(context.person, f"trial:{event.keys[0]}", shown)]


def redraw_composer(context: Context, event: Changed) -> list[Effect]:
    """`compose` is being filled in: the form as it stands."""
    post = posts.post(context.session, event.ref) if event.ref else None
    return [OpenForm(compose_form(context, post, filled_in(context, post, event.values)))]


def store_post(context: Context, event: Submitted) -> list[Effect]:
    """`compose`: stored as it is, or the form again with what is wrong with it."""
    post = _post(context, event.ref) if event.ref else None
    if post is not None and not is_editable(post):
        return [Reply(card_of(context, post, context.words.t("It can’t be changed any more.")))]
    draft = filled_in(context, post, event.values)
    errors = errors_of(context, post, draft)
    if errors:
        return [OpenForm(compose_form(context, post, draft, errors=errors))]
    is_new = post is None
    if post is None:
        post = _new(context, draft)
    elif draft.is_like(draft_of(post, context.words.language)):
        return [Reply(card_of(context, post))]
    was_for = (post.language, post.units, post.roles, post.interests)
    _write(context, post, draft)
    if post.state == PostState.LIVE and was_for != (post.language, post.units, post.roles, post.interests):
        cancel_planned(context.session, context.now, post_id=post.id, reason="it is for others now")
    if not post.page_read:
        return [Reply(_reading_card(context, post))]
    to_others = [*_to_the_others(context, post), *refresh_others(context, "review", post.id)]
    for nudge in nudges.about(context.session, post.id) if not is_new else []:
        to_others += repainted(nudge) if nudge.state in (NudgeState.SENT, NudgeState.LATER) else []
    told = posts.post(context.session, post.story_id) if post.story_id else None
    if is_new and told is not None and event.message:  # the card that was pressed is another version's
        own = Send(context.person, f"review:{post.id}:{context.person.id}", kind="review", subject=post.id)
        return [Reply(card_of(context, told)), own, *to_others]
    return [Reply(card_of(context, post)), *to_others]


def cancel_composer(context: Context, event: Pressed) -> list[Effect]:
    """`cancel.compose` where the form replaced the card: show the card again."""
    post = posts.post(context.session, event.ref) if event.ref else None
    if post is not None:
        return [Reply(card_of(context, post))]
    sentence = context.words.t("All right, nothing was saved.")
    return [Reply(card(sentence, text(sentence)))]


def draft_of_version(session: Session, post: Post, language: str) -> Draft | None:
    """A new post that tells the story of `post` in `language`, or in another that it lacks. None: it lacks none."""
    told = {one.language for one in posts.versions(session, post)}
    missing = [one for one in (language, *languages()) if one not in told]
    if not missing:
        return None
    return Draft(
        address=post.url,
        video=post.video_url,
        topic=post.topic,
        language=missing[0],
        story=post.story,
        units=tuple(post.units),
        roles=tuple(post.roles),
        interests=tuple(post.interests),
        goal=post.goal,
        activity=post.activity,
        starts=post.embargo_until,
        ends=post.expires_at,
    )


def add_picture(context: Context, post: Post, info: PictureInfo, content: bytes, small: bytes) -> bool:
    """The post's next picture; False where it may not have it. It has no description yet, so a live post is approved
    anew."""
    if not is_editable(post) or len(post.pictures) >= post_pictures.MOST:
        return False
    post_pictures.add(
        context.session,
        post,
        content=content,
        small=small,
        media_type=info.media_type,
        width=info.width,
        height=info.height,
    )
    post.write(context.person)
    if post.state == PostState.LIVE:
        post.undecide()
    return True


def remove_picture(context: Context, post: Post, picture_id: int) -> None:
    found = next((one for one in post.pictures if one.id == picture_id), None)
    if found is None or not is_editable(post):
        return
    post_pictures.remove(context.session, found)
    post.write(context.person)
    if post.state == PostState.LIVE and context.rules.second_approver:
        post.undecide()


def is_editable(post: Post) -> bool:
    return post.is_undecided or post.state == PostState.LIVE


# -- Parts ------------------------------------------------------------------------------------------------


def form_of(context: Context, post: Post) -> Form:
    return compose_form(context, post, draft_of(post, context.words.language), notice=_warning(context, post))


def _warning(context: Context, post: Post) -> str:
    if context.rules.second_approver and post.state == PostState.LIVE:
        return context.words.t("When you save, somebody else on the comms team approves it again.")
    return ""


def filled_in(context: Context, post: Post | None, values: Mapping[str, str]) -> Draft:
    """The post, or a new one, with what was written over it."""
    before = draft_of(post, context.words.language) if post is not None else Draft(language=context.person.language)
    return draft_in(values, before, context.person.time_zone)


def _new(context: Context, draft: Draft) -> Post:
    post = Post(
        url="",
        title="",
        source=context.rules.organisation,
        state=PostState.DRAFT,
        created_at=context.now,
        page_read=bool(draft.title) or not draft.address,
    )
    context.session.add(post)
    told = posts.post(context.session, draft.story) if draft.story else None
    for picture in told.pictures if told is not None else []:  # to be described in the new language
        post_pictures.add(
            context.session,
            post,
            content=picture.content,
            small=picture.small,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
        )
    return post


def _write(context: Context, post: Post, draft: Draft) -> None:
    session, told = context.session, told_story(context.session, draft, post)
    address = validate_url(draft.address) if draft.address else ""
    if address != post.url:
        post.image_url, post.excerpt = None, None  # they were the other page's
        post.source = host_of(address) if address else context.rules.organisation
    known = known_post(session, draft, post)
    post.url, post.canonical_url = address, canonical(address) if address and known is None else None
    post.title, post.summary = draft.title or host_of(address), draft.summary
    post.page_read = post.page_read or bool(draft.title)  # what is missing was written by hand
    post.video_url = validate_url(draft.video) if draft.video else ""
    for one in by_hand(post):
        one.language = draft.language
    post.topic, post.language = topic_names.topic_of(session, draft.topic), draft.language
    post.units, post.roles, post.interests = list(draft.units), list(draft.roles), list(draft.interests)
    post.goal = next((one.id for one in framework.goals(session) if one.id == draft.goal), None)
    post.activity = next((one.id for one in framework.activities(session) if one.id == draft.activity), None)
    post.embargo_until, post.expires_at = draft.starts, draft.ends
    if post.state == PostState.LIVE and draft.ends is None:
        post.end_after(context.now, timedelta(days=context.rules.post_lifetime_days))
    if told is not None:
        post.story_id = told.story
    for picture in post.pictures:
        picture.alt = draft.alts.get(picture.id, picture.alt)
    _store_captions(context, post, draft)
    post.write(context.person)
    if post.state == PostState.LIVE and context.rules.second_approver:
        post.undecide()
    elif post.state == PostState.DRAFT and post.page_read:
        post.send_to_review()
    session.flush()
    session.expire(post, ["topic_names", "captions"])


def _store_captions(context: Context, post: Post, draft: Draft) -> None:
    written = {(one.kind, one.channel): one for one in by_hand(post)}
    for key, words in draft.captions.items():
        kind, _, channel = key.partition("@")
        found = written.get((kind, channel or None))
        if found is not None and not words:
            context.session.delete(found)
        elif found is not None:
            found.text = words
        elif words:
            post.captions.append(Caption(channel=channel or None, language=post.language, kind=kind, text=words))


def _to_the_others(context: Context, post: Post) -> list[Effect]:
    """Where a second person approves, it goes to those who have not written it."""
    if not context.rules.second_approver or not post.is_undecided:
        return []
    leads = [lead for lead in employees.with_role(context.session, "lead") if post.may_be_approved_by(lead)]
    return review_again(context, post, leads)


def _reading_card(context: Context, post: Post) -> Card:
    title = context.words.t("I’m reading the page")
    said = context.words.t("In a moment you’ll get {address} to check and approve.", address=post.url)
    return card(title, text(said))


def _post(context: Context, post_id: int) -> Post:
    post = posts.post(context.session, post_id)
    if post is None:
        raise Gone("That post is gone. Type /chorus {command} to see what’s waiting.", command="review")
    return post
