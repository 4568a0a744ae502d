#!/usr/bin/env python3
"""Arrays as NumPy and safetensors write them: data/tensors/*.npy, *.safetensors and their values, values.json.

With --check FOLDER: read what our writers' tests left there. Needs numpy and safetensors.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

DATA = Path(__file__).resolve().parent.parent / "data" / "tensors"

ARRAYS = {
    "f64": np.array([[0.1, -2.5, 1e300], [5e-324, 1 / 3, -0.0]]),
    "f32": np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7,
    "i64": np.array([-(2**62), 0, 2**62 + 1]),
    "i32": np.array([[-7], [8]], dtype=np.int32),
    "u8": np.arange(5, dtype=np.uint8),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(2.5),
}


def plain(array):
    return {"shape": list(array.shape), "data": [str(x) if array.dtype == np.int64 else x for x in array.ravel().tolist()]}


def write():
    DATA.mkdir(parents=True, exist_ok=True)
    for name, array in ARRAYS.items():
        np.save(DATA / f"{name}.npy", array)
    with open(DATA / "version-2.npy", "wb") as file:
        np.lib.format.write_array(file, ARRAYS["f64"], version=(2, 0))
    np.save(DATA / "fortran.npy", np.asfortranarray(ARRAYS["f64"]))
    np.save(DATA / "big-endian.npy", ARRAYS["f64"].astype(">f8"))
    save_file(ARRAYS, DATA / "all.safetensors", metadata={"format": "np", "unit": "Å"})
    values = {name: plain(array) for name, array in ARRAYS.items()}
    (DATA / "values.json").write_text(json.dumps(values) + "\n")


def check(folder):
    found = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    for path in folder.glob("*.safetensors"):
        found.update({f"{path.stem}/{name}": array for name, array in load_file(path).items()})
    for name, array in sorted(found.items()):
        expected = ARRAYS[name.split("/")[-1]]
        assert array.dtype == expected.dtype and array.shape == expected.shape, name
        assert array.tobytes() == expected.tobytes(), name
        print(name, "agrees")


if __name__ == "__main__":
    check(Path(sys.argv[2])) if sys.argv[1:2] == ["--check"] else write()
