"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import compatibility, demo
from storage.audit import entries
from storage.core import events, model_budget
from storage.delivery import deliveries, rate_limits, worker_leases
from storage.digest import digests, practices
from storage.framework import framework
from storage.jobs import runs
from storage.mentions import listening
from storage.people import directory_records, directory_rules, employees, places, workspaces
from storage.privacy import erasure
from storage.publishing import accounts, publications
from storage.pulse import comments, privacy_spending, rounds, statements
from storage.questions import knowledge, learning, questions, topics
from storage.rollout import records
from storage.sharing import (
    feeds,
    leads,
    links,
    nudges,
    plans,
    post_pictures,
    posts,
    shares,
    social_channels,
    thumbnails,
    topic_names,
)
from storage.web import api_tokens, console_sessions, sign_in, webhooks
from storage.workshop import workshops

FAMILIES = (
    compatibility,
    *(demo, events, model_budget, runs),
    *(deliveries, rate_limits, worker_leases),
    *(digests, practices, framework, records, workshops),
    *(listening, knowledge, learning, questions, topics),
    entries,
    *(employees, workspaces, directory_records, directory_rules, places),
    *(erasure, comments, privacy_spending, rounds, statements),
    *(accounts, publications),
    *(feeds, leads, links, nudges, plans, post_pictures, posts, shares, social_channels, thumbnails, topic_names),
    *(api_tokens, console_sessions, sign_in, webhooks),
)
