"""Energies and forces of a GAP through quippy: quippy_predict.py STRUCTURES.xyz --model GAP.xml

Prints the time per atom and the errors against the `energy` and `forces` of the structures. Every
run visits each structure once; the first pass, which also loads the model, is not timed.
"""

import measure


def main():
    arguments = measure.parser(__doc__)
    arguments.add_argument('--model', required=True, help='the XML file that gap_fit wrote')
    arguments = arguments.parse_args()
    measure.set_threads(arguments.threads)
    import numpy as np
    from quippy.potential import Potential

    frames = measure.read_frames(arguments.structures)
    energies = [atoms.get_potential_energy() for atoms in frames]
    forces = [atoms.get_forces() for atoms in frames]
    potential = Potential('IP GAP', param_filename=arguments.model)

    def compute():
        results = []
        for atoms in frames:
            atoms.calc = potential
            potential.calculate(atoms, ['energy', 'forces'])
            results.append((potential.results['energy'], potential.results['forces'].copy()))
        return results

    results = compute()
    per_atom = [(energy - reference) / len(atoms)
                for (energy, _), reference, atoms in zip(results, energies, frames)]
    components = np.concatenate([(force - reference).ravel()
                                 for (_, force), reference in zip(results, forces)])
    measure.report(arguments, frames, 'quippy-ase', 'energy and forces', compute,
                   energy=errors(np.array(per_atom)), forces=errors(components))


def errors(differences):
    """eV/atom for energies, eV/Å for the components of forces."""
    return {'mae': float(abs(differences).mean()), 'rmse': float((differences**2).mean() ** 0.5)}


if __name__ == '__main__':
    main()
