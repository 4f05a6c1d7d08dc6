"""Every table family, imported so that `Base.metadata` knows them all (migrations need it)."""

from storage import deliveries, employees, events, links, posts, questions, shares, workspaces

FAMILIES = (deliveries, employees, events, links, posts, questions, shares, workspaces)
