#!/usr/bin/env python3
"""Extended XYZ as ASE 3.29.0 reads it.

    extxyz.py                 write the fixtures: data/extxyz/*.xyz and what ase.io.read makes of each, *.json
    extxyz.py --expect FILE   print what ase.io.read makes of FILE
    extxyz.py --check FILE    compare FILE.json, as written by our writer's tests, with ase.io.read(FILE)

Needs ase==3.29.0. The tests themselves need no Python.
"""

import argparse
import json
import sys
from pathlib import Path

import ase
import ase.io
import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data" / "extxyz"


def plain(value):
    """A value as JSON: arrays with kind and shape, numbers that are not finite as text."""
    if isinstance(value, np.ndarray) and value.ndim > 0:
        kind = {"f": "real", "i": "integer", "b": "logical"}.get(value.dtype.kind, "text")
        return {"kind": kind, "shape": list(value.shape), "data": [plain(x) for x in value.ravel().tolist()]}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.item())
    if isinstance(value, list) and value and all(isinstance(x, bool) for x in value):
        return plain(np.array(value))
    if isinstance(value, list):
        return [plain(x) for x in value]
    if isinstance(value, dict):
        return {key: plain(x) for key, x in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return {"real": str(value)}
    return value


def frame(atoms):
    """One frame, with what ASE moved into a calculator put back."""
    info = dict(atoms.info)
    arrays = {k: v for k, v in atoms.arrays.items() if k not in ("numbers", "positions")}
    for key, value in (atoms.calc.results if atoms.calc else {}).items():
        per_atom = isinstance(value, np.ndarray) and value.ndim > 0 and len(value) == len(atoms)
        if key in ("forces", "charges", "magmoms", "energies", "stresses") and per_atom:
            arrays[key] = value
        else:
            info[key] = value
    for constraint in atoms.constraints:
        mask = np.ones(len(atoms), bool)
        mask[constraint.index] = False
        arrays["move_mask"] = mask
    return {
        "numbers": atoms.numbers.tolist(),
        "positions": atoms.positions.ravel().tolist(),
        "cell": atoms.cell[:].ravel().tolist(),
        "pbc": atoms.pbc.tolist(),
        "info": {key: plain(value) for key, value in info.items()},
        "arrays": {key: plain(value) for key, value in arrays.items()},
    }


def expect(path):
    return [frame(atoms) for atoms in ase.io.read(path, index=":", format="extxyz")]


FRAMES = {
    "quoting": r'''
2
Lattice="4.0 0 0 0 4.0 0 0 0 4.0" Properties="species:S:1:pos:R:3" padded="  1.5 -2.25e-3  3 " name=' two words ' energy = -1.5
H 0 0 0
O 0.25 0.5 0.75
1
braces={1 2 3} brackets=[1.0, 2.0, 3.5] commas="1,2,3" single='a "b" c' escaped="say \"hi\"" backslash=a\\b equals=a=b=c "quoted key"=4
He 0 0 0
1
flag another_flag  spaced   =    7 tight=8 mixed="1 T" word=abc joined="a b"c  pbc="T F T" Lattice='1 0 0 0 0 0 0 0 1'
He 0 0 0
1
a plain comment, with words and 1 number
He 0 0 0
1

He 0 0 0
''',
    "values": r'''
1
i=5 plus=+5 negative=-7 zeros=0001 under=1_000 big=4294967296 f=1.0 e=1e3 d=1.0D+00 dot=.5 trail=5. tiny=5e-324 huge=1e400 third=0.3333333333333333 long=0.1000000000000000055511151231257827
Ne 0 0 0
1
nan=nan inf=inf minus=-Infinity nans="nan 1.0" t=T f=F tr=true fa=False up=TRUE no=t flags="T F T" words="T maybe" ints="1 2 3" reals="1 2.5 3" neg="-0 1" negr="-0.0 1"
Ne 0 0 0
1
empty="" last=1.5
Ne 0 0 0
'''.replace('empty="" last=1.5', 'last=1.5 empty=""')
    + r'''1
matrix="1 2 3 4 5 6 7 8 9" stress="1 2 3 4 5 6 7 8 9" virial="1.5 2 3 4 5 6 7 8 9" voigt="1 2 3 4 5 6" uid=123e4 UID=0012 file.name=x Natoms=148 NAME=KURZOO ENERGY=-2265.50029476
Ne 0 0 0
1
j1="_JSON [[1, 2], [3, 4]]" j2="_JSON [[1.0, 2], [3, 4]]" j3="_JSON {\"a\": [1, \"b c\"], \"n\": null}" j4="_JSON [true, false]" j5="_JSON 5" j6="_JSON \"text\"" j7="_JSON [[NaN, 1.0]]" j8="_JSON [\"x\", \"y\"]" j9="_JSON [[[1], [2]], [[3], [4]]]" j10="_JSON [1.5]"
Ne 0 0 0
''',
    "columns": "\n".join([
        "",
        "2",
        "Properties=species:S:1:pos:R:3:forces:R:3:tag:I:1:move:L:1:label:S:2:CS:R:1 energy=-3 pbc=\"F F F\"",
        "S\t0.400497\t4.0721\t9.62423186132\t1e-3\t-2\t.5\t7\tT\ta\tb\t315.89",
        "  H   1.  +2.0  -3   0 0 0  -7  False  c1  d2   -1.5e+2   ",
        "2",
        "Properties=Z:I:1:species:S:1:pos:R:3:mass:R:1:charge:R:1:initial_charges:R:1:masses:R:1",
        "6 C1 0 0 0 12.0 0.5 1 13.0",
        "8 OW 1 1 1 16.0 -0.5 2 16.5",
        "2",
        "Properties=pos:R:3:numbers:I:1:vec:I:3:velo:R:2",
        "0 0 0 92 1 2 3 nan inf",
        "1 1 1 118 4 5 6 1_0.5 -0.0",
        "1",
        "Properties=symbols:S:1:positions:R:3",
        "sI 123456789.123456789 0.1234567890123456789 1234567890123456789e-18",
        "3",
        "plain with more columns",
        "FE 0 0 0 1.0 x",
        "cl 0 0 1",
        "Zn 0 0 2 # comment",
        "",
    ]),
    "lattice": r'''
2
Lattice="0.0 6.644574 0.0 0.0 0.0 6.644574 6.644574 0.0 0.0" Properties=species:S:1:pos:R:3 group="Ta-Mo"
Ta 0 0 0
Mo 1 1 -20
1
Lattice="1 2 3 4 5 6 7 8 10" pbc="T T F"
Mo 0 0 0
1
pbc="F F F" Lattice="50.0 0.0 0.0 0.0 50.0 0.0 0.0 0.0 50.0"
Mo 0 0 0
1
Lattice="3 0 0 0 3 0 0 0 3" pbc=T
Mo 0 0 0
1
Lattice="3 0 0 0 3 0 0 0 3" pbc="1 0 1"
Mo 0 0 0
1
Lattice="3 0 0 0 3 0 0 0 0" pbc=[T, T, F]
Mo 0 0 0
1
pbc=F name=0001.xyz
Mo 0 0 0
''',
    "vectors": """
2
SiC chain, cell as vectors = below
Si 0 0 0
C 0 0 1.9
VEC1 5.0 0.0 0.0
VEC2 0.0 6.0 0.5
1
none here
C 0 0 0
""",
}


def write_fixtures():
    assert ase.__version__ == "3.29.0", f"expected ase 3.29.0, got {ase.__version__}"
    DATA.mkdir(parents=True, exist_ok=True)
    for name, text in FRAMES.items():
        (DATA / f"{name}.xyz").write_text(text.lstrip("\n"), newline="\n")
    (DATA / "crlf.xyz").write_text(FRAMES["columns"].lstrip("\n"), newline="\r\n")
    (DATA / "no-newline.xyz").write_text(FRAMES["lattice"].strip("\n"), newline="\n")
    written_by_ase()
    for path in sorted(DATA.glob("*.xyz")):
        path.with_suffix(".json").write_text(json.dumps(expect(path)) + "\n")
        print(path.name, len(expect(path)), "frames")


def written_by_ase():
    """What ASE's own writer makes of everything it can hold."""
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.constraints import FixAtoms

    rng = np.random.default_rng(0)
    frames = []
    for n in (1, 2, 7):
        atoms = Atoms(rng.integers(1, 119, n), rng.normal(size=(n, 3)) * 10, cell=rng.normal(size=(3, 3)) * 9, pbc=[True, False, True])
        atoms.calc = SinglePointCalculator(atoms, energy=rng.normal() * 1e3, forces=rng.normal(size=(n, 3)), stress=rng.normal(size=6), dipole=rng.normal(size=3))
        atoms.info.update(scalar=np.float64(rng.normal()), count=3, flag=True, name="a name", vector=rng.normal(size=4), ints=np.arange(5), matrix=rng.normal(size=(3, 3)), flags=np.array([True, False]), mixed=[1, "a", None], nested={"a": {"b": [1.5]}}, text='say "hi" [now]', key_only="x")
        atoms.info["virial"] = rng.normal(size=(3, 3))
        atoms.info["with space"] = 1.5
        atoms.new_array("q", rng.normal(size=n))
        atoms.new_array("ids", np.arange(n))
        atoms.new_array("pairs", rng.integers(0, 9, (n, 2)))
        atoms.new_array("on", rng.random(n) > 0.5)
        atoms.new_array("kind", np.array([f"k{i}" for i in range(n)]))
        atoms.set_tags(range(n))
        if n > 1:
            atoms.set_constraint(FixAtoms([0]))
        frames.append(atoms)
    ase.io.write(DATA / "written-by-ase.xyz", frames, format="extxyz")


def check(path):
    theirs = json.loads(json.dumps(expect(path)))
    ours = json.loads(Path(f"{path}.json").read_text())
    for index, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        for part in a.keys() | b.keys():
            if a.get(part) != b.get(part):
                sys.exit(f"{path}: frame {index}: {part}: ASE reads\n{a.get(part)}\nwe read\n{b.get(part)}")
    print(f"{path}: {len(ours)} frames agree")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--expect", metavar="FILE")
    parser.add_argument("--check", metavar="FILE", nargs="+")
    arguments = parser.parse_args()
    if arguments.expect:
        json.dump(expect(arguments.expect), sys.stdout)
    elif arguments.check:
        for file in arguments.check:
            check(file)
    else:
        write_fixtures()
