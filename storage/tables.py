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
    lanes,
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
    seats,
    shares,
    statements,
    topics,
    webhooks,
    workshops,
    workspaces,
)

FAMILIES = (
    answers, console, deliveries, demo, digests, employees, events, framework, knowledge, lanes, leads, learning,
    links, listening, nudges, plans, posts, practices, questions, rounds, runs, seats, shares, statements,
    topics, webhooks, workshops, workspaces,
)  # fmt: skip
