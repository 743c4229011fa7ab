"""Reads the QR codes of pictures of pages with ZXing. Prints for each code: path of the picture, what it holds."""

import sys

import zxingcpp
from PIL import Image

for path in sys.argv[1:]:
    for code in zxingcpp.read_barcodes(Image.open(path)):
        print(path, code.text, sep="\t", flush=True)
