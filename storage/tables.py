"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import (
    answers,
    deliveries,
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
    plans,
    posts,
    questions,
    rounds,
    runs,
    seats,
    shares,
    statements,
    topics,
    workshops,
    workspaces,
)

FAMILIES = (
    answers, deliveries, digests, employees, events, framework, knowledge, lanes, leads, learning, links,
    listening, plans, posts, questions, rounds, runs, seats, shares, statements, topics, workshops, workspaces,
)  # fmt: skip
