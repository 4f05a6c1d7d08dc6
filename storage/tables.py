"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import (
    answers,
    console,
    deliveries,
    demo,
    digests,
    employees,
    events,
    framework,
    knowledge,
    leads,
    learning,
    links,
    listening,
    nudges,
    plans,
    posts,
    practices,
    questions,
    rate_limits,
    rounds,
    runs,
    shares,
    statements,
    topics,
    webhooks,
    worker_leases,
    workshops,
    workspaces,
)

FAMILIES = (
    answers, console, deliveries, demo, digests, employees, events, framework, knowledge, rate_limits, leads, learning,
    links, listening, nudges, plans, posts, practices, questions, rounds, runs, worker_leases, shares, statements,
    topics, webhooks, workshops, workspaces,
)  # fmt: skip
