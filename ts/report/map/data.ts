import type { Structure } from '../../structures/structure';
import type { ReportFact } from '../data';

/** A map: points on a plane, each a structure or an atom of one, with what is known of them. */
export interface MapData {
  readonly title: string;
  /** One or two sentences under the title. */
  readonly description?: string | undefined;
  readonly structures: readonly Structure[];
  /** Whether a point is a structure, in their order, or an atom. */
  readonly per: 'structure' | 'atom';
  /** Of points that are atoms: their structure, and which of its atoms they are. */
  readonly atoms?: { readonly structure: Int32Array; readonly atom: Int32Array } | undefined;
  /** Coordinates of the points; the first two are the map. */
  readonly axes: readonly MapProperty[];
  readonly properties: readonly MapProperty[];
  /** Name of the property that colours the points at first. */
  readonly color?: string | undefined;
  /** Joins the points in their order, as the frames of a trajectory; points that are atoms: each atom over its frames. */
  readonly path?: boolean | undefined;
  /** Neighbours of an atom that are drawn with it, Å. Default 4. */
  readonly surroundings?: number | undefined;
  readonly facts?: readonly ReportFact[] | undefined;
}

/** A value of each point; NaN where there is none, which no axis may have. */
export interface MapProperty {
  /** Of its own among axes and properties. */
  readonly name: string;
  readonly unit?: string | undefined;
  /** Whether numbers are those of classes, such as clusters; −1 is none. */
  readonly classes?: boolean | undefined;
  /** What each class is called; without, by its number. */
  readonly names?: Readonly<Record<number, string>> | undefined;
  readonly values: ArrayLike<number>;
}
