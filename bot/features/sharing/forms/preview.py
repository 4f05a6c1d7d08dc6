"""How a post will look in its network, for those who write it and those who share it."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.core.cards import Preview
from bot.core.i18n import Words
from content.addresses import absolute
from content.channels import ChannelKind
from storage.sharing.posts import Post


def preview_of(
    post: Post | None,
    channel: ChannelKind,
    words: Words,
    base_url: str,
    *,
    author: str,
    said: str,
    title: str,
    target: str,
) -> Preview:
    """`said`: the whole text; `target`: where its link leads, "" for none. The pictures are the post's."""
    return Preview(
        label=words.t("How it will look on {channel}", channel=channel.name),
        author=author,
        text=said,
        title=title,
        domain=urlsplit(target).hostname or "",
        picture=(post.image_url or "") if post is not None else "",
        pictures=tuple(absolute(one.small_path, base_url) for one in (post.own_pictures if post is not None else [])),
        empty=words.t("Your words go here."),
        refresh=words.t("Update the preview"),
    )
