"""Who may do what, written by hand: every entry of the route tables has a row here, or a test fails."""

from __future__ import annotations

# In chat and in the console alike. What is not here does not exist; a lead may do all of it, an owner what everybody may.
OF_LEADS = frozenset(
    f"command {name}" for name in ["review", "compose", "feeds", "posts", "framework", "rollout"]
) | frozenset(
    f"press {name}"
    for name in ["person.edit", "pulse_view.units", "pulse_view.comments", "comment.answer", "comment.take_back", "cancel.comment_answer", "round.open", "round.open_now", "round.close", "round.close_now", "round.publish", "round.publish_now", "round.keep", "round.edit", "cancel.round_publish", "review.approve", "review.undo", "review.edit", "review.decline", "post.edit", "compose.test", "compose.version", "post.recall", "post.recall_now", "post.put_back", "post.put_back_now", "post.end", "post.keep", "cancel.compose", "cancel.post_decline", "feed.add", "feed.stop", "feed.stop_now", "cancel.feed", "voice.draft", "voice.show", "voice.approve", "voice.drop", "voice.all", "workshop.open", "workshop.vote_now", "workshop.groups", "workshop.rename", "workshop.close", "workshop.close_now", "workshop.make", "cancel.workshop_group", "unit.pilot", "unit.pilot_now", "unit.live", "unit.live_now", "unit.paused", "unit.waiting", "unit.waiting_now", "section.*", "part.*", "part_out.*", "part_gone.*", "cancel.part_*", "unit.widen", "unit.dialogue", "unit.incident", "unit.resolved", "cancel.incident", "practice.keep_*", "practice.retire"]
) | frozenset(
    f"form {name}"
    for name in ["person", "round_publish", "comment_answer", "compose", "feed", "post_decline", "workshop_group", "part_*", "incident"]
) | {"change compose"}  # fmt: skip

# Everybody may, on what is theirs: whose it is, each handler asks (test_access.py tries all of them on another's).
OF_EVERYBODY = frozenset(
    f"command {name}".rstrip()
    for name in ["", "help", "home", "topics", "settings", "stop", "start", "pause", "fewer", "usual", "away", "back", "stop-pulse", "start-pulse", "language", "data", "forget", "same-person", "console", "pulse", "accounts", "share", "suggest", "results", "team", "ask", "ask_about", "inbox", "room", "heard", "mentions", "workshop", "goals", "calendar", "handover", "digest", "practices"]
) | frozenset(
    f"press {name}"
    for name in ["settings.nudges_on", "settings.nudges_off", "settings.pause", "settings.fewer", "settings.usual", "settings.all_topics", "settings.as_before", "settings.away", "settings.back", "settings.language_*", "own.ask_to_forget", "own.forget", "same.yes", "same.no", "interest.toggle", "pulse.answer", "pulse.rate_*", "pulse.cant_say", "pulse.keep", "pulse.skip", "pulse.notice", "pulse.erase", "pulse.comment", "pulse.accept", "pulse.refuse", "cancel.pulse_comment", "pulse_view.answers", "account.connect_*", "account.end_*", "cancel.account_*", "nudge.later", "nudge.decline", "nudge.because_*", "nudge.less", "nudge.more", "nudge.back", "share.open", "share.draft", "share.pick", "share.edit", "share.posted", "share.not_yet", "share.undo", "share.where", "publication.show", "publication.as_planned", "publication.now", "publication.cancel", "publication.by_hand", "publication.there", "publication.delete", "publication.delete_now", "cancel.share", "cancel.share_address", "cancel.question", "cancel.suggestion", "team.join", "team.leave", "team.cheer", "cancel.cheer", "question.open", "question.new", "question.show", "question.topic_*", "question.reveal_*", "question.helps", "question.person", "question.different", "question.drop", "question.claim", "question.answer", "question.back", "question.hand_on", "question.decline", "question.rated_yes", "question.rated_no", "question.follow_up", "question.reply", "entry.keep", "entry.review", "entry.edit", "entry.drop", "cancel.question_new", "cancel.question_reply", "cancel.question_follow_up", "cancel.answer", "cancel.question_back", "cancel.question_hand_on", "cancel.question_decline", "cancel.entry", "mention.show", "mention.take", "mention.irrelevant", "mention.reopen", "mention.reply", "mention.tone", "mention.post", "heard", "cancel.heard", "cancel.mention_*", "workshop.join", "workshop.outcome", "workshop.commit", "workshop.need", "workshop.expectation", "workshop.rate_*", "workshop.again", "workshop.vote", "workshop.unvote", "commitment.kept", "commitment.not_kept", "commitment.later", "cancel.workshop_need", "cancel.workshop_expectation", "cancel.commitment", "calendar.address", "calendar.end", "handover", "cancel.handover", "digest.useful_yes", "digest.useful_no", "lesson.*"]
) | frozenset(
    f"form {name}"
    for name in ["pulse_comment", "account_*", "share", "share_address", "suggestion", "cheer", "question", "question_new", "question_reply", "question_follow_up", "question_back", "question_hand_on", "question_decline", "answer", "entry", "heard", "mention_reply", "mention_post", "mention_tone", "workshop_need", "workshop_expectation", "commitment", "handover"]
) | {"change share"}  # fmt: skip

