"""Pictures from outside: made anew, small, upright, and with nothing in them but the picture."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from random import Random

import pytest
from PIL import Image, PngImagePlugin

from content import pictures
from content.errors import NotAPicture, TooMuch
from content.reading import Reader

SECRET = b"COMSECRET"


def encoded(picture: Image.Image, kind: str, **more: object) -> bytes:
    into = BytesIO()
    picture.save(into, kind, **more)
    return into.getvalue()


def square(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    return Image.new(mode, size, "teal" if mode == "RGB" else 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_becomes_a_small_jpeg(kind: str) -> None:
    info, made = pictures.remake(encoded(square(), kind))
    assert (info.media_type, info.width, info.height) == ("image/jpeg", 60, 40)
    assert Image.open(BytesIO(made)).format == "JPEG"


def test_nothing_but_the_picture() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    for content in (
        encoded(square(), "JPEG", comment=SECRET, exif=exif, icc_profile=SECRET * 20),
        encoded(square(), "PNG", pnginfo=text, exif=exif),
        encoded(square(), "GIF", comment=SECRET),
        encoded(square(), "WEBP", exif=exif, xmp=SECRET),
        encoded(square(), "JPEG") + SECRET,
    ):
        assert SECRET not in pictures.remake(content)[1]


def test_the_right_way_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    info, _made = pictures.remake(encoded(square(), "JPEG", exif=exif))
    assert (info.width, info.height) == (40, 60)


def test_what_is_transparent_is_white() -> None:
    made = pictures.remake(encoded(square("RGBA"), "PNG"))[1]
    assert Image.open(BytesIO(made)).getpixel((5, 5)) == (255, 255, 255)


def test_of_an_animation_the_first() -> None:
    frames = [Image.new("RGB", (20, 20), (number * 50, 0, 0)) for number in range(5)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert not pictures.remake(content)[0].is_still


def test_noise_fits_every_network() -> None:
    noise = Image.frombytes("RGB", (1600, 1600), Random(1).randbytes(1600 * 1600 * 3))
    _info, made = pictures.remake(encoded(noise, "PNG"))
    assert len(made) <= pictures.MAX_BYTES


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is that large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        b"%PDF-1.4",
        bomb(60_000, 60_000),
        bomb(1, 50_000_000),
        encoded(square(), "BMP"),
        encoded(square(), "TIFF"),
        encoded(square(), "PNG")[:50],
        encoded(square(), "JPEG")[:100],
        b"\xff\xd8\xff" * 100_000,
    ],
)
def test_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        pictures.remake(content)


def test_in_a_process_of_its_own() -> None:
    reader = Reader()
    try:
        info, made = reader.picture(encoded(square(), "PNG"))
        assert (info.width, Image.open(BytesIO(made)).size) == (60, (60, 40))
        with pytest.raises((NotAPicture, TooMuch)):
            reader.picture(bomb(6000, 6000))
        assert reader.picture(encoded(square(), "PNG"))[0].height == 40
    finally:
        reader.close()
