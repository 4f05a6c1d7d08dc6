"""Captions in many voices: drafted by the model server where there is one, approved by a lead before anyone is offered
them; and "say it my way", which makes a caption of a person's own few words."""

from __future__ import annotations

from bot.core.cards import Bold, Button, Card, Element, Heading, Quote, actions, card, text
from bot.core.context import BackgroundRequest, BackgroundResult, Context, Effect, Job, OpenForm, Reply, Send, words_of
from bot.core.errors import Gone
from bot.core.events import Pressed
from bot.core.i18n import Words
from bot.core.ports import Request
from bot.features.sharing.cards.nudge import repainted
from bot.features.sharing.cards.share import moment_card, waiting_form
from bot.features.sharing.forms.share import kind_name, policy_of
from content import captions, voices
from content.channels import KINDS, kind_of
from content.language import spoken_in
from storage.people import employees
from storage.sharing import nudges, posts, social_channels
from storage.sharing.nudges import Nudge
from storage.sharing.posts import Caption, CaptionState
from storage.sharing.posts import Post as Content

SHOWN = 12


def draft_captions(context: Context, event: Pressed) -> list[Effect]:
    """`voice.draft`: have the model server draft captions of the post."""
    post = _post(context, event.ref)
    if not context.rules.model_writes:
        return [Reply(voices_card(post, context.words))]
    return [
        Reply(waiting_card(post, context.words)),
        BackgroundRequest("voices", post.id, request=_request(context, post)),
    ]


def show_drafts(context: Context, event: Pressed) -> list[Effect]:
    """`voice.show`: the drafts of a post."""
    return [Reply(voices_card(_post(context, event.ref), context.words))]


def approve_draft(context: Context, event: Pressed) -> list[Effect]:
    """`voice.approve` on a draft."""
    caption = _caption(context, event.ref)
    caption.approve(by=context.person, now=context.now)
    return _decided(context, caption.post)


def drop_draft(context: Context, event: Pressed) -> list[Effect]:
    """`voice.drop` on a draft."""
    caption = _caption(context, event.ref)
    post = caption.post
    context.session.delete(caption)
    return _decided(context, post)


def approve_all(context: Context, event: Pressed) -> list[Effect]:
    """`voice.all`: every draft of the post."""
    post = _post(context, event.ref)
    for caption in post.captions:
        caption.approve(by=context.person, now=context.now)
    return _decided(context, post)


def _caption(context: Context, caption_id: int) -> Caption:
    found = posts.caption(context.session, caption_id)
    if found is None:
        raise Gone("That draft is gone.")
    return found


def _decided(context: Context, post: Content) -> list[Effect]:
    context.session.flush()
    context.session.expire(post, ["captions"])
    return [Reply(voices_card(post, context.words))]


def take_voices(job: Job, said: BackgroundResult) -> list[Effect]:
    """Show the model's drafts to the leads, or say that there are none."""
    post = posts.post(job.session, said.subject)
    if post is None:
        return []
    source = f"{post.title}. {post.summary}"
    allowed = policy_of(job.session, job.rules, post, channel_of(post))
    found = voices.checked(said.written or "", source, lambda words: not allowed(words))
    for old in [item for item in post.captions if item.state == CaptionState.PROPOSED]:
        job.session.delete(old)
    for voice in found:
        post.captions.append(
            Caption(
                channel=None,
                language=post.language,
                kind=voice.kind,
                text=voice.text,
                tone=voice.tone,
                state=CaptionState.PROPOSED,
            )
        )
    job.session.flush()
    job.session.expire(post, ["captions"])
    when = f"{job.now:%Y%m%d%H%M%S}"
    return [
        Send(
            lead,
            f"voices:{post.id}:{lead.id}:{when}",
            voices_card(post, words_of(lead, job.now)) if found else no_drafts_card(post, words_of(lead, job.now)),
            kind="voices",
        )
        for lead in employees.with_role(job.session, "lead")
    ]


