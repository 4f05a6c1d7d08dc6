"""The pictures of posts on the console's pages: all from this installation, so that nobody's browser asks the hosts of
posts."""

from __future__ import annotations

from collections.abc import Collection

import regex

from bot.core.context import Context
from storage.sharing import thumbnails
from storage.sharing.posts import Post

FILES = "/playground/static/"  # of the demo: files, whatever is asked of them
NAME = r"[\w-]+\.svg"


def small_pictures(context: Context, posts: Collection[Post]) -> dict[int, str]:
    """Addresses by post, of those that have one: their own picture, else what was made of their page's."""
    made = thumbnails.paths(context.session, [post.id for post in posts if not post.cover])
    found = {post.id: post.own_pictures[0].small_path for post in posts if post.own_pictures} | made
    of_demo = regex.compile(regex.escape(f"{context.rules.base_url}{FILES}") + NAME)
    return found | {
        post.id: post.image_url
        for post in posts
        if post.id not in found and post.image_url and of_demo.fullmatch(post.image_url)
    }
