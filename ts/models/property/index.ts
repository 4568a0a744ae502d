export type { PropertyConfig, PropertyTerm, ResolvedPropertyConfig } from './config';
export type { PropertyErrors } from './errors';
export { PropertyModel } from './property-model';
export type {
  PropertyEvaluation,
  PropertyPrediction,
  PropertyPredictionOptions,
} from './property-model';
export type { PropertyParts, PropertySummary, PropertyTarget } from './parts';
export type { PropertyTrainOptions } from './train';
