export { densityReport } from './density';
export { elementMapSvg, elementsReport } from './elements';
export type { ElementMapData } from './charts/element-map';
export { renderReport, writeReport } from './render';
export type {
  ErrorPair,
  LearningCurve,
  LearningCurvePoint,
  LineChartData,
  Pairs,
  PerQuantity,
  Quantity,
  ReportData,
  ReportFact,
  ReportSection,
  SearchData,
  SetCalibration,
  SetErrors,
  SetParity,
} from './data';
export * from './map';
