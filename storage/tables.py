"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import (
    answers,
    deliveries,
    employees,
    events,
    lanes,
    links,
    plans,
    posts,
    questions,
    rounds,
    runs,
    seats,
    shares,
    statements,
    workspaces,
)

FAMILIES = (
    answers, deliveries, employees, events, lanes, links, plans, posts, questions, rounds, runs, seats, shares,
    statements, workspaces,
)  # fmt: skip
