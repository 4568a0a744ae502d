"""Pauling electronegativities by mendeleev and likeness of elements by qmllib.

    pip install mendeleev==1.3.0 qmllib==1.2.0 numpy
    python test/reference/generate/alchemy.py

`electronegativities[Z - 1]` belongs to atomic number Z; null where there is none. `cases` hold the
matrix of likeness of some `species` for widths in periods and in groups.
"""

from mendeleev import get_all_elements
from qmllib.utils.alchemy import get_alchemy

from fixture import write_fixture

SPECIES = [
    [1, 2, 6, 7, 8, 9, 16, 17],
    [3, 10, 11, 21, 22, 26, 29, 30, 31, 34, 39, 47, 53],
    [1, 55, 57, 58, 64, 71, 72, 74, 79, 80, 81, 83, 86, 89, 92],
]


def main():
    elements = sorted(get_all_elements(), key=lambda element: element.atomic_number)
    cases = []
    for species in SPECIES:
        for period, group in ((1.6, 1.6), (0.5, 3.0)):
            _, likeness = get_alchemy('periodic-table', emax=100, r_width=period, c_width=group)
            rows = [z - 1 for z in species]
            cases.append({'species': species, 'periodWidth': period, 'groupWidth': group,
                          'values': likeness[rows][:, rows].tolist()})
    write_fixture('alchemy', ['mendeleev', 'qmllib'], 'Electronegativities, likeness of elements.',
                  electronegativities=[element.en_pauling for element in elements], cases=cases)


if __name__ == '__main__':
    main()
