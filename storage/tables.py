"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import demo
from storage.core import events
from storage.delivery import deliveries, rate_limits, worker_leases
from storage.digest import digests, practices
from storage.framework import framework
from storage.jobs import runs
from storage.mentions import listening
from storage.people import employees, workspaces
from storage.pulse import answers, rounds, statements
from storage.questions import knowledge, learning, questions, topics
from storage.sharing import leads, links, nudges, plans, posts, shares
from storage.web import console, webhooks
from storage.workshop import workshops

FAMILIES = (
    answers,
    console,
    deliveries,
    demo,
    digests,
    employees,
    events,
    framework,
    knowledge,
    rate_limits,
    leads,
    learning,
    links,
    listening,
    nudges,
    plans,
    posts,
    practices,
    questions,
    rounds,
    runs,
    worker_leases,
    shares,
    statements,
    topics,
    webhooks,
    workshops,
    workspaces,
)
