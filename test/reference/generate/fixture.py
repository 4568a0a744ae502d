"""How every generator here writes its JSON: full double precision, one entry a line, size-capped."""

import json
from importlib.metadata import version
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / 'data'
MAX_BYTES = 200 * 1024


def write_fixture(name, programs, description, **sections):
    """Writes data/<name>.json with the versions of the programs that made it.

    Lists among the sections get one line per item, so that a changed value shows as one line.
    """
    header = {
        'description': description,
        'generator': f'test/reference/generate/{name}.py',
        'programs': {program: version(program) for program in programs},
    }
    parts = [f'  {json.dumps(key)}: {json.dumps(value)}' for key, value in header.items()]
    for key, value in sections.items():
        if isinstance(value, list):
            items = ',\n'.join('    ' + _compact(item) for item in value)
            parts.append(f'  {json.dumps(key)}: [\n{items}\n  ]')
        else:
            parts.append(f'  {json.dumps(key)}: {_compact(value)}')
    text = '{\n' + ',\n'.join(parts) + '\n}\n'
    if len(text) > MAX_BYTES:
        raise SystemExit(f'{name}.json would take {len(text)} bytes, more than {MAX_BYTES}')
    (DATA / f'{name}.json').write_text(text, encoding='utf-8')
    print(f'{name}.json: {len(text)} bytes')


def _compact(value):
    return json.dumps(value, separators=(',', ':'), allow_nan=False)
