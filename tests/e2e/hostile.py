"""Fills a demo's database with hostile text in every field that the console shows: `python -m tests.e2e.hostile FILE`."""

from __future__ import annotations

import sqlite3
import sys
from itertools import cycle, islice, product

PAYLOADS = [
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    '"><script>{}</script>',
    "'><img src=x onerror={}>",
    '<a href="javascript:{}">x</a>',
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<body onload={}>",
    "</title><script>{}</script>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "</textarea><script>{}</script>",
    "<!--><script>{}</script>-->",
    '<math><mi//xlink:href="data:x,<script>{}</script>">',
    "<style>@import'javascript:{}'</style>",
    "{{{{constructor.constructor('{}')()}}}}",
    '<object data="javascript:{}">',
    "<video><source onerror={}>",
    "<marquee onstart={}>",
    "<x onclick={} style=position:fixed>x</x>",
    "</select><script>{}</script>",
    '<form action="javascript:{}"><button>',
    '<meta http-equiv=refresh content="0;javascript:{}">',
    '<link rel=import href="data:text/html,<script>{}</script>">',
    "%3Cscript%3E{}%3C/script%3E",
    "&lt;script&gt;{}&lt;/script&gt;",
    "\\u003cscript\\u003e{}",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<ScRiPt>{}</sCrIpT>",
    "<script/x>{}</script>",
    "<a onmouseover={}>x",
    '<table background="javascript:{}">',
    '<base href="javascript:{}//">',
    "<svg><script>{}</script></svg>",
    "<svg><animate onbegin={} attributeName=x>",
    '<noscript><p title="</noscript><img src=x onerror={}>">',
    "javascript:{}",
    "\u202e<script>{}</script>",
    "<keygen autofocus onfocus={}>",
    '<embed src="javascript:{}">',
]
CALLS = ["alert(1)", "window.hostile=1;alert(1)", "alert`1`;alert(1)", "top.alert(1)", "eval('alert(1)')"]
HOSTILE = [payload.format(call) for payload, call in product(PAYLOADS, CALLS)]  # 200


def main(path: str) -> None:
    with sqlite3.connect(path, timeout=20) as database:
        texts = cycle(HOSTILE)
        columns = database.execute("SELECT id FROM posts ORDER BY id LIMIT 1").fetchone()
        assert columns is not None
        for number, text in enumerate(HOSTILE):
            database.execute(
                "INSERT INTO posts (url, canonical_url, title, summary, source, language, topic, state, channels, priority,"
                " suggestion_note, decline_reason, created_at, page_read) VALUES (?, ?, ?, ?, ?, 'en', ?, ?, '[]', 0, ?, ?,"
                " '2026-11-24 08:00:00.000000', 1)",
                (
                    f"https://h.example/{number}",
                    f"https://h.example/{number}",
                    text,
                    *islice(texts, 3),
                    "in_review" if number < 40 else "declined",
                    *islice(texts, 2),
                ),
            )
        for table, column in (
            ("units", "name"),
            ("employees", "name"),
            ("mentions", "text"),
            ("mentions", "author"),
            ("mentions", "outcome"),
            ("entries", "answer"),
            ("entry_variants", "text"),
            ("goals", "name"),
            ("activities", "name"),
            ("audiences", "name"),
            ("sources", "name"),
            ("need_groups", "name"),
            ("commitments", "text"),
            ("questions", "text"),
            ("framework_changes", "why"),
            ("workspaces", "name"),
            ("channels", "tone"),
        ):
            keys = [row[0] for row in database.execute(f"SELECT rowid FROM {table}")]
            for key, text in zip(keys, texts, strict=False):
                if (table, column) == ("employees", "name") and key <= 6:
                    text = f"Laura {text}"
                database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (f"{text} {key}", key))


if __name__ == "__main__":
    main(sys.argv[1])
