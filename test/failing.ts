/** An error with these members, for `toThrow`; members may be matchers such as `expect.stringContaining`. */
export function failing(members: Readonly<Record<string, unknown>>): Error {
  return expect.objectContaining(members) as Error;
}
