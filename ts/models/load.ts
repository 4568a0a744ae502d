import { pathOf } from '../common/files';
import type { FilePath } from '../common/files';
import { readModel } from './container';
import { potentialKind, potentialParts } from './file';
import { Potential } from './potential';
import { PropertyModel } from './property';
import { propertyKind, propertyParts } from './property/file';

/** Any model that a file may hold; `kind` tells them apart. */
export type Model = Potential | PropertyModel;

/**
 * Reads a model of any kind.
 *
 * @throws FormatError when the file is damaged, truncated, of a newer format or no model.
 */
export async function loadModel(file: FilePath): Promise<Model> {
  const path = pathOf(file);
  const contents = await readModel(path, [potentialKind, propertyKind]);
  if (contents.kind === propertyKind.kind) {
    return PropertyModel.fromFile(path, propertyParts(contents));
  }
  return Potential.fromFile(path, potentialParts(contents));
}
