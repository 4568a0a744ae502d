/** Items in an order that is always the same (Park and Miller's generator). */
export function shuffled(items) {
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
