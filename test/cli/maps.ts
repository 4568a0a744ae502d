import { readFileSync } from 'node:fs';

export interface MapResult {
  readonly points: number;
  readonly explained?: readonly number[];
  readonly clusters?: number;
  readonly properties: readonly string[];
}

export interface Chemiscope {
  readonly structures: readonly {
    readonly size: number;
    readonly names: readonly string[];
    readonly x: readonly number[];
  }[];
  readonly properties: Readonly<
    Record<
      string,
      { readonly target: string; readonly values: readonly unknown[]; readonly units?: string }
    >
  >;
  readonly environments?: readonly { readonly structure: number; readonly center: number }[];
  readonly settings: { readonly map: Readonly<Record<string, unknown>> };
}

/** Settings of a small power spectrum, as JSON. */
export const smallSettings = JSON.stringify({
  cutoff: { radius: 3.5 },
  basis: { maxAngular: 3, radial: { count: 3 } },
});

/** The JSON inside a page. */
export function payload(file: string): { readonly [key: string]: unknown } {
  const page = readFileSync(file, 'utf8');
  const [, json] = /<script id="data" type="application\/json">([^]*?)<\/script>/.exec(page)!;
  return JSON.parse(json!) as { [key: string]: unknown };
}

/** Structures of two atoms, of so many elements. */
export function pairs(elements: readonly string[], count: number): string {
  return Array.from({ length: count }, (_, i) =>
    [
      '2',
      `Properties=species:S:1:pos:R:3 energy=${-i} pbc="F F F"`,
      `${elements[(2 * i) % elements.length]} 0 0 0`,
      `${elements[(2 * i + 1) % elements.length]} ${1.5 + 0.1 * i} 0 0\n`,
    ].join('\n'),
  ).join('');
}
