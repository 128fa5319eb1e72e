#!/usr/bin/python3
"""Writes a C++ file that holds files as they are: embed.py OUTPUT FILE... Called by the build for the dashboard's
files; rec::allAssets() gives them."""
import hashlib
import os
import sys

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
LINE = 24  # octets


def array_of(name, content):
    lines = [", ".join(str(octet) for octet in content[at:at + LINE]) for at in range(0, len(content), LINE)]
    return f"constexpr unsigned char {name}[] = {{\n" + ",\n".join(lines) + "};\n"


def main():
    output, paths = sys.argv[1], sorted(sys.argv[2:], key=os.path.basename)
    arrays, rows = [], []
    for number, path in enumerate(paths):
        with open(path, "rb") as file:
            content = file.read()
        tag = hashlib.sha256(content).hexdigest()[:16]
        arrays.append(array_of(f"kContent{number}", content))
        kind = TYPES[os.path.splitext(path)[1]]
        rows.append(f'    Asset{{"{os.path.basename(path)}", "{kind}", "{tag}", '
                    f'{{reinterpret_cast<const char*>(kContent{number}), sizeof kContent{number}}}}},\n')
    with open(output, "w", encoding="ascii") as file:
        file.write("// The dashboard's files. Made by embed.py.\n#include \"recursor/web/assets.hh\"\n\n#include <array>\n\n"
                   "namespace rec {\nnamespace {\n\n" + "\n".join(arrays) + "\n} // namespace\n\n"
                   f"std::span<const Asset> allAssets() {{\n  static const std::array kAssets{{\n{''.join(rows)}  }};\n"
                   "  return kAssets;\n}\n\n} // namespace rec\n")


if __name__ == "__main__":
    main()
