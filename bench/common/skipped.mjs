/** Thrown by a stage, or a part of it, that cannot be run here; the message says why and what to do. */
export class Skipped extends Error {}