def ask_for_my_way(context: Context, nudge: Nudge, channel: str, own: str) -> list[Effect]:
    """Have the model server make a caption of the person's few words. It comes to the chat; they edit it last."""
    nudge.draft, nudge.draft_channel = own, channel
    kind = kind_of(channel, social_channels.channel(context.session, channel))
    data = voices.about(
        nudge.post.title,
        nudge.post.summary,
        language=context.words.language,
        channel=kind.name,
        max_length=kind.max_length,
        own=own,
    )
    request = Request(voices.TASK_MY_WAY, data, "caption", voices.ONE_SCHEMA)
    return [
        Reply(moment_card(nudge, context.words)),
        OpenForm(waiting_form(nudge, context.words)),
        BackgroundRequest("my_way", nudge.id, request=request),
    ]


def take_my_way(job: Job, said: BackgroundResult) -> list[Effect]:
    """The model's caption if it holds, else one composed of the person's words and the post's title."""
    nudge = nudges.nudge(job.session, said.subject)
    if nudge is None or nudge.draft is None:
        return []
    own = nudge.draft
    source = f"{nudge.post.title}. {nudge.post.summary} {own}"
    nudge.draft = voices.checked_one(said.written or "", source) or composed(job, nudge, nudge.draft_channel or "", own)
    return repainted(nudge)


def composed(context: Context | Job, nudge: Nudge, channel: str, own: str) -> str:
    """Without a model: the person's words, and what the post is about."""
    return captions.my_way(
        own,
        title=nudge.post.title,
        language=spoken_in(own, nudge.post.language),
        channel=kind_of(channel, social_channels.channel(context.session, channel)),
    )


def channel_of(post: Content) -> str:
    """For which channel captions are drafted: the post's first, else LinkedIn, the roomiest of the usual ones."""
    return post.channels[0] if post.channels else "linkedin"


def voices_card(post: Content, words: Words) -> Card:
    title = words.t("Captions for “{title}”", title=post.title)
    proposed = [item for item in post.captions if item.state == CaptionState.PROPOSED]
    body: list[Element] = [Heading(title)]
    if proposed:
        body.append(
            text(
                words.t("AI drafted these from the post’s own text. Nobody is offered one until you approve it."),
                subtle=True,
            )
        )
    for item in proposed[:SHOWN]:
        body += [
            text(Bold(f"{kind_name(item.kind, words)} · {tone_name(item.tone, words)}")),
            Quote(item.text),
            actions(
                Button(words.t("Approve"), "voice.approve", item.id, "primary"),
                Button(words.t("Discard"), "voice.drop", item.id),
            ),
        ]
    approved = sum(item.state == CaptionState.APPROVED for item in post.captions)
    body.append(text(words.n("{count} caption approved.", "{count} captions approved.", approved)))
    if len(proposed) > 1:
        body.append(actions(Button(words.t("Approve all"), "voice.all", post.id)))
    return card(title, *body)


def waiting_card(post: Content, words: Words) -> Card:
    title = words.t("Captions for “{title}”", title=post.title)
    return card(
        title,
        Heading(title),
        text(words.t("I’m drafting. In a moment you’ll get the captions here for your approval.")),
    )


def no_drafts_card(post: Content, words: Words) -> Card:
    title = words.t("Captions for “{title}”", title=post.title)
    said = words.t(
        "None of the drafts matched the post’s own text, so I threw them away. People get starters "
        "made from the title and summary instead."
    )
    return card(title, Heading(title), text(said))


def tone_name(tone: str, words: Words) -> str:
    return {
        "warm": words.t("warm"),
        "factual": words.t("factual"),
        "curious": words.t("curious"),
        "proud": words.t("proud"),
        "brief": words.t("brief"),
    }.get(tone, "–")


def _request(context: Context, post: Content) -> Request:
    channel = channel_of(post)
    kind = kind_of(channel, social_channels.channel(context.session, channel) if channel in KINDS else None)
    data = voices.about(post.title, post.summary, language=post.language, channel=kind.name, max_length=kind.max_length)
    return Request(voices.TASK, data, "captions", voices.SCHEMA)


def _post(context: Context, post_id: int) -> Content:
    post = posts.post(context.session, post_id)
    if post is None:
        raise Gone("That post is gone. Type /chorus {command} to see what’s waiting.", command="review")
    return post
