/** Units that labels of these names have ([conventions](../../../docs/conventions.md)). */
const conventional: Readonly<Record<string, string>> = {
  energy: 'eV',
  forces: 'eV/Å',
  stress: 'eV/Å³',
  virial: 'eV',
  virials: 'eV',
};

/** The unit of a property: the given one, else that of its name; undefined where nothing says. */
export const unitOf = (name: string, given?: string): string | undefined =>
  given ?? conventional[name];
