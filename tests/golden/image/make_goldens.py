"""Makes the goldens of lib/image with Pillow: python make_goldens.py (Pillow, numpy).

files/        small images of every layout that the tests decode
goldens.bin   what Pillow makes of them, as raw bytes
goldens.json  where in goldens.bin each expectation starts

p3.icc is a real colour profile (CC0, from saucecontrol/Compact-ICC-Profiles) that differs from sRGB, so that a decoder
which applies profiles is caught.
"""
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

HERE = Path(__file__).parent
FILES = HERE / "files"
W, H = 23, 17
rng = np.random.default_rng(20240521)
blob, cases = bytearray(), {"decode": [], "resize": [], "masks": [], "upright": []}


def keep(array):
    at = len(blob)
    blob.extend(np.ascontiguousarray(array, dtype=np.uint8).tobytes())
    return at


def chunk(tag, data):
    return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))


def png(name, rows, colour, depth, extra=b""):
    """A PNG of any colour type and depth; rows are bytes."""
    h, w = H, W
    header = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    (FILES / name).write_bytes(out)


def packed(values, depth):
    bits = "".join(format(int(v), f"0{depth}b") for v in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def bmp(name, bits, data, palette=b"", height=H, masks=b"", gap=b"", header=40):
    if header == 12:
        info = struct.pack("<IHHHH", 12, W, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, W, height, 1, bits, 3 if masks else 0, len(data), 2835, 2835, 0, 0)
        info += masks + bytes(header - 40 - len(masks) if header > 40 else 0)
    start = 14 + len(info) + len(palette) + len(gap)
    head = b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
    (FILES / name).write_bytes(head + info + palette + gap + data)


def lines(rows):
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def tiff(name, array, photometric, order="<", extra=()):
    """An uncompressed TIFF of 8 or 16-bit samples."""
    h, w = array.shape[:2]
    spp = 1 if array.ndim == 2 else array.shape[2]
    bps = array.dtype.itemsize * 8
    data = array.astype(f"{order}u{array.dtype.itemsize}").tobytes()
    tags = sorted([(256, 4, 1, w), (257, 4, 1, h), (258, 3, spp, bps), (259, 3, 1, 1), (262, 3, 1, photometric),
                   (273, 4, 1, 0), (277, 3, 1, spp), (278, 4, 1, h), (279, 4, 1, len(data)), *extra])
    after = 8 + 2 + 12 * len(tags) + 4
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    for tag, kind, count, value in tags:
        if tag == 258 and spp > 2:
            body = struct.pack(f"{order}I", after)
        elif tag == 273:
            body = struct.pack(f"{order}I", after + 2 * spp)
        elif kind == 3:
            body = struct.pack(f"{order}HH", value, value if count == 2 else 0)
        else:
            body = struct.pack(f"{order}I", value)
        out += struct.pack(f"{order}HHI", tag, kind, count) + body
    (FILES / name).write_bytes(out + struct.pack(f"{order}I", 0) + struct.pack(f"{order}{spp}H", *[bps] * spp) + data)


def write_files():
    y, x = np.mgrid[0:H, 0:W]
    noise = rng.integers(0, 25, (H, W))
    rgb = np.stack([x * 8 + noise, y * 10 + 10 * np.sin(x / 3), 128 + 100 * np.sin(x * y / 40)], -1)
    rgb = rgb.clip(0, 255).astype(np.uint8)
    im = Image.fromarray(rgb)
    grey = im.convert("L")
    alpha = Image.fromarray((255 - x * 8).clip(0, 255).astype(np.uint8))
    rgba, la = im.copy(), grey.copy()
    rgba.putalpha(alpha), la.putalpha(alpha)
    g16 = (rgb[..., 0].astype(int) * 257 + rng.integers(-128, 128, (H, W))).clip(0, 65535).astype(np.uint16)
    palette = im.quantize(200)
    profile = (HERE / "p3.icc").read_bytes()
    turned = Image.Exif()
    turned[0x112] = 6

    def save(image, name, **options):
        image.save(FILES / name, **options)

    save(im, "rgb.png"), save(grey, "grey.png"), save(rgba, "rgba.png"), save(la, "grey_alpha.png")
    save(im.convert("1"), "bilevel.png"), save(palette, "palette.png"), save(im.quantize(3), "palette_2bit.png")
    save(palette, "palette_transparency.png", transparency=5)
    save(im, "rgb_transparency.png", transparency=tuple(int(v) for v in rgb[3, 4]))
    save(im, "profile.png", icc_profile=profile), save(im, "exif.png", exif=turned)
    save(im, "animated.png", save_all=True, append_images=[im.rotate(180)])
    save(Image.fromarray(g16), "grey16.png")
    png("grey_2bit.png", [packed(row, 2) for row in rng.integers(0, 4, (H, W))], 0, 2)
    png("grey_4bit.png", [packed(row, 4) for row in rng.integers(0, 16, (H, W))], 0, 4)
    for name, colour, channels in (("rgb16.png", 2, 3), ("rgba16.png", 6, 4)):
        png(name, [row.astype(">u2").tobytes() for row in rng.integers(0, 65536, (H, W * channels))], colour, 16)
    png("gamma.png", [row.tobytes() for row in rgb], 2, 8, chunk(b"gAMA", struct.pack(">I", 100000)))

    for name, subsampling in (("444.jpg", 0), ("422.jpg", 1), ("420.jpg", 2)):
        save(im, name, quality=85, subsampling=subsampling)
    save(grey, "grey.jpg", quality=85), save(im, "progressive.jpg", quality=70, progressive=True)
    save(im, "exif.jpg", quality=90, exif=turned), save(im, "profile.jpg", quality=90, icc_profile=profile)
    save(im.convert("CMYK"), "cmyk.jpg", quality=95)
    (FILES / "a_png.jpg").write_bytes((FILES / "rgb.png").read_bytes())

    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        save(im, f"{compression}.tif", compression=compression)
    save(im.convert("1"), "group4.tif", compression="group4"), save(palette, "palette.tif")
    save(rgba, "rgba.tif"), save(im.convert("CMYK"), "cmyk.tif"), save(im, "exif.tif", exif=turned)
    save(grey, "pages.tif", save_all=True, append_images=[grey.rotate(180)])
    tiff("grey16.tif", g16, 1), tiff("grey16_big_endian.tif", g16, 1, ">"), tiff("white_is_zero.tif", rgb[..., 0], 0)
    tiff("rgb16.tif", rng.integers(0, 65536, (H, W, 3)).astype(np.uint16), 2)

    save(im, "lossless.webp", lossless=True), save(im, "lossy.webp", quality=80)
    save(rgba, "rgba.webp", lossless=True, exact=True)
    save(im, "animated.webp", save_all=True, append_images=[im.rotate(180)], lossless=True)

    save(im, "rgb.bmp"), save(grey, "grey.bmp"), save(palette, "palette.bmp"), save(rgba, "rgba.bmp")
    save(im.convert("1"), "bilevel.bmp")
    colours = b"".join(bytes(rng.integers(0, 256, 3).tolist()) + b"\0" for _ in range(256))
    four = [packed(row, 4) for row in rng.integers(0, 16, (H, W))]
    eight = [row.astype(np.uint8).tobytes() for row in rng.integers(0, 256, (H, W))]
    sixteen = [row.astype("<u2").tobytes() for row in rng.integers(0, 65536, (H, W))]
    full = [row.astype("<u4").tobytes() for row in rng.integers(0, 2**32, (H, W))]
    bmp("palette_4bit.bmp", 4, lines(four), colours[:64]), bmp("top_down.bmp", 8, lines(eight), colours, -H)
    bmp("gap.bmp", 8, lines(eight), colours, gap=b"\xaa" * 20)
    bmp("rgb555.bmp", 16, lines(sixteen)), bmp("rgb565.bmp", 16, lines(sixteen), masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
    bmp("bit_fields.bmp", 32, lines(full), masks=struct.pack("<III", 0xFF0000, 0xFF00, 0xFF))
    bmp("v5.bmp", 32, lines(full), masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000), header=124)
    bmp("os2.bmp", 24, lines([row.tobytes() for row in rgb]), header=12)


def write_refused():
    """Layouts that Pillow reads by clipping, which would be a wrong image."""
    values = rng.integers(0, 255, (H, W))
    Image.fromarray(values.astype(np.float32)).save(FILES / "refused_float.tif")
    Image.fromarray(values.astype(np.int32)).save(FILES / "refused_int32.tif")
    Image.fromarray(values.astype(np.uint8)).save(FILES / "refused.gif")


def read_image(path):
    """As reference/run.py."""
    im = Image.open(path)
    if im.mode.startswith("I;16"):
        im = Image.fromarray((np.asarray(im).astype(np.float64) / 257 + 0.5).astype(np.uint8))
    return im.convert("RGB")


def decode_cases():
    for path in sorted(FILES.iterdir()):
        im = read_image(path)
        cases["decode"].append({"file": path.name, "width": im.width, "height": im.height, "at": keep(im)})


def resize_cases():
    sizes = [((64, 48), (37, 37)), ((40, 56), (17, 61)), ((19, 7), (33, 33)), ((53, 5), (53, 40)), ((1, 1), (4, 3)),
             ((3, 90), (2, 5)), ((64, 64), (21, 64))]
    for (w, h), (to_w, to_h) in sizes:
        source = rng.integers(0, 2, (h, w, 3)) * 255 if w == 64 else rng.integers(0, 256, (h, w, 3))
        im = Image.fromarray(source.astype(np.uint8))
        cases["resize"].append({"width": w, "height": h, "at": keep(im), "toWidth": to_w, "toHeight": to_h,
                                "toAt": keep(im.resize((to_w, to_h), Image.BICUBIC))})


def defective(im):
    """Not black; with shades of grey, at least half of the brightest; up to 31 the values number classes."""
    value = np.asarray(im if im.mode == "I;16" else im.convert("RGB")).astype(int)
    value = value.max(axis=-1) if value.ndim == 3 else value
    if im.mode != "I;16":
        value[np.asarray(im.convert("L")) == 0] = 0
    shades = len(np.unique(value)) > 2 and value.max() > 31
    return (2 * value >= value.max() if shades else value > 0).astype(np.uint8)


def mask_cases():
    shape = np.zeros((40, 60), np.uint8)
    shape[5:17, 8:31] = 1
    shape[25, 40] = 1
    shape[30:33, 50:58] = 1
    levels = shape * rng.integers(1, 256, shape.shape).astype(np.uint8)
    palette = Image.fromarray(shape, "P")
    palette.putpalette([0, 0, 0, 128, 0, 0] + [0] * 762)
    tint = np.dstack([levels // 64, levels // 90, levels])
    masks = {"mask_255.png": Image.fromarray(shape * 255), "mask_levels.png": Image.fromarray(levels),
             "mask_ids.png": Image.fromarray(shape * 3), "mask_palette.png": palette,
             "mask_rgb.png": Image.fromarray(tint), "mask_bilevel.png": Image.fromarray(shape * 255).convert("1"),
             "mask_16bit.png": Image.fromarray(shape.astype(np.uint16) * 7), "mask_levels.bmp": Image.fromarray(levels)}
    for name, im in masks.items():
        im.save(FILES / name)
        lit = defective(Image.open(FILES / name))
        for side in (37, 16, 80):
            resized = Image.fromarray(lit * 255).resize((side, side), Image.BILINEAR)
            cases["masks"].append({"file": name, "width": 60, "height": 40, "at": keep(lit), "side": side,
                                   "toAt": keep(np.asarray(resized) / 255 > 0.5)})


def upright_cases():
    """Images that EXIF turns, in each of the eight ways; also a TIFF with a thumbnail first, and Netpbm."""
    im = Image.fromarray(rng.integers(0, 256, (H, W, 3)).astype(np.uint8))
    files = []
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[274] = turn
        for name, options in ((f"turned_{turn}.png", {}), (f"turned_{turn}.webp", {"lossless": True})):
            im.save(FILES / name, exif=exif, **options)
            files.append(name)
    exif[274] = 6
    im.resize((64, 48)).save(FILES / "turned_6.jpg", quality=95, exif=exif)
    write_thumbnail_first(im)
    grey, deep = im.convert("L"), rng.integers(0, 65536, (H, W)).astype(">u2")
    grey.save(FILES / "grey.pgm")
    im.save(FILES / "rgb.ppm")
    plain = " ".join(str(v) for v in np.asarray(im).ravel())
    (FILES / "text.ppm").write_text(f"P3\n# a comment\n{W} {H}\n255\n{plain}\n")
    (FILES / "deep.pgm").write_bytes(f"P5 {W} {H} 65535\n".encode() + deep.tobytes())
    (FILES / "text.pgm").write_text(f"P2\n{W} {H} 1023\n" + " ".join(str(v % 1024) for v in deep.ravel()))
    for name in [*files, "turned_6.jpg", "thumbnail_first.tif", "grey.pgm", "rgb.ppm", "text.ppm"]:
        upright = im if name == "thumbnail_first.tif" else ImageOps.exif_transpose(Image.open(FILES / name))
        keep_upright(name, upright.convert("RGB"))
    for name, values, white in (("deep.pgm", deep, 65535), ("text.pgm", deep % 1024, 1023)):
        eight = np.floor(values.astype(float) * 255 / white + 0.5).astype(np.uint8)
        keep_upright(name, Image.fromarray(eight).convert("RGB"))


def keep_upright(name, im):
    cases["upright"].append({"file": name, "width": im.width, "height": im.height, "at": keep(im)})


def write_thumbnail_first(im):
    small = im.resize((5, 4))
    small.save(FILES / "thumbnail_first.tif", save_all=True, append_images=[im, im.rotate(180)], tiffinfo={254: 1})
    data = bytearray((FILES / "thumbnail_first.tif").read_bytes())
    at, page = struct.unpack_from("<I", data, 4)[0], 0
    while at:  # Pillow writes NewSubfileType 1 into every page; only the first is reduced.
        count = struct.unpack_from("<H", data, at)[0]
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            if page and struct.unpack_from("<H", data, entry)[0] == 254:
                struct.pack_into("<I", data, entry + 8, 0)
        at, page = struct.unpack_from("<I", data, at + 2 + 12 * count)[0], page + 1
    (FILES / "thumbnail_first.tif").write_bytes(data)


def write_five_channels():
    """A CMYK TIFF with a fifth channel; the first four are what Pillow reads."""
    cmyk = rng.integers(0, 256, (H, W, 4)).astype(np.uint8)
    five = np.dstack([cmyk, rng.integers(0, 256, (H, W)).astype(np.uint8)]).tobytes()
    tags = [(256, 3, 1, W), (257, 3, 1, H), (258, 3, 5, None), (259, 3, 1, 1), (262, 3, 1, 5), (273, 4, 1, None),
            (277, 3, 1, 5), (278, 3, 1, H), (279, 4, 1, len(five)), (284, 3, 1, 1), (338, 3, 1, 0)]
    depths = 8 + 2 + 12 * len(tags) + 4
    out = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    for tag, kind, count, value in tags:
        value = depths if tag == 258 else depths + 10 if tag == 273 else value
        out += struct.pack("<HHII", tag, kind, count, value)
    (FILES / "cmyk_extra.tif").write_bytes(out + struct.pack("<I", 0) + struct.pack("<5H", *[8] * 5) + five)
    keep_upright("cmyk_extra.tif", Image.fromarray(cmyk, "CMYK").convert("RGB"))


shutil.rmtree(FILES, ignore_errors=True)
FILES.mkdir()
write_files()
decode_cases()
resize_cases()
mask_cases()
write_refused()
upright_cases()
write_five_channels()
(HERE / "goldens.bin").write_bytes(blob)
(HERE / "goldens.json").write_text(json.dumps(cases, indent=1) + "\n")
