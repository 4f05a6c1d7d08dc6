"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import (
    deliveries,
    employees,
    events,
    lanes,
    links,
    plans,
    posts,
    questions,
    runs,
    seats,
    shares,
    workspaces,
)

FAMILIES = (deliveries, employees, events, lanes, links, plans, posts, questions, runs, seats, shares, workspaces)