# Of the web server. By who is let in: "anyone"; "link": whoever has an address with a secret in it; "signed": who
# signs with a secret of the platform's or a webhook's; a role of somebody signed in to the console; a scope of a token.
ANYONE, LINK, SIGNED = "anyone", "link", "signed"
WEB = {
    **dict.fromkeys(("GET /", "GET /favicon.ico", "GET /privacy", "GET /healthz", "GET /readyz"), ANYONE),
    **dict.fromkeys(("GET /console/", "GET /console/sign-in", "POST /console/oidc", "GET /console/oidc/back"), ANYONE),
    **dict.fromkeys(("GET /console/static", "GET /o/static", "GET /api/v1/openapi.json"), ANYONE),
    **dict.fromkeys(("GET /slack/install", "GET /slack/oauth_redirect"), ANYONE),  # into a place that belongs
    **dict.fromkeys(("GET /connect/bluesky/client.json",), ANYONE),
    "GET /metrics": "metrics:read",
    **dict.fromkeys(("GET /r/{code}", "GET /charts/{token}.png", "GET /pictures/{key}.jpg"), LINK),
    **dict.fromkeys(("GET /o/{opener}", "GET /o/{opener}/go", "GET /o/{opener}/post"), LINK),
    **dict.fromkeys(("POST /o/{opener}/opened", "POST /o/{opener}/posted"), LINK),
    **dict.fromkeys(("GET /my-data/{token}", "POST /my-data/{token}", "GET /connect/{token}"), LINK),
    **dict.fromkeys(("POST /connect/{token}", "GET /connect/back", "GET /calendar/{secret}.ics"), LINK),
    **dict.fromkeys(("GET /console/in/{token}", "POST /console/in/{token}"), LINK),
    "POST /console/in/{token}/account": LINK,
    **dict.fromkeys(("POST /slack/events", "POST /api/messages"), SIGNED),
    **dict.fromkeys(("POST /hooks/mentions/{source_id}", "POST /hooks/leads"), SIGNED),
    **dict.fromkeys(("GET /console", "GET /console/{name}", "GET /console/{name}/{item}"), "employee"),
    **dict.fromkeys(("POST /console/do", "POST /console/form", "POST /console/out"), "employee"),
    "GET /console/open/{action}/{ref}": "employee",
    "POST /console/again": LINK,  # what somebody wrote before their session ended, sealed for them
    **dict.fromkeys(("GET /console/compose", "GET /console/compose/{post}", "POST /console/compose/{post}"), "lead"),
    **dict.fromkeys(("POST /console/bulk", "GET /console/export/{name}.{ending}"), "lead"),
    **dict.fromkeys(("GET /console/import", "POST /console/import"), "admin"),
    "POST /api/v1/posts": "content:write",
    "POST /api/v1/conversions": "conversions:write",
    **dict.fromkeys(("GET /api/v1/facts", "GET /api/v1/facts/{week}"), "facts:read"),
    "GET /api/v1/exports/{name}.{ending}": "exports:read",
    "GET /api/v1/people": "people:read",
    "* /scim": "directory:write",
}
# The console's pages, by the least role that sees each.
PAGES = {
    **dict.fromkeys(("digests",), "employee"),
    **dict.fromkeys(("", "calendar", "questions", "listening", "pulse", "goals"), "owner"),
    **dict.fromkeys(("library", "rollout", "people", "deliveries", "settings"), "lead"),
    "audit": "admin",
}
