"""Pictures from outside, made anew: right way up, small enough for every network, and with nothing in them but the
picture. Called in the reader's process (`content.reading`), for a decoder is not to be trusted with strangers' bytes.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from content.errors import NotAPicture
from content.read_results import PictureInfo

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # by content, whatever the name says
MAX_PIXELS = 40_000_000  # of a JPEG, which is decoded smaller at once
MAX_DECODED = 64_000_000  # bytes of any other: it is decoded whole, and copied once where it is transparent
MAX_SIDE = 1600  # pixels
MAX_BYTES = 950_000  # Bluesky takes 1,000,000
QUALITIES = (88, 78, 65, 50)  # of JPEG, tried in this order
MEDIA_TYPE = "image/jpeg"


def remake(content: bytes, side: int = MAX_SIDE) -> tuple[PictureInfo, bytes]:
    """The picture as JPEG of at most `side` pixels and MAX_BYTES, on white, without metadata. Raises NotAPicture."""
    Image.MAX_IMAGE_PIXELS = None  # the size is checked here, before anything is decoded
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            pixels, channels = opened.width * opened.height, 4 if opened.mode not in ("RGB", "L", "1") else 3
            if pixels > MAX_PIXELS or (opened.format != "JPEG" and pixels * channels > MAX_DECODED):
                raise NotAPicture("it has too many pixels")
            is_still = getattr(opened, "n_frames", 1) == 1
            opened.draft("RGB", (side, side))
            opened.thumbnail((side, side))
            picture = _on_white(ImageOps.exif_transpose(opened))
    except NotAPicture:
        raise
    except Exception as cause:  # a decoder raises whatever it likes
        raise NotAPicture(f"it cannot be read as a picture ({type(cause).__name__})") from cause
    picture.info.clear()  # a comment would be written anew
    for quality in QUALITIES:
        made = _encoded(picture, quality)
        if len(made) <= MAX_BYTES:
            break
    while len(made) > MAX_BYTES:  # noise, or something drawn to be large
        picture = picture.resize((picture.width * 3 // 4 or 1, picture.height * 3 // 4 or 1))
        made = _encoded(picture, QUALITIES[-1])
    return PictureInfo(MEDIA_TYPE, picture.width, picture.height, is_still), made


def _encoded(picture: Image.Image, quality: int) -> bytes:
    into = BytesIO()
    picture.save(into, "JPEG", quality=quality, optimize=True, progressive=True)
    return into.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "L"):
        return picture.convert("RGB")
    whole = picture.convert("RGBA")
    white = Image.new("RGBA", whole.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, whole).convert("RGB")
