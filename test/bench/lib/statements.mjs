/** Counts statements, the same texts together: give `hear` to the host as its `onStatement`. */
export function statementCount() {
  const seen = {
    count: 0,
    texts: new Map(),
    hear: (sql) => {
      seen.count += 1;
      const text = sql
        .replace(/'(?:[^']|'')*'/g, '?')
        .replace(/\b\d+\b/g, '?')
        .replace(/\s+/g, ' ')
        .slice(0, 90);
      seen.texts.set(text, (seen.texts.get(text) ?? 0) + 1);
    },
  };
  return seen;
}
