"""Sharing approved content: nudges, the share itself, approval, suggestions, results, the team."""

from __future__ import annotations

from bot.core.command_info import MessageShortcut
from bot.core.routes import CommandRoute, FeatureRoutes, MessageKind, Route
from bot.features.sharing.handlers import (
    compose,
    feeds,
    nudge,
    offer,
    publish,
    results,
    review,
    share,
    suggest,
    team,
    voices,
)
from bot.features.sharing.jobs import follow_up, plan, posts
from storage.sharing import nudges

ROUTES = FeatureRoutes(
    name="sharing",
    commands={
        "share": CommandRoute(
            handler=offer.show_content,
            help="approved content you can share now",
            button="Find something to share",
            summary="Content that you may share now",
            usage="share",
        ),
        "suggest": CommandRoute(
            handler=suggest.suggest,
            takes_text=True,
            help="suggest a page for colleagues to share: suggest https://…",
            usage="suggest https://…",
            shortcut=MessageShortcut("Suggest to colleagues", "Bring this to the comms team as a suggestion"),
        ),
        "results": CommandRoute(
            handler=results.show_results,
            help="how many readers your shares brought",
            help_for_leads="this week’s results, post by post and channel by channel",
            button="Results",
            summary="What it led to",
            usage="results",
        ),
        "team": CommandRoute(handler=team.show_team, help="how your unit’s shares did together"),
        "review": CommandRoute(
            handler=review.show_review, role="lead", help="content waiting for your approval", button="Review drafts"
        ),
        "compose": CommandRoute(
            handler=compose.start_post,
            takes_text=True,
            role="lead",
            help="write a post for colleagues to share, from a link or from nothing",
            button="New post",
        ),
        "feeds": CommandRoute(
            handler=feeds.show_feeds, role="lead", help="where drafts come from: the feeds that are read"
        ),
        "posts": CommandRoute(
            handler=review.show_live, role="lead", help="what people can share now, and how to withdraw it"
        ),
    },
    presses={
        "nudge.later": Route(handler=nudge.later, preload=nudges.some),
        "nudge.decline": Route(handler=nudge.decline, preload=nudges.some),
        "nudge.because_*": Route(handler=nudge.decline_because, preload=nudges.some),
        "nudge.less": Route(handler=nudge.no_more_of_topic, preload=nudges.some),
        "nudge.more": Route(handler=nudge.topic_again, preload=nudges.some),
        "nudge.back": Route(handler=nudge.back, preload=nudges.some),
        "share.open": Route(handler=share.open_share, preload=nudges.some),
        "share.draft": Route(handler=share.edit_draft, preload=nudges.some),
        "share.pick": Route(handler=offer.pick),
        "share.edit": Route(handler=share.edit_share),
        "share.posted": Route(handler=share.posted),
        "share.not_yet": Route(handler=share.not_yet),
        "share.undo": Route(handler=share.undo),
        "share.where": Route(handler=share.ask_where),
        "publication.show": Route(handler=publish.show),
        "publication.as_planned": Route(handler=publish.as_planned),
        "publication.now": Route(handler=publish.post_now),
        "publication.cancel": Route(handler=publish.cancel),
        "publication.by_hand": Route(handler=publish.by_hand),
        "publication.there": Route(handler=publish.it_is_there),
        "publication.delete": Route(handler=publish.ask_to_delete),
        "publication.delete_now": Route(handler=publish.delete),
        "cancel.share": Route(handler=share.cancel_share),
        "cancel.share_address": Route(handler=share.cancel_address),
        "cancel.question": Route(handler=share.cancel_share),  # the form stood in the place of a nudge's card
        "cancel.suggestion": Route(handler=suggest.cancel_suggestion),
        "review.approve": Route(handler=review.approve_post, role="lead"),
        "review.undo": Route(handler=review.undo_decision, role="lead"),
        "review.edit": Route(handler=compose.edit_post, role="lead"),
        "review.decline": Route(handler=review.ask_why_declined, role="lead"),
        "post.edit": Route(handler=compose.edit_post, role="lead"),
        "compose.test": Route(handler=compose.send_trial, role="lead"),
        "compose.version": Route(handler=compose.add_version, role="lead"),
        "post.recall": Route(handler=review.ask_to_recall, role="lead"),
        "post.recall_now": Route(handler=review.recall, role="lead"),
        "post.put_back": Route(handler=review.ask_to_put_back, role="lead"),
        "post.put_back_now": Route(handler=review.put_back, role="lead"),
        "post.end": Route(handler=review.end_now, role="lead"),
        "post.keep": Route(handler=review.keep_live, role="lead"),
        "cancel.compose": Route(handler=compose.cancel_composer, role="lead"),
        "cancel.post_decline": Route(handler=review.cancel_review, role="lead"),
        "feed.add": Route(handler=feeds.ask_for_feed, role="lead"),
        "feed.stop": Route(handler=feeds.ask_to_stop, role="lead"),
        "feed.stop_now": Route(handler=feeds.stop, role="lead"),
        "cancel.feed": Route(handler=feeds.cancel_feed, role="lead"),
        "voice.draft": Route(handler=voices.draft_captions, role="lead"),
        "voice.show": Route(handler=voices.show_drafts, role="lead"),
        "voice.approve": Route(handler=voices.approve_draft, role="lead"),
        "voice.drop": Route(handler=voices.drop_draft, role="lead"),
        "voice.all": Route(handler=voices.approve_all, role="lead"),
        "team.join": Route(handler=team.join_ranking),
        "team.leave": Route(handler=team.leave_ranking),
        "team.cheer": Route(handler=team.open_cheer),
        "cancel.cheer": Route(handler=team.cancel_cheer),
    },
    forms={
        "share": Route(handler=share.submit_share),
        "share_address": Route(handler=share.submit_address),
        "suggestion": Route(handler=suggest.submit_suggestion),
        "cheer": Route(handler=team.submit_cheer),
        "compose": Route(handler=compose.store_post, role="lead"),
        "feed": Route(handler=feeds.submit_feed, role="lead"),
        "post_decline": Route(handler=review.submit_post_decline, role="lead"),
    },
    changes={
        "share": Route(handler=share.change_share),
        "compose": Route(handler=compose.redraw_composer, role="lead"),
    },
    message_kinds={
        "nudge": MessageKind(
            compose=nudge.compose_nudge,
            compose_many=nudge.compose_prompts,
            preload=nudges.some,
            on_delivered=nudge.nudges_are_out,
            counts_against_budget=True,
        ),
        "publication": MessageKind(compose=publish.compose, on_delivered=publish.arrived),
        "review": MessageKind(compose=review.compose_review),
        "cheer": MessageKind(counts_against_budget=True),
        "voices": MessageKind(),
    },
    on_background_result={"voices": voices.take_voices, "my_way": voices.take_my_way},
    tick_jobs={
        "expire_posts": posts.expire_posts,
        "ask_for_review": posts.ask_for_review,
        "come_back": follow_up.come_back,
        "plan_news": plan.plan_news,
        "tell_of_clicks": follow_up.tell_of_clicks,
    },
    scheduled_jobs={"plan_day": plan.plan_day},
)
