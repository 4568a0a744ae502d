export type { SelectionAxis, SelectionOptions } from './candidates';
export { cur, curSync } from './cur';
export type { CurOptions, CurSelection } from './cur';
export { farthestPoints, farthestPointsSync } from './farthest-points';
export type { FarthestPoints, FarthestPointsOptions } from './farthest-points';
export {
  leverageScores,
  leverageScoresSync,
  leverageSelection,
  leverageSelectionSync,
} from './leverage';
export type { LeverageOptions, LeverageSelection, LeverageSelectionOptions } from './leverage';
