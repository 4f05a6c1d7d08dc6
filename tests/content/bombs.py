"""Small files that are large, deep or endless once they are read: twenty of each kind that Chorus reads."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

RSS = b"<rss version='2.0'><channel>%b</channel></rss>"
BIG = 900_000


def _html() -> list[bytes]:
    return [
        *(b"<title>x</title>" + tag * (BIG // len(tag)) for tag in (b"<div>", b"<b>", b"<svg>", b"<a ", b"<!--", b"&amp")),
        b"<table><tr><td>" * 60_000,
        b"<p " + b"a=1 " * 220_000,
        b"\x00" * BIG,
        b"<select><option>" * 50_000,
        b"<meta property='og:title' content='" + b"x" * BIG + b"'>",
        b"<meta name=a content=b>" * 40_000,
        b"<p>" + b"word, " * 150_000 + b".</p>",
        b"<p>A sentence that is long enough to count as one. </p>" * 16_000,
        b"<div class=cookie>" * 50_000,
        b"<![CDATA[" * 100_000,
        b"<script>" + b"<" * BIG,
        b"<title>" * 120_000,
        b"<" * BIG,
        "<p>\u202e\u0301".encode() * 150_000,
    ]  # fmt: skip


def _rss() -> list[bytes]:
    item = b"<item><title>%b</title></item>"
    return [
        RSS % (b"<item>" * 140_000),
        RSS % (item % b"x &lt;b&gt;" * 25_000),
        RSS % (item % (b"&lt;div&gt;" * 80_000)),
        b"<!DOCTYPE rss [<!ENTITY a 'b'><!ENTITY c '&a;&a;&a;'>]>" + RSS % b"",
        b"<!-- x --><!DOCTYPE r SYSTEM 'file:///etc/passwd'>" + RSS % b"",
        RSS % (b"<item><link>" + b"x" * BIG + b"</link></item>"),
        RSS % (b"<item><pubDate>" + b"9" * BIG + b"</pubDate></item>"),
        RSS % (b"<item><category>a</category></item>" * 25_000),
        RSS % (b"<item>" + b"<category>a</category>" * 35_000 + b"</item>"),
        RSS % (b"<item xmlns:a='b'>" + b"<a:b/>" * 140_000 + b"</item>"),
        b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry><title>x</title></entry>" * 28_000 + b"</feed>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>" + b"<div>" * 170_000,
        b"<?xml version='1.0' encoding='utf-7'?>" + RSS % (item % b"+ADw-b+AD4-"),
        b"<?xml version='1.0'" + b" a='b'" * 140_000 + b"?>" + RSS % b"",
        RSS % (b"<item " + b"a='b' " * 140_000 + b"/>"),
        RSS % (b"<item><enclosure url='" + b"x" * BIG + b"'/></item>"),
        RSS % (b"<image>" * 120_000),
        RSS % (item % (b"&#x41;" * 140_000)),
        RSS % (item % (b"]]>" * 300_000)),
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>" + b"<item/>" * 120_000,
    ]


def _json() -> list[bytes]:
    items = b'{"items": [%b]}'
    return [
        b'{"items": ' + b"[" * 400_000,
        b'{"a":' * 200_000,
        items % (b'{"url": "https://a.example", "title": "x"},' * 20_000 + b"{}"),
        items % (b"9" * BIG),
        items % (b'"' + b"\\ud800" * 150_000 + b'"'),
        items % (b'{"title": "' + b"x" * BIG + b'"}'),
        items % (b'{"tags": [' + b'"a",' * 200_000 + b'"b"]}'),
        items % (b'{"date_published": "' + b"9" * BIG + b'"}'),
        items % (b'{"content_html": "' + b"<div>" * 170_000 + b'"}'),
        items % (b'{"authors": [' + b"[" * 5000 + b"]" * 5000 + b"]}"),
        items % (b"1e999999," * 90_000 + b"0"),
        items % (b"null," * 170_000 + b"null"),
        items % (b"{}," * 250_000 + b"{}"),
        items % (b"-" * BIG),
        items % b",".join(b'{"k%d": 1}' % number for number in range(60_000)),
        b"{" + b",".join(b'"k%d": 1' % number for number in range(80_000)) + b', "items": []}',
        b'{"items": {"a": ' * 50_000,
        b'{"title": "' + b"\\n" * 400_000 + b'", "items": []}',
        b"{" + b" " * BIG + b'"items": []}',
        items % (b'{"url": "' + b"http://" * 120_000 + b'"}'),
    ]


def _csv() -> list[bytes]:
    return [
        b"email\n" + b'"' * BIG,
        b'email\n"' + b"x" * BIG,
        b"email," * 150_000,
        b"email\n" + b"," * BIG,
        b"email\n" * 150_000,
        b"\n" * BIG,
        b"email\n" + b"a@b.example\n" * 300_000,
        b"\xff\xfe" + b"a\x00" * 400_000,
        b"\x00" * BIG,
        b"email;\r" * 150_000,
        b'"a""' * 220_000,
        b"\xef\xbb\xbf" * 300_000,
        b"e\n" + b"x" * 10_000_000,
        b"e\n" + b'"\n' * 400_000,
        b"e\n" + b";;;;;;;;;;\n" * 90_000,
        b"\r\n" * 400_000 + b"x",
        b"e\n" + b"'" * BIG,
        b"e\n" + "\u2028".encode() * 300_000,
        b"e\n" + b"\x85\x0b\x0c\x1c\x1d\x1e" * 150_000,
        b"e\n" + b"\t" * BIG,
    ]


def _xlsx() -> list[bytes]:
    def archive(parts: dict[str, bytes], level: int = 9) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as opened:
            for name, content in parts.items():
                opened.writestr(name, content)
        return file.getvalue()

    def book(sheet: bytes, strings: bytes = b"<sst/>", workbook: bytes = b"") -> bytes:
        return archive(
            {
                "[Content_Types].xml": b"<Types/>",
                "_rels/.rels": b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'/>",
                "xl/workbook.xml": workbook
                or b"<workbook xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'><sheets>"
                b"<sheet name='a' sheetId='1' r:id='rId1'/></sheets></workbook>",
                "xl/_rels/workbook.xml.rels": b"<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/>"
                b"</Relationships>",
                "xl/worksheets/sheet1.xml": sheet,
                "xl/sharedStrings.xml": strings,
            }
        )

    def lying(content: bytes, said: int) -> bytes:
        """The archive says that it unpacks to less than it does."""
        made = bytearray(archive({"xl/worksheets/sheet1.xml": content}))
        for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            place = made.find(mark) + offset
            made[place : place + 4] = struct.pack("<I", said)
        return bytes(made)

    row = b"<row r='%d'><c r='A%d' t='s'><v>0</v></c></row>"
    return [
        archive({"xl/workbook.xml": b"\x00" * 300_000_000}),
        archive({f"{number}": b"\x00" * 1_000_000 for number in range(300)}),
        archive({f"{number}": b"x" for number in range(5000)}),
        lying(b"\x00" * 50_000_000, 10),
        lying(b"x" * 1000, 0xFFFFFFF0),
        archive({"a.xlsx": archive({"b.xlsx": b"\x00" * 9_000_000})}),
        b"PK\x03\x04" + b"\x00" * BIG,
        b"PK\x03\x04" * 200_000,
        book(b"<worksheet><sheetData>" + b"<row><c><v>1</v></c></row>" * 100_000 + b"</sheetData></worksheet>"),
        book(b"<worksheet><dimension ref='A1:XFD1048576'/><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
             b"</sheetData></worksheet>"),
        book(b"<worksheet><sheetData>" + b"".join(row % (n * 1000, n * 1000) for n in range(1, 1000)) + b"</sheetData></worksheet>",
             b"<sst><si><t>" + b"x" * 9_000_000 + b"</t></si></sst>"),
        book(b"<worksheet>" * 400_000),
        book(b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>"),
        book(b"<worksheet><sheetData><row><c r='" + b"Z" * 500_000 + b"1'><v>1</v></c></row></sheetData></worksheet>"),
        book(b"<worksheet><sheetData>" + b"<row><c t='inlineStr'><is><t>" + b"x" * 40_000_000),
        book(b"", b"<sst>" + b"<si><t>x</t></si>" * 2_000_000 + b"</sst>"),
        book(b"<worksheet/>", workbook=b"<workbook><sheets>" + b"<sheet name='a' sheetId='1'/>" * 200_000 + b"</sheets></workbook>"),
        book(b"<worksheet/>", workbook=b"<workbook/>"),
        archive({"../../../etc/passwd": b"x", "xl/workbook.xml": b"<workbook/>"}),
        archive({"xl/workbook.xml": b"\xff" * 40_000_000}, level=1),
    ]  # fmt: skip


def _png() -> list[bytes]:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def png(width: int, height: int, data: bytes = b"", depth: int = 8, colour: int = 2, more: bytes = b"") -> bytes:
        head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
        body = chunk(b"IDAT", zlib.compress(data, 9)) if data else b""
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + body + chunk(b"IEND", b"")

    gif = b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0xF7, 0, 0) + b"\x00" * 768
    return [
        png(60_000, 60_000, b"\x00" * 1000),
        png(1, 50_000_000, b"\x00"),
        png(2**31 - 1, 2**31 - 1, b"\x00"),
        png(6000, 6000, b"\x00" * (6000 * 3 + 1) * 6000),
        png(6000, 6000, b"\x00" * 100),
        png(1, 1, b"\x00" * 50_000_000),
        png(100, 100, b"\x00" * 30_100, more=chunk(b"zTXt", b"a\x00\x00" + zlib.compress(b"x" * 100_000_000))),
        png(100, 100, b"\x00" * 30_100, more=chunk(b"iCCP", b"a\x00\x00" + zlib.compress(b"x" * 100_000_000))),
        png(100, 100, b"\x00" * 30_100, more=chunk(b"tEXt", b"a\x00b") * 60_000),
        png(5000, 8000, b"\x00" * (5000 * 8 + 1) * 100, depth=16, colour=6),
        png(0, 0),
        b"\x89PNG\r\n\x1a\n" + b"\x00" * BIG,
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31) + b"IDAT",
        gif + b"," + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0) + b"\x08\x00;",
        b"GIF89a" + struct.pack("<HHBBB", 100, 100, 0, 0, 0) + b"!\xf9\x04\x00\x00\x00\x00\x00" * 100_000,
        b"\xff\xd8" + b"\xff\xe1\xff\xff" + b"x" * 65_533 + b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03",
        b"\xff\xd8" + b"\xff\xd8" * 400_000,
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\x00" * 10 + b"\xff" * 6,
        b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"<g>" * 100_000,
        b"%!PS\n" + b"{" * 400_000,
    ]


KINDS: dict[str, tuple[Callable[[], list[bytes]], str, dict[str, object]]] = {
    "HTML": (_html, "page", {"url": "https://a.example/"}),
    "RSS": (_rss, "feed", {}),
    "JSON": (_json, "feed", {"content_type": "application/json"}),
    "CSV": (_csv, "table", {}),
    "XLSX": (_xlsx, "table", {}),
    "PNG": (_png, "picture", {}),
}
